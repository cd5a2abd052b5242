/** Where the instances of each class come from. */
import type { Instance, ObjectPath } from '../cim/instance.js';
import { keyValue } from '../cim/path.js';
import {
  appliedFilterList,
  conformance,
  filterService,
  hosted,
  hostedService,
  hostSystem,
  networkPort,
  type PortView,
  registeredProfile,
  systemDevice,
} from '../cim/views.js';
import type { Binding } from '../model/binding.js';
import type { FilterObjects } from './objects-filters.js';
import { destinations, indicationFilters, subscriptions } from './objects-subscriptions.js';
import { type Extent, filtersOfPath, type ObjectWorld } from './objects-world.js';
import type { NetworkInterface } from './ports.js';

/** What a filter's objects hold of one class; with a path at least what it may name. */
type Pick = (objects: FilterObjects, systemName: string, path?: ObjectPath) => Iterable<Instance>;

/** Reading one entry touches one filter. */
function perFilter(className: string, pick: Pick): Extent {
  return async function* (world, path) {
    if (!path) return yield* ofEveryFilter(world, [className]);
    for (const { value } of filtersOfPath(world, className, path))
      yield* pick(await world.objectsOf(value), world.options.systemName, path);
  };
}

/** Filters whose objects are made before it is their turn, so that the engine is not idle while those before are written. */
const AHEAD = 8;

/** The instances of some classes of FROM_FILTERS. Each filter is read once. */
export async function* ofEveryFilter(
  world: ObjectWorld,
  classNames: readonly string[],
): AsyncGenerator<Instance> {
  const picks = classNames.map((name) => FROM_FILTERS[name]!);
  const filters = world.gateway.filters();
  for (const [index, { value }] of filters.entries()) {
    const objects = world.objectsOf(value);
    for (const next of filters.slice(index + 1, index + 1 + AHEAD)) void world.objectsOf(next.value);
    for (const pick of picks)
      for (const instance of pick(await objects, world.options.systemName)) yield instance;
  }
}

function fixed(make: (systemName: string) => Instance): Extent {
  return async function* ({ options }) {
    yield make(options.systemName);
  };
}

function entries(className: string): Pick {
  return (objects, _system, path) => {
    const name = path && keyValue(path, 'Name');
    const found = typeof name === 'string' ? objects.entries.get(name) : undefined;
    const among = path ? (found ? [found] : []) : objects.entries.values();
    return [...among].filter((entry) => entry.className === className);
  };
}

const ports: Extent = async function* (world) {
  for (const port of await portViews(world)) yield networkPort(world.options.systemName, port);
};

const devices: Extent = async function* (world) {
  const { systemName } = world.options;
  for (const port of await portViews(world)) yield systemDevice(systemName, port.name);
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
  return [...names].sort().map((name) => portView(name, found.get(name), bound.get(name)));
}

/** A port as `networkPort` shows it. */
export function portView(
  name: string,
  link: NetworkInterface | undefined,
  binding: Binding | undefined,
): PortView {
  return { name, mac: link?.mac, guestMac: binding?.mac, link };
}

export const FROM_FILTERS: Readonly<Record<string, Pick>> = {
  NWG_FilterList: ({ list }) => [list],
  NWG_Hdr8021Filter: entries('NWG_Hdr8021Filter'),
  NWG_IPHeadersFilter: entries('NWG_IPHeadersFilter'),
  NWG_ARPFilter: entries('NWG_ARPFilter'),
  NWG_STPFilter: entries('NWG_STPFilter'),
  NWG_AnyFilter: entries('NWG_AnyFilter'),
  NWG_EntriesInFilterList: ({ memberships }) => memberships,
  NWG_NestedFilterList: ({ nested }) => nested,
  NWG_HostedFilterList: ({ list }, systemName) => [hosted('NWG_HostedFilterList', systemName, list)],
  NWG_HostedFilterEntry: (objects, systemName) =>
    [...objects.entries.values()].map((entry) => hosted('NWG_HostedFilterEntry', systemName, entry)),
};

export const EXTENTS: Readonly<Record<string, Extent>> = {
  ...Object.fromEntries(Object.entries(FROM_FILTERS).map(([name, pick]) => [name, perFilter(name, pick)])),
  NWG_AppliedFilterList: applied,
  NWG_NetworkPort: ports,
  CIM_SystemDevice: devices,
  NWG_HostSystem: fixed(hostSystem),
  NWG_FilterService: fixed(filterService),
  CIM_HostedService: fixed(hostedService),
  CIM_RegisteredProfile: fixed(registeredProfile),
  CIM_ElementConformsToProfile: fixed(conformance),
  CIM_IndicationFilter: indicationFilters,
  CIM_ListenerDestinationWSManagement: destinations,
  CIM_IndicationSubscription: subscriptions,
};
