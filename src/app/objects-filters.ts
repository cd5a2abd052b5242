/** The rules of a filter as instances. Each filter, as it is, goes through its stylesheet once. */

import { decodeInstances } from '../cim/decode.js';
import { withGeneration } from '../cim/generation.js';
import type { Instance } from '../cim/instance.js';
import { isA } from '../cim/schema.js';
import type { Transform } from '../mapping/transform.js';
import { fromInstances, toInstances } from '../mapping/wscim.js';
import { fail } from '../model/errors.js';
import type { Filter } from '../model/filter.js';
import type { Element } from '../xml/element.js';

/** Filters ↔ instances in neutral form: src/mapping with a transform engine. */
export interface Mapping {
  /** The list, then each rule with its membership and each reference, in order. */
  toInstances(filter: Filter): Promise<readonly Element[]>;
  fromInstances(elements: readonly Element[]): Promise<Filter>;
}

/** The stylesheets, run by an engine. `systemName` is this host's name in keys. */
export function stylesheetMapping(transform: Transform, systemName: string): Mapping {
  return {
    toInstances: (filter) => toInstances(filter, transform, systemName),
    fromInstances: (elements) => fromInstances(elements, transform),
  };
}

export interface FilterObjects {
  readonly list: Instance;
  /** By the key Name, in the order of the filter. */
  readonly entries: ReadonlyMap<string, Instance>;
  /** NWG_EntriesInFilterList, NWG_NestedFilterList. */
  readonly memberships: readonly Instance[];
  readonly nested: readonly Instance[];
}

/** Entries of all filters whose objects are kept: a few kilobytes each. */
const MOST_ENTRIES = 30_000;

/**
 * Answers a filter's objects. What was asked for last is kept, so reading twice runs no stylesheet twice, and reading
 * everything holds no more than so much. A change makes another filter value: what is answered belongs to one revision.
 */
export function filterObjects(
  mapping: Mapping,
  isBuiltIn: (filter: string) => boolean,
  most = MOST_ENTRIES,
): (filter: Filter) => Promise<FilterObjects> {
  // A Map keeps the order of insertion: the first key is the one not asked for the longest.
  const kept = new Map<Filter, Promise<FilterObjects>>();
  let size = 0;
  const drop = (filter: Filter) => {
    if (kept.delete(filter)) size -= filter.entries.length + 1;
  };
  return (filter) => {
    const found = kept.get(filter);
    const objects =
      found ??
      mapping
        .toInstances(filter)
        .then((elements) => sortOut(decodeInstances(elements), isBuiltIn(filter.name)));
    drop(filter);
    kept.set(filter, objects);
    size += filter.entries.length + 1;
    for (const oldest of kept.keys()) {
      if (size <= most || oldest === filter) break;
      drop(oldest);
    }
    if (!found)
      objects.catch(() => {
        if (kept.get(filter) === objects) drop(filter);
      });
    return objects;
  };
}

function sortOut(instances: readonly Instance[], builtIn: boolean): FilterObjects {
  const of = (className: string) => instances.filter((each) => isA(each.className, className));
  const [list] = of('NWG_FilterList');
  if (!list) throw fail('INTERNAL', 'the stylesheet made no NWG_FilterList');
  const entries = of('CIM_FilterEntryBase').map(withGeneration);
  return {
    list: withGeneration({ ...list, properties: new Map([...list.properties, ['BuiltIn', builtIn]]) }),
    entries: new Map(entries.map((entry) => [String(entry.properties.get('Name')), entry])),
    memberships: of('NWG_EntriesInFilterList').map(withGeneration),
    nested: of('NWG_NestedFilterList').map(withGeneration),
  };
}
