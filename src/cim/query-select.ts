/**
 * SELECT statements of WQL and CQL, as far as both say the same: one class, a list of its properties, a condition. Source:
 * DSP0202 §5; Microsoft's WQL, "SELECT Statement for Data Queries".
 */
import {
  COMPARISONS,
  type Comparison,
  type Condition,
  type PropertyTerm,
  type Select,
  type Term,
} from './query.js';
import { numberOf, queryFault, Tokens } from './query-tokens.js';

/** `SELECT Name, Action FROM NWG_ARPFilter WHERE Priority < 500 AND Name LIKE 'web%'`. Errors: CIM_QUERY. */
export function parseSelect(text: string): Select {
  const tokens = new Tokens(text, 'sql');
  tokens.expect('SELECT');
  const wanted = selectList(tokens);
  tokens.expect('FROM');
  const className = tokens.name('a class');
  tokens.take('AS');
  const alias = tokens.peek().kind === 'name' && !tokens.is('WHERE') ? tokens.next().text : undefined;
  const own = [className, ...(alias === undefined ? [] : [alias])].map((name) => name.toLowerCase());
  const where = tokens.take('WHERE') ? either({ tokens, own }) : undefined;
  tokens.end();
  const properties = wanted.map((path) => propertyName(path, own));
  return { className, where, properties: properties.includes('*') ? undefined : properties };
}

/** Paths of names; `*` stands for all. */
function selectList(tokens: Tokens): readonly (readonly string[])[] {
  const list: string[][] = [];
  do {
    const path = [tokens.take('*') ? '*' : tokens.name('a property')];
    while (tokens.take('.')) path.push(tokens.take('*') ? '*' : tokens.name('a property'));
    list.push(path);
  } while (tokens.take(','));
  return list;
}

function propertyName(path: readonly string[], own: readonly string[]): string {
  const [name, ...more] = withoutOwner(path, own);
  if (name === undefined || more.length > 0) throw queryFault(`${path.join('.')} is no property`);
  return name;
}

/** The class or its alias in front says nothing new. */
function withoutOwner(path: readonly string[], own: readonly string[]): readonly string[] {
  return path.length > 1 && own.includes(path[0]!.toLowerCase()) ? path.slice(1) : path;
}

interface Reading {
  readonly tokens: Tokens;
  /** The class and its alias, in lower case. */
  readonly own: readonly string[];
}

function either(reading: Reading): Condition {
  const parts = [both(reading)];
  while (reading.tokens.take('OR')) parts.push(both(reading));
  return parts.length === 1 ? parts[0]! : { kind: 'or', parts };
}

function both(reading: Reading): Condition {
  const parts = [single(reading)];
  while (reading.tokens.take('AND')) parts.push(single(reading));
  return parts.length === 1 ? parts[0]! : { kind: 'and', parts };
}

function single(reading: Reading): Condition {
  const { tokens } = reading;
  if (tokens.take('NOT')) return tokens.nested(() => ({ kind: 'not', part: single(reading) }));
  if (!tokens.is('(')) return predicate(reading);
  return tokens.nested(() => {
    tokens.expect('(');
    const inside = either(reading);
    tokens.expect(')');
    return inside;
  });
}

function predicate(reading: Reading): Condition {
  const { tokens, own } = reading;
  // `__Class ISA 'X'` and `<class> ISA X` are about the instance itself.
  const itself = tokens.peek().kind === 'name' && own.includes(tokens.peek().text.toLowerCase());
  if (itself && tokens.is('ISA', 1)) {
    tokens.next();
    return isa(tokens, undefined);
  }
  const left = term(reading);
  if (tokens.is('ISA') || tokens.is('LIKE') || tokens.is('IS') || tokens.is('NOT')) {
    if (left === null || left.kind !== 'property') throw tokens.unexpected('a comparison');
    return aboutProperty(tokens, left);
  }
  const symbol = tokens.peek().text === '!=' ? '<>' : tokens.peek().text;
  const operator = COMPARISONS.find((each) => each === symbol);
  if (!operator) throw tokens.unexpected('a comparison');
  tokens.next();
  return comparison(operator, left, term(reading));
}

function aboutProperty(tokens: Tokens, left: PropertyTerm): Condition {
  if (tokens.is('ISA')) return isa(tokens, left);
  if (tokens.take('IS')) {
    const negative = tokens.take('NOT');
    tokens.expect('NULL');
    const test: Condition = { kind: 'null', term: left };
    return negative ? { kind: 'not', part: test } : test;
  }
  const negative = tokens.take('NOT');
  tokens.expect('LIKE');
  if (tokens.peek().kind !== 'string') throw tokens.unexpected('a pattern');
  const test: Condition = { kind: 'like', term: left, pattern: tokens.next().text };
  return negative ? { kind: 'not', part: test } : test;
}

function isa(tokens: Tokens, left: PropertyTerm | undefined): Condition {
  tokens.expect('ISA');
  const className = tokens.peek().kind === 'string' ? tokens.next().text : tokens.name('a class');
  return { kind: 'isa', term: left, className };
}

/** `= NULL` is written for IS NULL. */
function comparison(operator: Comparison, left: Term | null, right: Term | null): Condition {
  if (left !== null && right !== null) return { kind: 'compare', operator, left, right };
  const other = left ?? right;
  if (other?.kind !== 'property' || (operator !== '=' && operator !== '<>'))
    throw queryFault('NULL is compared with a property by = or <>');
  const test: Condition = { kind: 'null', term: other };
  return operator === '=' ? test : { kind: 'not', part: test };
}

/** A property, a literal, or null for NULL. */
function term({ tokens, own }: Reading): Term | null {
  const { kind, text } = tokens.peek();
  if (kind === 'string') {
    tokens.next();
    return { kind: 'literal', value: text };
  }
  if (kind === 'number') {
    tokens.next();
    return { kind: 'literal', value: numberOf(text) };
  }
  if (tokens.take('NULL')) return null;
  if (tokens.take('TRUE')) return { kind: 'literal', value: true };
  if (tokens.take('FALSE')) return { kind: 'literal', value: false };
  const path = [tokens.name('a property or a value')];
  while (tokens.take('.')) path.push(tokens.name('a property'));
  const property: PropertyTerm = { kind: 'property', path: withoutOwner(path, own) };
  return tokens.take('[') ? { ...property, index: index(tokens) } : property;
}

function index(tokens: Tokens): number {
  const { kind, text } = tokens.peek();
  if (kind !== 'number' || !/^\d{1,9}$/.test(text)) throw tokens.unexpected('an index');
  tokens.next();
  tokens.expect(']');
  return Number(text);
}
