/** The draft of January 2010: one filter a document, its name perhaps not in it. */
import { DRAFT_NS, fromDraft, toDraft } from '../mapping/draft.js';
import { fail } from '../model/errors.js';
import type { Filter } from '../model/filter.js';
import { attribute, type Element } from '../xml/element.js';
import { serialise } from '../xml/serialise.js';
import type { Exported } from './api.js';
import { describeEntry, describeFilter } from './describe.js';
import type { FormContext, Policy, ReadRequest } from './forms.js';
import { withoutPlaces } from './store-filters.js';

/** A vendor may put it into a namespace: elements are known by their local names. */
export function isDraft(root: Element): boolean {
  return root.local === 'FilterEntry' || root.local === 'FilterEntries';
}

/** Errors: USAGE without a name, and those of `fromDraft`. */
export async function readDraft(
  root: Element,
  { name }: ReadRequest,
  { transform }: FormContext,
): Promise<Policy> {
  if (name === undefined && attribute(root, 'name', DRAFT_NS) === undefined) {
    throw fail('USAGE', 'the draft has no place for the name of its filter: give one');
  }
  const filter = withoutPlaces(await fromDraft(root, transform, { name }));
  const entries = filter.entries.map((entry, index) => `FilterEntry ${index + 1}: ${describeEntry(entry)}`);
  return { filters: [filter], bindings: [], report: [describeFilter(filter), ...entries] };
}

/** Errors: FORM_CANNOT_HOLD for several filters. What is left out is for the caller to take or to refuse. */
export async function writeDraft(filters: readonly Filter[], { transform }: FormContext): Promise<Exported> {
  const [filter, ...more] = filters;
  if (!filter || more.length > 0) {
    throw fail('FORM_CANNOT_HOLD', `a draft holds one filter, not ${filters.length}: export each by itself`);
  }
  const { draft, leftOut } = await toDraft(filter, transform);
  const document = serialise(draft, { pretty: true, prefixes: { [DRAFT_NS]: 'd' } });
  return { document: `${document}\n`, leftOut };
}
