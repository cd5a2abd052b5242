/** Where the instances of each class come from. */
import type { Instance, ObjectPath } from '../cim/instance.js';
import { keyValue } from '../cim/path.js';
import {
  appliedFilterList,
  conformance,
  filterService,
  hosted,
  hostSystem,
  networkPort,
  type PortView,
  registeredProfile,
} from '../cim/views.js';
import type { FilterObjects } from './objects-filters.js';
import { filterOfPath, type ObjectWorld, storedFilter } from './objects-world.js';

/** The instances of exactly one class; with a path, at least the one it may name. */
type Extent = (world: ObjectWorld, path: ObjectPath | undefined) => AsyncIterable<Instance>;

/** Instances that come from filters one by one, so that reading one entry touches one filter. */
function perFilter(
  className: string,
  pick: (objects: FilterObjects, systemName: string, path: ObjectPath | undefined) => Iterable<Instance>,
): Extent {
  return async function* (world, path) {
    const name = path && filterOfPath(className, path);
    const stored = path
      ? [name === undefined ? undefined : storedFilter(world, name)]
      : world.gateway.filters();
    for (const each of stored) {
      if (each) yield* pick(await world.objectsOf(each.value), world.options.systemName, path);
    }
  };
}

function fixed(make: (systemName: string) => Instance): Extent {
  return async function* ({ options }) {
    yield make(options.systemName);
  };
}

function entries(className: string): Extent {
  return perFilter(className, (objects, _system, path) => {
    const name = path && keyValue(path, 'Name');
    const found = typeof name === 'string' ? objects.entries.get(name) : undefined;
    const among = path ? (found ? [found] : []) : objects.entries.values();
    return [...among].filter((entry) => entry.className === className);
  });
}

const ports: Extent = async function* (world) {
  for (const port of await portViews(world)) yield networkPort(world.options.systemName, port);
};

const applied: Extent = async function* ({ gateway, options }) {
  for (const binding of gateway.bindings()) yield appliedFilterList(options.systemName, binding);
};

/** Interfaces that are bound or belong to a bridge, by name. */
async function portViews({ gateway }: ObjectWorld): Promise<readonly PortView[]> {
  const bound = new Map(gateway.bindings().map((binding) => [binding.port, binding]));
  const found = new Map((await gateway.interfaces()).map((each) => [each.name, each]));
  const names = new Set([
    ...bound.keys(),
    ...[...found.values()].filter(({ bridge }) => bridge !== undefined).map(({ name }) => name),
  ]);
  return [...names].sort().map((name) => ({
    name,
    mac: found.get(name)?.mac,
    guestMac: bound.get(name)?.mac,
    link: found.get(name),
  }));
}

export const EXTENTS: Readonly<Record<string, Extent>> = {
  NWG_FilterList: perFilter('NWG_FilterList', ({ list }) => [list]),
  NWG_Hdr8021Filter: entries('NWG_Hdr8021Filter'),
  NWG_IPHeadersFilter: entries('NWG_IPHeadersFilter'),
  NWG_ARPFilter: entries('NWG_ARPFilter'),
  NWG_STPFilter: entries('NWG_STPFilter'),
  NWG_AnyFilter: entries('NWG_AnyFilter'),
  NWG_EntriesInFilterList: perFilter('NWG_EntriesInFilterList', ({ memberships }) => memberships),
  NWG_NestedFilterList: perFilter('NWG_NestedFilterList', ({ nested }) => nested),
  NWG_HostedFilterList: perFilter('NWG_HostedFilterList', ({ list }, systemName) => [
    hosted('NWG_HostedFilterList', systemName, list),
  ]),
  NWG_HostedFilterEntry: perFilter('NWG_HostedFilterEntry', (objects, systemName) =>
    [...objects.entries.values()].map((entry) => hosted('NWG_HostedFilterEntry', systemName, entry)),
  ),
  NWG_AppliedFilterList: applied,
  NWG_NetworkPort: ports,
  NWG_HostSystem: fixed(hostSystem),
  NWG_FilterService: fixed(filterService),
  CIM_RegisteredProfile: fixed(registeredProfile),
  CIM_ElementConformsToProfile: fixed(conformance),
};
