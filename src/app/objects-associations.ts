/** Walks along associations: from an object to the associations it is an end of, and on to their other ends. Source: DSP0200 §5.3.2.11-14. */
import { type Instance, isObjectPath, type ObjectPath } from '../cim/instance.js';
import { formatPath, pathOfInstance, sameObject } from '../cim/path.js';
import type { ClassRow, PropertyRow } from '../cim/rows.js';
import { CLASSES, findClass, isA, namespaceName, propertiesOf } from '../cim/schema.js';
import { fail, NwgateError } from '../model/errors.js';
import { printable } from '../model/names.js';
import type { AssociationQuery, Found } from './objects.js';
import { enumerate, extentOf, get } from './objects-read.js';
import type { ObjectWorld } from './objects-world.js';

/** An association found from one of its ends. */
interface Link {
  readonly instance: Instance;
  /** The reference that is the object started from. */
  readonly near: PropertyRow;
}

/** Errors: as `get`, CIM_QUERY. */
export async function* references(
  world: ObjectWorld,
  path: ObjectPath,
  query: Pick<AssociationQuery, 'associationClass' | 'role'>,
): AsyncIterable<Found> {
  const namespace = namespaceName(path.namespace);
  for await (const { instance } of links(world, path, query))
    yield { path: pathOfInstance(namespace, instance), instance };
}

/** Errors: as `get`, CIM_QUERY. */
export async function* associators(
  world: ObjectWorld,
  path: ObjectPath,
  query: AssociationQuery,
): AsyncIterable<Found> {
  const { resultClass, resultRole } = query;
  refuseUnknown(resultClass);
  const read = reader(world);
  for await (const { instance, near } of links(world, path, query, resultClass)) {
    for (const [name, far] of instance.properties) {
      if (name === near.name || !isObjectPath(far) || !sameName(resultRole, name)) continue;
      if (resultClass !== undefined && !isA(far.className, resultClass)) continue;
      const found = await read(far);
      if (found) yield { path: far, instance: found };
    }
  }
}

/** With `towards`, only associations that may lead to objects of that class are read. */
async function* links(
  world: ObjectWorld,
  path: ObjectPath,
  { associationClass, role }: Pick<AssociationQuery, 'associationClass' | 'role'>,
  towards?: string,
): AsyncIterable<Link> {
  refuseUnknown(associationClass);
  const namespace = namespaceName(path.namespace);
  const source = pathOfInstance(namespace, await get(world, path));
  for (const row of associationsIn(namespace)) {
    if (associationClass !== undefined && !isA(row.name, associationClass)) continue;
    for (const near of endsOf(row)) {
      if (!isA(source.className, near.target ?? '') || !sameName(role, near.name)) continue;
      if (towards !== undefined && !leadsTo(row, near, towards)) continue;
      const named = { namespace, className: row.name, keys: new Map([[near.name, source]]) };
      for await (const instance of extentOf(row)(world, named)) {
        const end = instance.properties.get(near.name);
        if (isObjectPath(end) && sameObject(end, source)) yield { instance, near };
      }
    }
  }
}

function associationsIn(namespace: string): readonly ClassRow[] {
  return CLASSES.filter((row) => row.association && row.namespaces?.includes(namespace));
}

const endsOf = (row: ClassRow) => propertiesOf(row).filter(({ type }) => type === 'reference');

function leadsTo(row: ClassRow, near: PropertyRow, className: string): boolean {
  const targets = endsOf(row).flatMap(({ name, target = '' }) => (name === near.name ? [] : [target]));
  return targets.some((target) => isA(target, className) || isA(className, target));
}

const sameName = (wanted: string | undefined, name: string) =>
  wanted === undefined || wanted.toLowerCase() === name.toLowerCase();

function refuseUnknown(className: string | undefined): void {
  if (className !== undefined && !findClass(className))
    throw fail('CIM_QUERY', `there is no class "${printable(className)}"`);
}

/**
 * Reads the objects at the far ends, one by one or, where one costs as much as all of its class, all at once; undefined for
 * one that is gone by now.
 */
function reader(world: ObjectWorld): (path: ObjectPath) => Promise<Instance | undefined> {
  const whole = new Map<string, Promise<ReadonlyMap<string, Instance>>>();
  const oneByOne = async (path: ObjectPath) => {
    try {
      return await get(world, path);
    } catch (error) {
      if (error instanceof NwgateError && error.code === 'INSTANCE_NOT_FOUND') return undefined;
      throw error;
    }
  };
  return async (path) => {
    if (['CIM_FilterList', 'CIM_FilterEntryBase'].some((name) => isA(path.className, name)))
      return oneByOne(path);
    const key = `${path.namespace}:${path.className}`;
    const known = whole.get(key) ?? allByPath(world, path);
    whole.set(key, known);
    return (await known).get(formatPath(path));
  };
}

async function allByPath(
  world: ObjectWorld,
  { namespace, className }: ObjectPath,
): Promise<ReadonlyMap<string, Instance>> {
  const found = new Map<string, Instance>();
  for await (const instance of enumerate(world, namespace, className))
    found.set(formatPath(pathOfInstance(namespace, instance)), instance);
  return found;
}
