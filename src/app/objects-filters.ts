/** The rules of a filter as instances. Each filter, as it is, goes through its stylesheet once. */

import { decodeInstances } from '../cim/decode.js';
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

/**
 * Answers a filter's objects. Kept as long as the filter value itself, which a change of the filter replaces: so what is
 * answered belongs to one revision, and reading twice runs no stylesheet twice.
 */
export function filterObjects(
  mapping: Mapping,
  isBuiltIn: (filter: string) => boolean,
): (filter: Filter) => Promise<FilterObjects> {
  const known = new WeakMap<Filter, Promise<FilterObjects>>();
  return (filter) => {
    const found = known.get(filter);
    if (found) return found;
    const made = mapping
      .toInstances(filter)
      .then((elements) => sortOut(decodeInstances(elements), isBuiltIn(filter.name)));
    known.set(filter, made);
    made.catch(() => known.delete(filter));
    return made;
  };
}

function sortOut(instances: readonly Instance[], builtIn: boolean): FilterObjects {
  const of = (className: string) => instances.filter((each) => isA(each.className, className));
  const [list] = of('NWG_FilterList');
  if (!list) throw fail('INTERNAL', 'the stylesheet made no NWG_FilterList');
  return {
    list: { ...list, properties: new Map([...list.properties, ['BuiltIn', builtIn]]) },
    entries: new Map(of('CIM_FilterEntryBase').map((entry) => [String(entry.properties.get('Name')), entry])),
    memberships: of('NWG_EntriesInFilterList'),
    nested: of('NWG_NestedFilterList'),
  };
}
