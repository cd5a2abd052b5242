/**
 * Filters written in XPath, as far as they are predicates over one instance: `NWG_ARPFilter[Priority < 500]`, `Name = 'x'`,
 * `/n:CIM_FilterList[starts-with(Name, 'web')]/Chain`. Source: XPath 1.0; DSP0226 annex D (levels 1 and 2).
 */
import { COMPARISONS, type Comparison, type Condition, type PropertyTerm, type Term } from './query.js';
import { numberOf, queryFault, Tokens } from './query-tokens.js';
import { findClass } from './schema.js';

export interface XPathFilter {
  /** Class of the path, where the whole filter is one. */
  readonly className: string | undefined;
  readonly where: Condition;
}

/** Errors: CIM_QUERY. */
export function parseXPath(text: string): XPathFilter {
  const tokens = new Tokens(text, 'none');
  const where = either(tokens);
  tokens.end();
  return { className: classIn(where), where };
}

function classIn(condition: Condition): string | undefined {
  if (condition.kind === 'isa' && condition.term === undefined) return condition.className;
  return condition.kind === 'and'
    ? condition.parts.map(classIn).find((name) => name !== undefined)
    : undefined;
}

function either(tokens: Tokens): Condition {
  const parts = [both(tokens)];
  while (tokens.take('or')) parts.push(both(tokens));
  return parts.length === 1 ? parts[0]! : { kind: 'or', parts };
}

function both(tokens: Tokens): Condition {
  const parts = [single(tokens)];
  while (tokens.take('and')) parts.push(single(tokens));
  return parts.length === 1 ? parts[0]! : { kind: 'and', parts };
}

function single(tokens: Tokens): Condition {
  if (tokens.is('(') || (tokens.is('not') && tokens.is('(', 1)))
    return tokens.nested(() => {
      const negative = tokens.take('not');
      tokens.expect('(');
      const inside = either(tokens);
      tokens.expect(')');
      return negative ? { kind: 'not', part: inside } : inside;
    });
  return comparison(tokens);
}

const TESTS = ['contains', 'starts-with'] as const;
const BOOLEANS = ['true', 'false'] as const;

function comparison(tokens: Tokens): Condition {
  const test = TESTS.find((name) => tokens.is(name) && tokens.is('(', 1));
  if (test) return textTest(tokens, test);
  const left = operand(tokens);
  const symbol = tokens.peek().text === '!=' ? '<>' : tokens.peek().text;
  const operator: Comparison | undefined =
    tokens.peek().kind === 'symbol' ? COMPARISONS.find((each) => each === symbol) : undefined;
  if (!operator) return exists(left);
  tokens.next();
  const right = operand(tokens);
  const compared: Condition = { kind: 'compare', operator, left: termOf(left), right: termOf(right) };
  return joined([...left.conditions, ...right.conditions, { kind: 'definite', part: compared }]);
}

function textTest(tokens: Tokens, test: (typeof TESTS)[number]): Condition {
  tokens.next();
  tokens.expect('(');
  const whole = operand(tokens);
  tokens.expect(',');
  const part = operand(tokens);
  tokens.expect(')');
  const compared: Condition = { kind: 'text', test, terms: [termOf(whole), termOf(part)] };
  return joined([...whole.conditions, ...part.conditions, { kind: 'definite', part: compared }]);
}

/** A path or a literal, and what its steps demand. */
interface Operand {
  /** Undefined: the instance itself. */
  readonly term: Term | undefined;
  readonly conditions: readonly Condition[];
}

function termOf({ term }: Operand): Term {
  if (!term) throw queryFault('an instance as a whole is compared with nothing');
  return term;
}

/** A path alone asks whether there is something at its end; a literal says it itself. */
function exists({ term, conditions }: Operand): Condition {
  if (term?.kind === 'literal') {
    if (typeof term.value !== 'boolean') throw queryFault('a condition expected, not a value');
    return term.value ? { kind: 'and', parts: [] } : { kind: 'or', parts: [] };
  }
  const there: readonly Condition[] = term ? [{ kind: 'not', part: { kind: 'null', term } }] : [];
  return joined([...conditions, ...there]);
}

const joined = (parts: readonly Condition[]): Condition =>
  parts.length === 1 ? parts[0]! : { kind: 'and', parts };

function operand(tokens: Tokens): Operand {
  const { kind, text } = tokens.peek();
  if (kind === 'string' || kind === 'number') {
    tokens.next();
    return { term: { kind: 'literal', value: kind === 'string' ? text : numberOf(text) }, conditions: [] };
  }
  const boolean = BOOLEANS.find((name) => tokens.is(name) && tokens.is('(', 1));
  if (boolean) {
    for (const expected of [boolean, '(', ')']) tokens.expect(expected);
    return { term: { kind: 'literal', value: boolean === 'true' }, conditions: [] };
  }
  return path(tokens);
}

function path(tokens: Tokens): Operand {
  const absolute = tokens.take('/') || tokens.take('//');
  const conditions: Condition[] = [];
  let names: readonly string[] = [];
  let index: number | undefined;
  let first = true;
  do {
    if (tokens.is('text') && tokens.is('(', 1)) {
      for (const expected of ['text', '(', ')']) tokens.expect(expected);
      break;
    }
    const step = stepName(tokens);
    // The first name is the instance's element where the path is absolute or the name is a class's.
    const isClass =
      first && step !== undefined && (absolute || step === '*' || findClass(step) !== undefined);
    if (isClass && step !== '*') conditions.push({ kind: 'isa', term: undefined, className: step });
    if (step !== undefined && !isClass) {
      if (step === '*') throw queryFault('* stands for the instance only');
      names = [...names, step];
    }
    first = first && step === undefined;
    index = predicates(tokens, names, conditions) ?? index;
  } while (tokens.take('/'));
  const term: PropertyTerm | undefined =
    names.length === 0 ? undefined : { kind: 'property', path: names, ...(index !== undefined && { index }) };
  return { term, conditions };
}

/** Undefined for `.` and `..`, which stay where they are: above the instance there is nothing but it. */
function stepName(tokens: Tokens): string | undefined {
  if (tokens.take('.') || tokens.take('..')) return undefined;
  if (tokens.take('*')) return '*';
  const name = tokens.name('a step of a path');
  if (tokens.is('(')) throw queryFault(`the function ${name} is not known`);
  return tokens.take(':') ? tokens.name('a name') : name;
}

/** Adds the conditions in brackets behind a step of the instance; answers the index in brackets behind a property's. */
function predicates(tokens: Tokens, names: readonly string[], conditions: Condition[]): number | undefined {
  let index: number | undefined;
  while (tokens.take('[')) {
    if (names.length === 0) conditions.push(tokens.nested(() => either(tokens)));
    else {
      const { kind, text } = tokens.next();
      if (kind !== 'number' || !/^[1-9]\d{0,8}$/.test(text))
        throw queryFault('a property is followed by an index');
      index = Number(text) - 1;
    }
    tokens.expect(']');
  }
  return index;
}
