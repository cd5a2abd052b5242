/** Reading: enumerate a class with its subclasses, get one instance by its keys. */
import type { CimValue, Instance, ObjectPath } from '../cim/instance.js';
import { isObjectPath } from '../cim/instance.js';
import { formatPath, keyValue, sameKey } from '../cim/path.js';
import type { ClassRow } from '../cim/rows.js';
import { extentClasses, findProperty, keysOf, namespaceName, servedClass } from '../cim/schema.js';
import { fail } from '../model/errors.js';
import { EXTENTS } from './objects-extents.js';
import type { ObjectWorld } from './objects-world.js';

/** Classes with one instance: its keys may be left out. */
const SINGLETONS = ['NWG_FilterService', 'NWG_HostSystem', 'CIM_RegisteredProfile'];

export async function* enumerate(
  world: ObjectWorld,
  namespace: string,
  className: string,
): AsyncIterable<Instance> {
  const space = namespaceName(namespace);
  for (const row of extentClasses(space, servedClass(space, className))) {
    yield* extentOf(row)(world, undefined);
  }
}

/** Errors: CLASS_NOT_FOUND, CIM_SELECTORS, INSTANCE_NOT_FOUND. */
export async function get(world: ObjectWorld, path: ObjectPath): Promise<Instance> {
  const space = namespaceName(path.namespace);
  const candidates = extentClasses(space, servedClass(space, path.className));
  const fitting = candidates.filter((row) => {
    const optional = candidates.length === 1 && SINGLETONS.includes(row.name);
    return strangers(row, path).length === 0 && (optional || missing(row, path).length === 0);
  });
  if (fitting.length === 0) throw wrongKeys(candidates[0]!, path);
  for (const row of fitting) {
    for await (const instance of extentOf(row)(world, path)) if (isNamed(instance, path)) return instance;
  }
  throw fail('INSTANCE_NOT_FOUND', `there is no ${formatPath(path)}`);
}

function extentOf(row: ClassRow) {
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
  for (const [each, value] of instance.properties)
    if (each.toLowerCase() === name.toLowerCase()) return value;
  return undefined;
}

function missing(row: ClassRow, path: ObjectPath): readonly string[] {
  return keysOf(row)
    .map(({ name }) => name)
    .filter((name) => keyValue(path, name) === undefined);
}

function strangers(row: ClassRow, path: ObjectPath): readonly string[] {
  return [...path.keys.keys()].filter((name) => !findProperty(row, name)?.key);
}

function wrongKeys(row: ClassRow, path: ObjectPath) {
  const lacking = missing(row, path).map((name) => `the key ${name} is missing`);
  const foreign = strangers(row, path).map((name) => `${name} is no key`);
  return fail('CIM_SELECTORS', `${row.name}: ${[...lacking, ...foreign].join(', ')}`);
}
