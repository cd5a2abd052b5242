/** WS-CIM form: the instances of any number of lists, their entries and what ties them, in one document and any order. */
import { classOfElement } from '../cim/decode.js';
import { WSCIM_OUTPUT } from '../cim/encode.js';
import { INSTANCES_NS, neutralToWscim, wscimToNeutral } from '../cim/neutral.js';
import { arrange } from '../mapping/arrange.js';
import { kindOf, value } from '../mapping/neutral.js';
import { fromInstances, toInstances } from '../mapping/wscim.js';
import { fail } from '../model/errors.js';
import type { Filter } from '../model/filter.js';
import { printable } from '../model/names.js';
import { type Element, elements } from '../xml/element.js';
import { serialise } from '../xml/serialise.js';
import type { Exported } from './api.js';
import { describeEntry, describeFilter } from './describe.js';
import type { FormContext, Policy, ReadRequest } from './forms.js';
import { withoutPlaces } from './store-filters.js';

/** Instances in our wrapper or in any other, or one instance alone. */
export function isWscim(root: Element): boolean {
  return root.ns === INSTANCES_NS || [root, ...elements(root)].some(classOfElement);
}

/** Errors: CLASS_NOT_FOUND, CIM_PROPERTY, those of `arrange` and of `fromInstances`. */
export async function readWscim(
  root: Element,
  { name }: ReadRequest,
  { transform }: FormContext,
): Promise<Policy> {
  const instances = elements(wscimToNeutral(root));
  const filters: Filter[] = [];
  const became = new Map<Element, string>();
  for (const { elements: parts } of arrange(instances, { name })) {
    const [list, ...entries] = parts;
    // Its places are lines of what the stylesheet wrote, which nobody sees.
    const filter = withoutPlaces(await fromInstances(parts, transform));
    if (filter.entries.length !== entries.length) {
      throw fail('INTERNAL', `${entries.length} instances became ${filter.entries.length} entries`);
    }
    filters.push(filter);
    if (list) became.set(list, describeFilter(filter));
    for (const [index, entry] of entries.entries()) became.set(entry, describeEntry(filter.entries[index]!));
  }
  const others = [...became.keys()].filter((element) => !instances.includes(element));
  const report = [
    ...others.map((element) => became.get(element)!),
    ...instances.map((instance) => `${titleOf(instance)}: ${became.get(instance) ?? remark(instance)}`),
  ];
  return { filters, bindings: [], report };
}

/** Errors: FORM_CANNOT_HOLD. */
export async function writeWscim(
  filters: readonly Filter[],
  { transform, systemName }: FormContext,
): Promise<Exported> {
  const instances: Element[] = [];
  for (const filter of filters) instances.push(...(await toInstances(filter, transform, systemName)));
  const document = serialise(neutralToWscim(instances), { ...WSCIM_OUTPUT, pretty: true });
  return { document: `${document}\n`, leftOut: [] };
}

const titleOf = (instance: Element) =>
  `${instance.local} ${printable(value(instance, 'Name') ?? '')}`.trimEnd();

/** What an instance that became nothing of its own has said. */
function remark(instance: Element): string {
  return kindOf(instance) === 'EntriesInFilterList'
    ? 'says to which filter a rule belongs'
    : 'says where it is hosted: passed over';
}
