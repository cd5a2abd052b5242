/** Writing entries: one rule of one filter, and nothing else of it. */
import { withTrueImplications } from '../cim/implied.js';
import type { Instance, ObjectPath } from '../cim/instance.js';
import { toNeutral } from '../cim/neutral.js';
import { pathOfInstance } from '../cim/path.js';
import { classRow, DEFAULT_NAMESPACE, keysOf, lineage, propertiesOf } from '../cim/schema.js';
import { hostKeys, instance, listPath } from '../cim/views.js';
import type { Caller } from '../model/caller.js';
import { fail } from '../model/errors.js';
import type { Filter, Rule } from '../model/filter.js';
import { printable } from '../model/names.js';
import { withIdentities } from '../model/rule-identity.js';
import { demand } from './access.js';
import {
  refuseLoss,
  refuseOthers,
  refuseStale,
  replacement,
  requireAll,
  withInitials,
} from './objects-check.js';
import { filterOfEntryName, type ObjectWorld, replaceEntries, storedFilter } from './objects-world.js';

/** Name of an entry that has no id yet. */
const nameless = (filter: Filter) => `${filter.name}:new`;

/** What may be written: everything the entry classes declare beside the keys, and the comment. */
function writableOf(className: string): readonly string[] {
  const above = lineage(classRow('CIM_LogicalElement')).flatMap(({ properties }) => properties);
  const fixed = new Set([...above, ...keysOf(classRow(className))].map(({ name }) => name));
  const own = propertiesOf(classRow(className)).filter(({ name }) => !fixed.has(name));
  return [...own.map(({ name }) => name), 'Description'];
}

/** Errors: ACCESS_DENIED, READ_ONLY, WIDENING, CIM_PROPERTY, STALE, and those of the mapping and of `putFilters`. */
export async function modifyEntry(
  world: ObjectWorld,
  existing: Instance,
  wanted: Instance,
  by: Caller,
): Promise<void> {
  demand(by, 'putFilters');
  const name = String(existing.properties.get('Name'));
  const { position, ...stored } = locate(world, name);
  const filter = stored.value;
  // What was read may be older than the revision that is replaced.
  const now = (await world.objectsOf(filter)).entries.get(name) ?? existing;
  refuseStale(wanted, now);
  const whole = withTrueImplications(withInitials(replacement(now, wanted, writableOf(now.className))));
  requireAll(classRow(whole.className), whole);
  const rule = await ruleOf(world, filter, whole);
  const entries = filter.entries.with(position, { ...rule, id: (filter.entries[position] as Rule).id });
  await replaceEntries(world, stored, entries, by);
}

/** Adds a rule at the end of the list that the key Name begins with; answers its path. Errors: as `modifyEntry`. */
export async function createEntry(world: ObjectWorld, wanted: Instance, by: Caller): Promise<ObjectPath> {
  demand(by, 'putFilters');
  const row = classRow(wanted.className);
  refuseOthers(row, wanted, writableOf(row.name));
  requireAll(row, wanted);
  const stored = world.gateway.filter(listNamed(wanted));
  const filter = stored.value;
  const keys = { ...hostKeys(world.options.systemName, row.name), Name: nameless(filter) };
  const properties = new Map([...wanted.properties, ...Object.entries(keys)]);
  const whole = withTrueImplications(withInitials({ className: row.name, properties }));
  const rule = await ruleOf(world, filter, whole);
  const grown = withIdentities({ ...filter, entries: [...filter.entries, { ...rule, id: '' }] });
  await replaceEntries(world, stored, grown.entries, by);
  const { id } = grown.entries.at(-1) as Rule;
  return pathOfInstance(DEFAULT_NAMESPACE, instance(row.name, { ...keys, Name: `${filter.name}:${id}` }));
}

/** Errors: ACCESS_DENIED, STALE and those of `putFilters`. */
export async function removeEntry(world: ObjectWorld, existing: Instance, by: Caller): Promise<void> {
  demand(by, 'putFilters');
  const { position, ...stored } = locate(world, String(existing.properties.get('Name')));
  await replaceEntries(world, stored, stored.value.entries.toSpliced(position, 1), by);
}

/** The filter of an entry by its key Name, and where in it the rule stands. Errors: INSTANCE_NOT_FOUND. */
export function locate(world: ObjectWorld, name: string) {
  const stored = storedFilter(world, filterOfEntryName(name) ?? '');
  const position = stored?.value.entries.findIndex(
    (each) => each.kind === 'rule' && `${stored.value.name}:${each.id}` === name,
  );
  if (!stored || position === undefined || position < 0)
    throw fail('INSTANCE_NOT_FOUND', `there is no entry ${printable(name)}`);
  return { ...stored, position };
}

function listNamed(wanted: Instance): string {
  const name = wanted.properties.get('Name');
  const list = typeof name === 'string' ? filterOfEntryName(name) : undefined;
  if (list === undefined) {
    const message = 'the key Name of a new entry must name its list: "<list>:"';
    throw fail('CIM_PROPERTY', message, { attribute: 'Name' });
  }
  return list;
}

/**
 * The rule an entry says, made by the stylesheets in a list of its own, and made an entry again: what would not come back is
 * refused. Errors: CIM_PROPERTY and those of the mapping.
 */
async function ruleOf(world: ObjectWorld, filter: Filter, entry: Instance): Promise<Rule> {
  const { mapping, options } = world;
  const [list] = await mapping.toInstances({ ...filter, entries: [] });
  const membership = instance('NWG_EntriesInFilterList', {
    GroupComponent: listPath(options.systemName, filter.name),
    PartComponent: pathOfInstance(DEFAULT_NAMESPACE, entry),
    EntrySequence: 0,
    RuleIndex: 0,
  });
  const made = await mapping.fromInstances([list!, toNeutral(entry), toNeutral(membership)]);
  const [rule, ...more] = made.entries;
  if (rule?.kind !== 'rule' || more.length > 0)
    throw fail('CIM_PROPERTY', 'this entry is not one rule of a filter');

  const back = await world.objectsOf({ ...filter, entries: [{ ...rule, id: 'new' }] });
  const [shown] = back.entries.values();
  if (shown?.className !== entry.className) {
    const message = `a rule of ${shown?.className ?? 'no class'} cannot be written as ${entry.className}`;
    throw fail('CIM_PROPERTY', message, { attribute: 'ProtocolElement' });
  }
  refuseLoss(entry, shown, ['IsNegated']);
  if (entry.properties.get('IsNegated') === true && !shown.properties.has('NegatedProperties'))
    throw fail('CIM_PROPERTY', 'this entry cannot be negated as a whole', { attribute: 'IsNegated' });
  return rule;
}
