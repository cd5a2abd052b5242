/** A change of filters and bindings as changes of instances, through the same views that reading goes through. */
import type { InstanceChange } from '../cim/indications.js';
import { type CimValue, type Instance, isInstance, isObjectPath } from '../cim/instance.js';
import { formatPath, pathOfInstance } from '../cim/path.js';
import { classRow, DEFAULT_NAMESPACE } from '../cim/schema.js';
import { appliedFilterList, hosted, networkPort, systemDevice } from '../cim/views.js';
import type { Binding } from '../model/binding.js';
import type { Filter } from '../model/filter.js';
import type { Changed, Replaced } from './changes.js';
import { portView } from './objects-extents.js';
import type { ObjectWorld } from './objects-world.js';
import type { NetworkInterface } from './ports.js';

/**
 * What became of each instance: the gone ones first, then the others; among the gone associations before what they
 * associate, among the others after it. Errors: those of the stylesheets and of `interfaces`.
 */
export async function objectChanges(
  world: ObjectWorld,
  { filters, bindings }: Changed,
): Promise<readonly InstanceChange[]> {
  const found = bindings.size === 0 ? [] : await world.gateway.interfaces();
  const links = new Map(found.map((each) => [each.name, each]));
  const side = async (of: 'before' | 'after') => [
    ...(await inTurn([...filters.values()], (each) => filterInstances(world, each[of]))),
    ...[...bindings].flatMap(([port, each]) => portInstances(world, port, links.get(port), each[of])),
  ];
  return compared(await side('before'), await side('after'));
}

async function filterInstances(world: ObjectWorld, filter: Filter | undefined): Promise<readonly Instance[]> {
  if (!filter) return [];
  const { systemName } = world.options;
  const { list, entries, memberships, nested } = await world.objectsOf(filter);
  return [
    list,
    ...entries.values(),
    ...memberships,
    ...nested,
    hosted('NWG_HostedFilterList', systemName, list),
    ...[...entries.values()].map((entry) => hosted('NWG_HostedFilterEntry', systemName, entry)),
  ];
}

/** An interface is a port while it is bound or belongs to a bridge. */
function portInstances(
  { options: { systemName } }: ObjectWorld,
  name: string,
  link: NetworkInterface | undefined,
  binding: Binding | undefined,
): readonly Instance[] {
  const isPort = binding !== undefined || link?.bridge !== undefined;
  return [
    ...(isPort
      ? [networkPort(systemName, portView(name, link, binding)), systemDevice(systemName, name)]
      : []),
    ...(binding ? [appliedFilterList(systemName, binding)] : []),
  ];
}

function compared(before: readonly Instance[], after: readonly Instance[]): readonly InstanceChange[] {
  const [old, now] = [byPath(before), byPath(after)];
  const gone = [...old].flatMap(([path, each]): InstanceChange[] =>
    now.has(path) ? [] : [{ before: each, after: undefined }],
  );
  const others = [...now].flatMap(([path, each]): InstanceChange[] => {
    const was = old.get(path);
    return was && sameValues(was, each) ? [] : [{ before: was, after: each }];
  });
  return [...inOrder(gone, 'before').reverse(), ...inOrder(others, 'after')];
}

/** Two references from one filter to the same other share their path: the first stands for both, as in reading. */
function byPath(instances: readonly Instance[]): ReadonlyMap<string, Instance> {
  const all = new Map<string, Instance>();
  for (const each of instances) {
    const path = formatPath(pathOfInstance(DEFAULT_NAMESPACE, each));
    if (!all.has(path)) all.set(path, each);
  }
  return all;
}

function inOrder(changes: readonly InstanceChange[], side: keyof InstanceChange): InstanceChange[] {
  const associates = (change: InstanceChange) => classRow(change[side]?.className ?? '').association === true;
  return [...changes.filter((each) => !associates(each)), ...changes.filter(associates)];
}

function sameValues(a: Instance, b: Instance): boolean {
  return (
    a.className === b.className &&
    a.properties.size === b.properties.size &&
    [...a.properties].every(([name, value]) => valueText(value) === valueText(b.properties.get(name)))
  );
}

function valueText(value: CimValue | undefined): string {
  if (isObjectPath(value)) return formatPath(value);
  if (value === undefined || isInstance(value)) return '';
  return JSON.stringify(value, (_, each) => (typeof each === 'bigint' ? String(each) : each));
}

async function inTurn<T, R>(
  items: readonly Replaced<T>[],
  work: (item: Replaced<T>) => Promise<readonly R[]>,
): Promise<R[]> {
  const results: R[] = [];
  for (const item of items) results.push(...(await work(item)));
  return results;
}
