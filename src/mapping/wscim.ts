/** A filter ↔ its CIM instances in neutral form. Meaning is the stylesheets'; what comes back is read like any native document. */
import type { Filter } from '../model/filter.js';
import { type Element, el, elements } from '../xml/element.js';
import { readFilter } from '../xml/nwfilter-read.js';
import { filterElement } from '../xml/nwfilter-write.js';
import { INSTANCES_NS, kindOf, value } from './neutral.js';
import { throwIfRefused } from './refused.js';
import type { Transform } from './transform.js';

/**
 * The filter's NWG_FilterList, then in order each rule's entry with its NWG_EntriesInFilterList and each reference's
 * NWG_NestedFilterList. `systemName` is this host's key. Errors: FORM_CANNOT_HOLD.
 */
export async function toInstances(
  filter: Filter,
  transform: Transform,
  systemName: string,
): Promise<readonly Element[]> {
  const document = filterElement(filter, { identities: true });
  const instances = await transform('nwfilter-to-wscim', document, { systemName });
  throwIfRefused(instances, { filter: filter.name });
  return elements(instances);
}

/**
 * The filter of one list and its entries and references in order (see `arrange` for a document in any order). Rules of NWG_
 * classes keep their ids, others have none. Errors: FORM_CANNOT_HOLD for everything that has no exact native form; SCHEMA, VALUE and
 * NAME for what the native form does not take.
 */
export async function fromInstances(instances: readonly Element[], transform: Transform): Promise<Filter> {
  const list = instances.find((instance) => kindOf(instance) === 'FilterList');
  const filter = list && value(list, 'Name');
  const native = await transform('wscim-to-nwfilter', el(INSTANCES_NS, 'Instances', {}, ...instances));
  throwIfRefused(native, filter === undefined ? {} : { filter });
  return readFilter(native);
}
