/** Whether an instance is what a condition asks for. */
import { type Instance, isInstance, isObjectPath, type ObjectPath, type Scalar } from './instance.js';
import { keyValue } from './path.js';
import { type Comparison, type Condition, type PropertyTerm, type Term, termsOf } from './query.js';
import { like } from './query-like.js';
import { queryFault } from './query-tokens.js';
import type { ClassRow } from './rows.js';
import { CLASSES, findClass, findProperty, isA, lineage } from './schema.js';

/** Something with a class and named values: an instance, the object a reference names, an event with what it is about. */
export interface Subject {
  readonly className: string;
  /** By name in any case; undefined is null. */
  value(name: string): Scalar | readonly Scalar[] | Subject | undefined;
}

export function subjectOf({ className, properties }: Instance): Subject {
  return {
    className,
    value(name) {
      const found =
        properties.get(name) ?? properties.get(findProperty(rowOf(className), name)?.name ?? name);
      if (isInstance(found)) return subjectOf(found);
      return isObjectPath(found) ? subjectOfPath(found) : found;
    },
  };
}

const rowOf = (className: string): ClassRow =>
  findClass(className) ?? { name: className, properties: [], about: '' };

/** Of an object that is only named, its keys are known. */
function subjectOfPath(path: ObjectPath): Subject {
  return {
    className: path.className,
    value(name) {
      const found = keyValue(path, name);
      return typeof found === 'object' ? subjectOfPath(found) : found;
    },
  };
}

/**
 * Refuses names of properties that neither the class nor one below it has: a condition on them can only be a slip. Errors:
 * CIM_QUERY.
 */
export function checkNames(
  row: ClassRow,
  condition: Condition | undefined,
  properties: readonly string[] = [],
): void {
  const family = CLASSES.filter((each) => lineage(each).includes(row));
  const paths = [
    ...(condition ? termsOf(condition).map(({ path }) => path) : []),
    ...properties.map((p) => [p]),
  ];
  for (const [name = ''] of paths)
    if (!name.startsWith('__') && !family.some((each) => findProperty(each, name)))
      throw queryFault(`${row.name} has no property ${name}`);
}

/** A condition made ready: patterns are read once. */
export function matcher(condition: Condition | undefined): (subject: Subject) => boolean {
  if (!condition) return () => true;
  const test = compile(condition);
  return (subject) => test(subject) === true;
}

/** Undefined: neither true nor false. */
type Test = (subject: Subject) => boolean | undefined;

function compile(condition: Condition): Test {
  switch (condition.kind) {
    case 'and': {
      const parts = condition.parts.map(compile);
      return (subject) => all(parts.map((part) => part(subject)));
    }
    case 'or': {
      const parts = condition.parts.map(compile);
      return (subject) => negated(all(parts.map((part) => negated(part(subject)))));
    }
    case 'not': {
      const part = compile(condition.part);
      return (subject) => negated(part(subject));
    }
    case 'definite': {
      const part = compile(condition.part);
      return (subject) => part(subject) === true;
    }
    case 'null':
      return (subject) => read(condition.term, subject) === undefined;
    case 'isa':
      return (subject) => {
        const found = condition.term ? read(condition.term, subject) : subject;
        return isSubject(found) && isA(found.className, condition.className);
      };
    case 'like': {
      const fits = like(condition.pattern);
      return (subject) => any(read(condition.term, subject), (value) => fits(String(value)));
    }
    case 'text': {
      const { test, terms } = condition;
      const compare = (a: string, b: string) => (test === 'contains' ? a.includes(b) : a.startsWith(b));
      return (subject) => {
        const [whole, part] = terms.map((term) => valueFor(term, subject));
        return any(whole, (a) => any(part, (b) => compare(String(a), String(b))) === true);
      };
    }
    case 'compare': {
      const { operator, left, right } = condition;
      return (subject) => {
        const [a, b] = [valueFor(left, subject), valueFor(right, subject)];
        return b === undefined ? undefined : any(a, (x) => any(b, (y) => holds(operator, x, y)) === true);
      };
    }
  }
}

const negated = (truth: boolean | undefined) => (truth === undefined ? undefined : !truth);

function all(truths: readonly (boolean | undefined)[]): boolean | undefined {
  if (truths.includes(false)) return false;
  return truths.includes(undefined) ? undefined : true;
}

type Value = ReturnType<Subject['value']>;

const isSubject = (value: Value): value is Subject =>
  typeof value === 'object' && !Array.isArray(value) && 'className' in value;

function valueFor(term: Term, subject: Subject): Value {
  return term.kind === 'literal' ? term.value : read(term, subject);
}

function read({ path, index }: PropertyTerm, subject: Subject): Value {
  let value: Value = subject;
  for (const name of path) {
    if (!isSubject(value)) return undefined;
    value = name.toLowerCase() === '__class' ? value.className : value.value(name);
  }
  return index === undefined || !Array.isArray(value) ? value : (value as readonly Scalar[])[index];
}

/** An array fits when one of its elements does; null is neither true nor false. */
function any(value: Value, fits: (value: Scalar) => boolean): boolean | undefined {
  if (value === undefined) return undefined;
  if (isSubject(value)) return false;
  return (Array.isArray(value) ? (value as readonly Scalar[]) : [value as Scalar]).some(fits);
}

function holds(operator: Comparison, a: Scalar, b: Scalar): boolean {
  const pair = comparable(a, b);
  if (!pair) return operator === '<>';
  const [x, y] = pair;
  const [less, more] = [x < y, x > y];
  switch (operator) {
    case '=':
      return !less && !more;
    case '<>':
      return less || more;
    case '<':
      return less;
    case '>':
      return more;
    case '<=':
      return !more;
    case '>=':
      return !less;
  }
}

/** Two values as two texts or two numbers: a number may be written as text, a boolean as a word or as 1 and 0. */
function comparable(
  a: Scalar,
  b: Scalar,
): readonly [string, string] | readonly [number | bigint, number | bigint] | undefined {
  if (typeof a === 'string' && typeof b === 'string') return [a, b];
  const [x, y] = [numeric(a), numeric(b)];
  return x === undefined || y === undefined ? undefined : [x, y];
}

function numeric(value: Scalar): number | bigint | undefined {
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value !== 'string') return value;
  const clean = value.trim().toLowerCase();
  if (clean === 'true' || clean === 'false') return clean === 'true' ? 1 : 0;
  return /^[+-]?\d+$/.test(clean) ? BigInt(clean.replace('+', '')) : undefined;
}
