/** A filter ↔ the draft of January 2010 (libvir-list, "[RFC] Proposal for introduction of network traffic filtering capabilities"). */
import type { Fault } from '../model/errors.js';
import { type Filter, ruleNumbers } from '../model/filter.js';
import type { Element } from '../xml/element.js';
import { readFilter } from '../xml/nwfilter-read.js';
import { filterElement } from '../xml/nwfilter-write.js';
import { refusedIn, throwIfRefused, withoutRefused } from './refused.js';
import type { Transform } from './transform.js';

/** Namespace of what the draft itself lacks. */
export const DRAFT_NS = 'http://schemas.nwgate.org/draft/1';

export interface Draft {
  /** `<FilterEntries>`. */
  readonly draft: Element;
  /** FORM_CANNOT_HOLD, one for each thing the draft has no place for, with its rule. */
  readonly leftOut: readonly Fault[];
}

/** The filter as a draft; rules and references of which it has no place for something are left out whole. */
export async function toDraft(filter: Filter, transform: Transform): Promise<Draft> {
  const draft = await transform('nwfilter-to-draft', filterElement(filter));
  const numbers = ruleNumbers(filter);
  const leftOut = refusedIn(draft, { filter: filter.name }, (entry) => numbers.get(filter.entries[entry]!));
  return { draft: withoutRefused(draft), leftOut };
}

/**
 * The filter in a draft of `<FilterEntries>` or one `<FilterEntry>`. `name` is for documents without one. Rules have no ids.
 * Errors: FORM_CANNOT_HOLD for what has no exact native form; SCHEMA, VALUE and NAME for what the native form does not take.
 */
export async function fromDraft(
  document: Element,
  transform: Transform,
  { name }: { readonly name?: string | undefined } = {},
): Promise<Filter> {
  const filter = await transform('draft-to-nwfilter', document, name === undefined ? {} : { name });
  throwIfRefused(filter, name === undefined ? {} : { filter: name }, (entry) => entry + 1);
  return readFilter(filter);
}
