/** Reading: enumerate a class with its subclasses, get one instance by its keys. */
import type { CimValue, Instance, ObjectPath } from '../cim/instance.js';
import { isObjectPath } from '../cim/instance.js';
import { keyFaults } from '../cim/keys.js';
import { formatPath, sameKey } from '../cim/path.js';
import type { ClassRow } from '../cim/rows.js';
import { extentClasses, namespaceName, servedClass } from '../cim/schema.js';
import { fail } from '../model/errors.js';
import { onceFor } from '../model/once.js';
import { EXTENTS, FROM_FILTERS, ofEveryFilter } from './objects-extents.js';
import type { ObjectWorld } from './objects-world.js';

/** Errors, when the first instance is asked for: CLASS_NOT_FOUND. */
export function enumerate(world: ObjectWorld, namespace: string, className: string): AsyncIterable<Instance> {
  return { [Symbol.asyncIterator]: () => extent(world, namespace, className)[Symbol.asyncIterator]() };
}

function extent(world: ObjectWorld, namespace: string, className: string): AsyncIterable<Instance> {
  const space = namespaceName(namespace);
  const classes = extentClasses(space, servedClass(space, className));
  const inFilters = classes.map(({ name }) => name).filter((name) => name in FROM_FILTERS);
  const extents = classes.flatMap((row) => {
    if (!inFilters.includes(row.name)) return [extentOf(row)(world, undefined)];
    // All that filters hold at once: a filter is not read again for each class.
    return row.name === inFilters[0] ? [ofEveryFilter(world, inFilters)] : [];
  });
  const [first, ...others] = extents;
  // A generator around a generator costs each item as much again.
  return first && others.length === 0 ? first : inTurn(extents);
}

async function* inTurn(extents: readonly AsyncIterable<Instance>[]): AsyncGenerator<Instance> {
  for (const extent of extents) yield* extent;
}

/** Errors: CLASS_NOT_FOUND, CIM_SELECTORS, INSTANCE_NOT_FOUND. */
export async function get(world: ObjectWorld, path: ObjectPath): Promise<Instance> {
  for (const row of classesNamed(path)) {
    for await (const instance of extentOf(row)(world, path)) if (isNamed(instance, path)) return instance;
  }
  throw fail('INSTANCE_NOT_FOUND', `there is no ${formatPath(path)}`);
}

/** The classes an instance of that path may be of. Errors: CLASS_NOT_FOUND, CIM_SELECTORS. */
const classesNamed = onceFor((path: ObjectPath): readonly ClassRow[] => {
  const space = namespaceName(path.namespace);
  const candidates = extentClasses(space, servedClass(space, path.className));
  const fitting = candidates.filter((row) => {
    const { missing, unexpected } = keyFaults(row, path);
    const named = path.keys.size > 0 || candidates.length === 1;
    return named && missing.length === 0 && unexpected.length === 0;
  });
  if (fitting.length === 0) throw wrongKeys(candidates[0]!, path);
  return fitting;
});

/** Where a class's instances come from. */
export function extentOf(row: ClassRow) {
  const extent = EXTENTS[row.name];
  if (!extent) throw fail('INTERNAL', `class ${row.name} has no source`);
  return extent;
}

/** True when every key of the path is the instance's. */
function isNamed(instance: Instance, path: ObjectPath): boolean {
  return [...path.keys].every(([name, wanted]) => {
    const value = propertyOf(instance, name);
    return value !== undefined && sameKey(name, wanted, isObjectPath(value) ? value : String(value));
  });
}

function propertyOf(instance: Instance, name: string): CimValue | undefined {
  // Most clients spell it as the class does.
  const exact = instance.properties.get(name);
  if (exact !== undefined) return exact;
  for (const [each, value] of instance.properties)
    if (each.toLowerCase() === name.toLowerCase()) return value;
  return undefined;
}

function wrongKeys(row: ClassRow, path: ObjectPath) {
  const { missing, unexpected } = keyFaults(row, path);
  const lacking = missing.map((name) => `the key ${name} is missing`);
  const foreign = unexpected.map((name) => `${name} is no key`);
  return fail('CIM_SELECTORS', `${row.name}: ${[...lacking, ...foreign].join(', ')}`);
}
