/** Filters out, in any form. */

import { fail, throwIfAny } from '../model/errors.js';
import type { Filter } from '../model/filter.js';
import type { Exported, ExportRequest, Form } from './api.js';
import { writeNativePolicy } from './form-native.js';
import { type FormContext, writePolicy } from './forms.js';
import { reach } from './references.js';
import { boundPort, lookupIn, type State, storedFilter } from './state.js';

/** Errors: FILTER_NOT_FOUND, BINDING_NOT_FOUND, USAGE for a binding in another form than the native, FORM_CANNOT_HOLD. */
export async function exportPolicy(
  state: State,
  context: FormContext,
  { names, form, classes, withReferences, lossy, binding }: ExportRequest,
): Promise<Exported> {
  if (binding !== undefined) return bundle(state, form, names, binding);
  const exported = await writePolicy(form, chosen(state, names, withReferences ?? false), context, classes);
  if (!lossy) throwIfAny(exported.leftOut);
  return exported;
}

/** What a port needs somewhere else: every filter of its tree, those asked for beside them, and the binding. */
function bundle(state: State, form: Form, names: readonly string[], port: string): Exported {
  if (form !== 'native') throw fail('USAGE', 'a binding has a native form only');
  const { value } = boundPort(state, port).stored;
  const filters = chosen(state, [value.filter, ...names], true);
  return { document: writeNativePolicy(filters, [value]), leftOut: [] };
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
