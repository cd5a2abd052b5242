/** What the parts of the object manager share. */
import type { Instance, ObjectPath } from '../cim/instance.js';
import { keyValue } from '../cim/path.js';
import { isA } from '../cim/schema.js';
import type { PortRuleset } from '../compiler/ruleset.js';
import type { Caller } from '../model/caller.js';
import { NwgateError } from '../model/errors.js';
import type { Entry, Filter } from '../model/filter.js';
import type { Gateway } from './api.js';
import type { Subscribers } from './objects.js';
import type { FilterObjects, Mapping } from './objects-filters.js';
import type { Stored } from './ports.js';
import { referrers } from './references.js';

export interface ObjectOptions {
  /** This host's name, the key Name of NWG_HostSystem. */
  readonly systemName: string;
  /** Text of a compiled port: the three sections of `nwgate compile`. */
  readonly renderPort: (ruleset: PortRuleset) => string;
  readonly isBuiltIn?: (filter: string) => boolean;
  /** Told why a change became no indications. */
  readonly unseen?: (error: unknown) => void;
}

export interface ObjectWorld {
  readonly gateway: Gateway;
  readonly mapping: Mapping;
  readonly options: ObjectOptions;
  readonly objectsOf: (filter: Filter) => Promise<FilterObjects>;
  /** Of whoever watches. */
  readonly subscribers: Set<Subscribers>;
}

/** The instances of exactly one class; with a path, which may lack keys, at least those it may name. */
export type Extent = (world: ObjectWorld, path: ObjectPath | undefined) => AsyncIterable<Instance>;

/** A stored filter, or undefined when there is none of that name. */
export function storedFilter({ gateway }: ObjectWorld, name: string): Stored<Filter> | undefined {
  try {
    return gateway.filter(name);
  } catch (error) {
    if (error instanceof NwgateError && error.code === 'FILTER_NOT_FOUND') return undefined;
    throw error;
  }
}

/** Gives a filter other entries, unless somebody else wrote it since it was read. Errors: STALE and those of `putFilters`. */
export async function replaceEntries(
  { gateway }: ObjectWorld,
  { value, revision }: Stored<Filter>,
  entries: readonly Entry[],
  by: Caller,
): Promise<void> {
  await gateway.putFilters([{ filter: { ...value, entries }, expected: revision }], by);
}

/** `<filter>` of an entry's key Name, `<filter>:<id>`; undefined without a colon. Filter names may hold colons, ids do not. */
export function filterOfEntryName(name: string): string | undefined {
  const colon = name.lastIndexOf(':');
  return colon < 0 ? undefined : name.slice(0, colon);
}

/**
 * The filters among whose objects of `className` those named by `path` are; it may lack keys. Few, where the path says which:
 * an entry and its list are in one filter, and an association is in the filter of its PartComponent, GroupComponent or Dependent.
 */
export function filtersOfPath(
  world: ObjectWorld,
  className: string,
  path: ObjectPath,
): readonly Stored<Filter>[] {
  const only = (filter: string | undefined) => {
    const stored = filter === undefined ? undefined : storedFilter(world, filter);
    return stored ? [stored] : [];
  };
  const name = keyValue(path, 'Name');
  if (typeof name === 'string') {
    if (isA(className, 'CIM_FilterEntryBase')) return only(filterOfEntryName(name));
    return isA(className, 'CIM_FilterList') ? only(name) : [];
  }
  const inside = ['PartComponent', 'GroupComponent', 'Dependent'].map((role) => keyValue(path, role));
  const end = inside.find((each) => each !== undefined);
  if (end !== undefined) return typeof end === 'string' ? [] : filtersOfPath(world, end.className, end);
  const filters = world.gateway.filters();
  const referred = keyValue(path, 'Antecedent');
  if (typeof referred !== 'object' || !isA(referred.className, 'CIM_FilterList')) return filters;
  const names = new Set(
    referrers(
      String(keyValue(referred, 'Name')),
      filters.map(({ value }) => value),
    ),
  );
  return filters.filter(({ value }) => names.has(value.name));
}
