/** Writing lists: a list is a filter, its entries are written by themselves. */
import type { Instance, ObjectPath } from '../cim/instance.js';
import { classRow } from '../cim/schema.js';
import { listPath } from '../cim/views.js';
import type { Caller } from '../model/caller.js';
import { chainKind, chainPriority } from '../model/chains.js';
import { fail } from '../model/errors.js';
import type { Filter } from '../model/filter.js';
import { checkFilterName, printable } from '../model/names.js';
import { demand } from './access.js';
import { refuseLoss, refuseOthers, refuseStale, replacement } from './objects-check.js';
import type { ObjectWorld } from './objects-world.js';

const WRITABLE = ['Chain', 'Priority'];

/** A new, empty filter. Errors: ACCESS_DENIED, NAME, EXISTS, CIM_PROPERTY. */
export async function createList(world: ObjectWorld, wanted: Instance, by: Caller): Promise<ObjectPath> {
  demand(by, 'putFilters');
  refuseOthers(classRow('NWG_FilterList'), wanted, [...WRITABLE, 'UUID', 'Direction', 'BuiltIn']);
  const name = checkFilterName(String(wanted.properties.get('Name') ?? ''));
  const uuid = wanted.properties.get('UUID');
  const filter: Filter = {
    name,
    uuid: uuid === undefined ? undefined : checkUuid(String(uuid)),
    ...chainOf(wanted),
    entries: [],
  };
  const { list } = await world.objectsOf(filter);
  refuseLoss(wanted, list, ['UUID']);
  await world.gateway.putFilters([{ filter, expected: 0 }], by);
  return listPath(world.options.systemName, name);
}

/** Moves a filter to another chain or priority. Errors: ACCESS_DENIED, READ_ONLY, CIM_PROPERTY, STALE. */
export async function modifyList(
  world: ObjectWorld,
  existing: Instance,
  wanted: Instance,
  by: Caller,
): Promise<void> {
  demand(by, 'putFilters');
  const whole = replacement(existing, wanted, WRITABLE);
  const { value, revision } = world.gateway.filter(String(existing.properties.get('Name')));
  refuseStale(wanted, (await world.objectsOf(value)).list);
  const filter = { ...value, ...chainOf(whole) };
  await world.gateway.putFilters([{ filter, expected: revision }], by);
}

/** Errors: ACCESS_DENIED, IN_USE. */
export async function removeList(world: ObjectWorld, existing: Instance, by: Caller): Promise<void> {
  const name = String(existing.properties.get('Name'));
  await world.gateway.undefine(name, by, world.gateway.filter(name).revision);
}

/** Chain `root` and the chain's own priority unless the instance says otherwise. Errors: CIM_PROPERTY. */
function chainOf({ properties }: Instance): Pick<Filter, 'chain' | 'priority'> {
  const chain = String(properties.get('Chain') ?? 'root');
  if (!chainKind(chain)) {
    throw fail('CIM_PROPERTY', `"${printable(chain)}" is not a chain name`, { attribute: 'Chain' });
  }
  return { chain, priority: Number(properties.get('Priority') ?? chainPriority(chain)) };
}

function checkUuid(text: string): string {
  const uuid = text.trim().toLowerCase();
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(uuid)) {
    throw fail('CIM_PROPERTY', `"${printable(text)}" is not a UUID`, { attribute: 'UUID' });
  }
  return uuid;
}
