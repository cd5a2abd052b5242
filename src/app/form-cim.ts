/** Instances of any number of lists, their entries and what ties them, in any order; and the three syntaxes they come in. */
import { CIMXML_OUTPUT, cimxmlDocument } from '../cim/cimxml-write.js';
import { classOfElement, decodeInstances } from '../cim/decode.js';
import { WSCIM_OUTPUT } from '../cim/encode.js';
import { instancesMof } from '../cim/mof-write.js';
import { INSTANCES_NS, instancesToNeutral, neutralToWscim } from '../cim/neutral.js';
import { DEFAULT_NAMESPACE } from '../cim/schema.js';
import { arrange, HOSTING } from '../mapping/arrange.js';
import { type Foreign, fromForeign, toForeign } from '../mapping/foreign.js';
import { kindOf, value } from '../mapping/neutral.js';
import { several } from '../mapping/several.js';
import { fromInstances, toInstances } from '../mapping/wscim.js';
import { fail } from '../model/errors.js';
import type { Filter } from '../model/filter.js';
import { printable } from '../model/names.js';
import { type Element, elements } from '../xml/element.js';
import { serialise } from '../xml/serialise.js';
import type { Classes, Exported } from './api.js';
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
  lines(serialise(cimxmlDocument(decodeInstances(list), DEFAULT_NAMESPACE), CIMXML_OUTPUT)),
);
export const writeMof = writer((list) => instancesMof(decodeInstances(list), DEFAULT_NAMESPACE));

const lines = (document: string) => `${document}\n`;

/** Errors of what it makes: FORM_CANNOT_HOLD. What others' classes cannot hold is for the caller to take or to refuse. */
function writer(write: (neutral: readonly Element[]) => string) {
  return async (
    filters: readonly Filter[],
    context: FormContext,
    classes: Classes = 'nwg',
  ): Promise<Exported> => {
    const { instances, leftOut } =
      classes === 'nwg' ? await ours(filters, context) : await toForeign(filters, classes, context);
    return { document: write(instances), leftOut };
  };
}

async function ours(filters: readonly Filter[], { transform, systemName }: FormContext): Promise<Foreign> {
  const made = await several(filters, (filter) => toInstances(filter, transform, systemName));
  return { instances: made.flat(), leftOut: [] };
}

/** Filters of instances of WS-CIM shape. Errors: CLASS_NOT_FOUND, CIM_PROPERTY, those of `arrange` and of `fromInstances`. */
export async function readInstances(
  list: readonly Element[],
  request: ReadRequest,
  context: FormContext,
): Promise<Policy> {
  const written = list.map(({ local }) => local);
  return policyOf(instancesToNeutral(list), written, request, context);
}

/**
 * `written`: each instance's class as the document has it. A function of its own, so that the document's tree, which may be large, is
 * not held while this takes its time.
 */
async function policyOf(
  instances: readonly Element[],
  written: readonly string[],
  { name }: ReadRequest,
  { transform }: FormContext,
): Promise<Policy> {
  const lists = arrange(instances, { name });
  const filters = await several(lists, async ({ elements: parts }) => {
    // Its places are lines of what the stylesheet wrote, which nobody sees.
    const filter = withoutPlaces(await fromInstances(await fromForeign(parts, transform), transform));
    const expected = parts.length - 1;
    if (filter.entries.length !== expected)
      throw fail('INTERNAL', `${expected} instances became ${filter.entries.length} entries`);
    return filter;
  });
  const became = new Map<Element, string>();
  for (const [at, filter] of filters.entries()) {
    const [list, ...entries] = lists[at]!.elements;
    if (list) became.set(list, describeFilter(filter));
    for (const [index, entry] of entries.entries()) became.set(entry, describeEntry(filter.entries[index]!));
  }
  const known = new Set(instances);
  const others = [...became.keys()].filter((element) => !known.has(element));
  const report = [
    ...others.map((element) => became.get(element)!),
    ...instances.map(
      (instance, at) => `${titleOf(written[at]!, instance)}: ${became.get(instance) ?? remark(instance)}`,
    ),
  ];
  return { filters, bindings: [], report };
}

const titleOf = (className: string, instance: Element) =>
  `${printable(className)} ${printable(value(instance, 'Name') ?? '')}`.trimEnd();

/** What an instance that became nothing of its own has said. */
function remark(instance: Element): string {
  const kind = kindOf(instance);
  if (kind === 'EntriesInFilterList') return 'says to which filter a rule belongs';
  return HOSTING.includes(kind) ? 'says where it is hosted: passed over' : 'part of a rule or filter above';
}
