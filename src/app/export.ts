/** Filters out, in any form. */
import type { Filter } from '../model/filter.js';
import type { Exported, ExportRequest } from './api.js';
import { type FormContext, writePolicy } from './forms.js';
import { reach } from './references.js';
import { lookupIn, type State, storedFilter } from './state.js';

/** Errors: FILTER_NOT_FOUND, FORM_CANNOT_HOLD. */
export async function exportPolicy(
  state: State,
  context: FormContext,
  { names, form, withReferences }: ExportRequest,
): Promise<Exported> {
  return writePolicy(form, chosen(state, names, withReferences ?? false), context);
}

/** By name, each once. */
function chosen(state: State, names: readonly string[], withReferences: boolean): readonly Filter[] {
  if (names.length === 0)
    return [...state.filters.keys()].sort().map((name) => storedFilter(state, name).value);
  for (const name of names) storedFilter(state, name);
  const lookup = lookupIn(state);
  const wanted = withReferences ? names.flatMap((name) => [...reach(name, lookup).found]) : names;
  return [...new Set(wanted)].sort().map((name) => storedFilter(state, name).value);
}
