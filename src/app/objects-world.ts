/** What the parts of the object manager share. */
import type { ObjectPath } from '../cim/instance.js';
import { keyValue } from '../cim/path.js';
import { isA } from '../cim/schema.js';
import type { PortRuleset } from '../compiler/ruleset.js';
import type { Caller } from '../model/caller.js';
import { NwgateError } from '../model/errors.js';
import type { Filter } from '../model/filter.js';
import type { Gateway } from './api.js';
import type { FilterObjects, Mapping } from './objects-filters.js';
import type { Stored } from './ports.js';

export interface ObjectOptions {
  /** This host's name, the key Name of NWG_HostSystem. */
  readonly systemName: string;
  /** Text of a compiled port: the three sections of `nwgate compile`. */
  readonly renderPort: (ruleset: PortRuleset) => string;
  /** Compares the host with what should be there, and puts it right when told to; a line per difference. */
  readonly verifyHost?: (repair: boolean, by: Caller) => Promise<readonly string[]>;
  readonly isBuiltIn?: (filter: string) => boolean;
}

export interface ObjectWorld {
  readonly gateway: Gateway;
  readonly mapping: Mapping;
  readonly options: ObjectOptions;
  readonly objectsOf: (filter: Filter) => Promise<FilterObjects>;
}

/** A stored filter, or undefined when there is none of that name. */
export function storedFilter({ gateway }: ObjectWorld, name: string): Stored<Filter> | undefined {
  try {
    return gateway.filter(name);
  } catch (error) {
    if (error instanceof NwgateError && error.code === 'FILTER_NOT_FOUND') return undefined;
    throw error;
  }
}

/** `<filter>` of an entry's key Name, `<filter>:<id>`; undefined without a colon. Filter names may hold colons, ids do not. */
export function filterOfEntryName(name: string): string | undefined {
  const colon = name.lastIndexOf(':');
  return colon < 0 ? undefined : name.slice(0, colon);
}

/**
 * The filter in which a path's object is found, read as an object of `className`; undefined for objects of no one filter.
 * An association belongs to the filter that its GroupComponent or Dependent is or is in.
 */
export function filterOfPath(className: string, path: ObjectPath): string | undefined {
  const name = keyValue(path, 'Name');
  if (typeof name === 'string') {
    if (isA(className, 'CIM_FilterEntryBase')) return filterOfEntryName(name);
    return isA(className, 'CIM_FilterList') ? name : undefined;
  }
  const end = keyValue(path, 'GroupComponent') ?? keyValue(path, 'Dependent');
  return end === undefined || typeof end === 'string' ? undefined : filterOfPath(end.className, end);
}
