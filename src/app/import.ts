/** Policies in, from any form: all of it or nothing. */
import type { Binding } from '../model/binding.js';
import { fail } from '../model/errors.js';
import type { Filter } from '../model/filter.js';
import { checkFilterName } from '../model/names.js';
import type { Imported, ImportRequest } from './api.js';
import { checkBinding } from './check-binding.js';
import { type FormContext, readPolicy } from './forms.js';
import { refuseMissing } from './references.js';
import { lookupIn, type State, type World } from './state.js';
import { settle } from './store-filters.js';
import { check, commit } from './transaction.js';

type OnConflict = NonNullable<ImportRequest['onConflict']>;

/**
 * Errors: those of the form's reader, NAME, EXISTS (with `fail`, which is the default), REF_LOOP, REF_MISSING, and those of a
 * change of filters. A dry run finds all of them but the host's refusal.
 */
export async function importPolicy(
  world: World,
  context: FormContext,
  request: ImportRequest,
): Promise<Imported> {
  const { state } = world;
  const onConflict = request.onConflict ?? 'fail';
  const policy = await readPolicy(request, context);
  const report = [...policy.report];

  const wanted: Filter[] = [];
  for (const filter of policy.filters) {
    const name = checkFilterName(filter.name);
    const exists = state.filters.has(name) || state.brokenFilters.has(name);
    if (exists && skips(onConflict, `filter ${name}`, report)) continue;
    // A replaced filter keeps its own uuid.
    wanted.push(exists ? { ...filter, uuid: undefined } : filter);
  }
  const bindings = new Map<string, Binding>();
  for (const binding of policy.bindings.map(checkBinding)) {
    const bound = state.ports.has(binding.port) || state.brokenBindings.has(binding.port);
    if (bound && skips(onConflict, `the binding of port ${binding.port}`, report)) continue;
    bindings.set(binding.port, binding);
    report.push(`port ${binding.port}: bound to the filter ${binding.filter}`);
  }

  const filters = settle(
    state,
    wanted.map((filter) => ({ filter, expected: undefined })),
  );
  refuseUnknown(state, wanted, bindings);
  const plan = { filters, bindings };
  if (request.dryRun) check(world, plan);
  else if (filters.size + bindings.size > 0) await commit(world, plan);
  return { names: wanted.map(({ name }) => name), report };
}

/** True when what exists is to be left alone. */
function skips(onConflict: OnConflict, what: string, report: string[]): boolean {
  if (onConflict === 'fail') throw fail('EXISTS', `there is ${what} already`);
  if (onConflict === 'skip') report.push(`${what}: skipped, it is there already`);
  return onConflict === 'skip';
}

/** Every reference leads to a filter of the document or of the store. */
function refuseUnknown(
  state: State,
  wanted: readonly Filter[],
  bindings: ReadonlyMap<string, Binding>,
): void {
  const known = new Map(wanted.map((filter) => [filter.name, filter]));
  const lookup = (name: string) => known.get(name) ?? lookupIn(state)(name);
  refuseMissing(wanted, lookup);
  for (const { port, filter } of bindings.values()) {
    if (!lookup(filter))
      throw fail('REF_MISSING', `port ${port} refers to ${filter}, and there is no such filter`);
  }
}
