/** Instances of any number of lists, their entries and what ties them, in any order; and the three syntaxes they come in. */
import { cimxmlDocument } from '../cim/cimxml-write.js';
import { classOfElement, decodeInstances } from '../cim/decode.js';
import { WSCIM_OUTPUT } from '../cim/encode.js';
import { instancesMof } from '../cim/mof-write.js';
import { INSTANCES_NS, instancesToNeutral, neutralToWscim } from '../cim/neutral.js';
import { DEFAULT_NAMESPACE } from '../cim/schema.js';
import { arrange, HOSTING } from '../mapping/arrange.js';
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

/** A CIM form: filters as instances, in one syntax. */
export const writeWscim = writer((list) =>
  lines(serialise(neutralToWscim(list), { ...WSCIM_OUTPUT, pretty: true })),
);
export const writeCimxml = writer((list) =>
  lines(serialise(cimxmlDocument(decodeInstances(list), DEFAULT_NAMESPACE), { pretty: true })),
);
export const writeMof = writer((list) => instancesMof(decodeInstances(list), DEFAULT_NAMESPACE));

const lines = (document: string) => `${document}\n`;

/** Errors of what it makes: FORM_CANNOT_HOLD. */
function writer(write: (neutral: readonly Element[]) => string) {
  return async (filters: readonly Filter[], { transform, systemName }: FormContext): Promise<Exported> => {
    const instances: Element[] = [];
    for (const filter of filters) instances.push(...(await toInstances(filter, transform, systemName)));
    return { document: write(instances), leftOut: [] };
  };
}

/** Filters of instances of WS-CIM shape. Errors: CLASS_NOT_FOUND, CIM_PROPERTY, those of `arrange` and of `fromInstances`. */
export async function readInstances(
  list: readonly Element[],
  { name }: ReadRequest,
  { transform }: FormContext,
): Promise<Policy> {
  const instances = instancesToNeutral(list);
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

const titleOf = (instance: Element) =>
  `${instance.local} ${printable(value(instance, 'Name') ?? '')}`.trimEnd();

/** What an instance that became nothing of its own has said. */
function remark(instance: Element): string {
  const kind = kindOf(instance);
  if (kind === 'EntriesInFilterList') return 'says to which filter a rule belongs';
  return HOSTING.includes(kind) ? 'says where it is hosted: passed over' : 'part of a rule or filter above';
}
