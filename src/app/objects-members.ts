/** Writing the associations inside filters: the place of an entry in its list, references to other filters. */
import { type CimValue, type Instance, isObjectPath, type ObjectPath } from '../cim/instance.js';
import { keyValue, pathOfInstance, sameObject } from '../cim/path.js';
import { classRow, DEFAULT_NAMESPACE, isA } from '../cim/schema.js';
import { instance, listPath } from '../cim/views.js';
import type { Caller } from '../model/caller.js';
import { fail } from '../model/errors.js';
import type { Entry, FilterRef } from '../model/filter.js';
import { printable } from '../model/names.js';
import { demand } from './access.js';
import { refuseOthers, refuseStale, replacement } from './objects-check.js';
import { locate } from './objects-entries.js';
import { parameterPairs } from './objects-parameters.js';
import { type ObjectWorld, replaceEntries, storedFilter } from './objects-world.js';

const REFERENCE_PROPERTIES = ['RefIndex', 'ParameterNames', 'ParameterValues'];

/** Moves an entry to RuleIndex. Errors: ACCESS_DENIED, READ_ONLY, CIM_PROPERTY, STALE. */
export async function moveEntry(
  world: ObjectWorld,
  existing: Instance,
  wanted: Instance,
  by: Caller,
): Promise<void> {
  demand(by, 'putFilters');
  const index = replacement(existing, wanted, ['RuleIndex']).properties.get('RuleIndex');
  const { position, ...stored } = locate(world, nameOf(existing, 'PartComponent'));
  const filter = stored.value;
  refuseStale(wanted, sameAs(existing, (await world.objectsOf(filter)).memberships));
  const others = filter.entries.toSpliced(position, 1);
  const entries = inserted(others, filter.entries[position]!, index ?? BigInt(position), 'RuleIndex');
  await replaceEntries(world, stored, entries, by);
}

/** An entry is in its list from its creation: there is nothing to create. Errors: EXISTS, READ_ONLY, INSTANCE_NOT_FOUND. */
export async function createMembership(world: ObjectWorld, wanted: Instance, by: Caller): Promise<never> {
  demand(by, 'putFilters');
  const { value: filter } = locate(world, nameOf(wanted, 'PartComponent'));
  const list = nameOf(wanted, 'GroupComponent');
  throw filter.name === list
    ? fail('EXISTS', `the entry is in the list ${printable(list)} already`)
    : fail('READ_ONLY', `an entry stays in its list, ${filter.name}: create it in ${printable(list)}`);
}

/** Errors: ACCESS_DENIED, CIM_PROPERTY, REF_MISSING, REF_LOOP, EXISTS, STALE. */
export async function createReference(world: ObjectWorld, wanted: Instance, by: Caller): Promise<ObjectPath> {
  demand(by, 'putFilters');
  refuseOthers(classRow('NWG_NestedFilterList'), wanted, REFERENCE_PROPERTIES);
  const target = nameOf(wanted, 'Antecedent', 'CIM_FilterList');
  const stored = world.gateway.filter(nameOf(wanted, 'Dependent', 'CIM_FilterList'));
  const filter = stored.value;
  if (!storedFilter(world, target)) throw fail('REF_MISSING', `there is no filter ${printable(target)}`);
  if (filter.entries.some((entry) => entry.kind === 'filterref' && entry.filter === target))
    throw fail('EXISTS', `${filter.name} refers to ${target} already`);
  const reference: FilterRef = {
    kind: 'filterref',
    filter: target,
    parameters: parameterPairs(wanted.properties, 'CIM_PROPERTY'),
  };
  const index = wanted.properties.get('RefIndex') ?? filter.entries.length;
  await replaceEntries(world, stored, inserted(filter.entries, reference, index, 'RefIndex'), by);
  const { systemName } = world.options;
  const ends = { Antecedent: listPath(systemName, target), Dependent: listPath(systemName, filter.name) };
  return pathOfInstance(DEFAULT_NAMESPACE, instance('NWG_NestedFilterList', ends));
}

/** Moves a reference or gives it other parameters. Errors: ACCESS_DENIED, READ_ONLY, CIM_PROPERTY, STALE. */
export async function modifyReference(
  world: ObjectWorld,
  existing: Instance,
  wanted: Instance,
  by: Caller,
): Promise<void> {
  demand(by, 'putFilters');
  const { properties } = replacement(existing, wanted, REFERENCE_PROPERTIES);
  const { position, reference, ...stored } = locateReference(world, existing);
  refuseStale(wanted, sameAs(existing, (await world.objectsOf(stored.value)).nested));
  const changed = { ...reference, parameters: parameterPairs(properties, 'CIM_PROPERTY') };
  const others = stored.value.entries.toSpliced(position, 1);
  const entries = inserted(others, changed, properties.get('RefIndex') ?? position, 'RefIndex');
  await replaceEntries(world, stored, entries, by);
}

/** Errors: ACCESS_DENIED, READ_ONLY, STALE. */
export async function removeReference(world: ObjectWorld, existing: Instance, by: Caller): Promise<void> {
  demand(by, 'putFilters');
  const { position, ...stored } = locateReference(world, existing);
  await replaceEntries(world, stored, stored.value.entries.toSpliced(position, 1), by);
}

/** Two references to one filter have one key between them: reading gives the first, writing would be a guess. */
function locateReference(world: ObjectWorld, existing: Instance) {
  const target = nameOf(existing, 'Antecedent');
  const stored = world.gateway.filter(nameOf(existing, 'Dependent'));
  const filter = stored.value;
  const found = filter.entries.flatMap((entry, position) =>
    entry.kind === 'filterref' && entry.filter === target ? [{ position, reference: entry }] : [],
  );
  const [first, second] = found;
  if (!first) throw fail('INSTANCE_NOT_FOUND', `${filter.name} does not refer to ${printable(target)}`);
  if (second)
    throw fail('READ_ONLY', `${filter.name} refers to ${target} more than once: write the native filter`);
  return { ...stored, ...first };
}

/** The association of the same ends among those a filter has now. */
function sameAs(existing: Instance, now: readonly Instance[]): Instance | undefined {
  const path = pathOfInstance(DEFAULT_NAMESPACE, existing);
  return now.find((each) => sameObject(pathOfInstance(DEFAULT_NAMESPACE, each), path));
}

/** The entries with one more at an index. Errors: CIM_PROPERTY for an index beyond the end. */
function inserted(
  entries: readonly Entry[],
  entry: Entry,
  at: CimValue,
  attribute: string,
): readonly Entry[] {
  const index = Number(at);
  if (index > entries.length)
    throw fail('CIM_PROPERTY', `${attribute} ${index} is beyond the end, ${entries.length}`, { attribute });
  return entries.toSpliced(index, 0, entry);
}

/** Key Name of the object a reference points to. Errors: CIM_PROPERTY. */
function nameOf(association: Instance, role: string, target = 'CIM_ManagedElement'): string {
  const path = association.properties.get(role);
  const name = isObjectPath(path) && isA(path.className, target) ? keyValue(path, 'Name') : undefined;
  if (typeof name !== 'string')
    throw fail('CIM_PROPERTY', `${role} must be the path of a ${target}`, { attribute: role });
  return name;
}
