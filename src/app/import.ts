/** Policies in, from any form: all of it or nothing. */
import type { Binding } from '../model/binding.js';
import { type Fault, fail, throwIfAny } from '../model/errors.js';
import type { Filter } from '../model/filter.js';
import { checkFilterName } from '../model/names.js';
import { writeFilter } from '../xml/nwfilter-write.js';
import type { Imported, ImportRequest } from './api.js';
import { checkBinding } from './check-binding.js';
import { withClaims } from './claims.js';
import { type FormContext, readPolicy } from './forms.js';
import { refuseMissing } from './references.js';
import { lookupIn, type State, type World } from './state.js';
import { settle } from './store-filters.js';
import { check, commit } from './transaction.js';

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

  const conflicts: Fault[] = [];
  /** True when what exists is to be left alone. */
  const conflict = (what: string): boolean => {
    if (onConflict === 'fail') conflicts.push({ code: 'EXISTS', message: `there is ${what} already` });
    if (onConflict === 'skip') report.push(`${what}: skipped, it is there already`);
    return onConflict !== 'replace';
  };

  const wanted: Filter[] = [];
  for (const filter of policy.filters) {
    const name = checkFilterName(filter.name);
    const there = state.filters.get(name);
    const exists = there !== undefined || state.brokenFilters.has(name);
    // A bundle goes to many hosts, and its filters are there already on most: no conflict while they say the same.
    if (there && policy.bindings.length > 0 && saysTheSame(there.value, filter)) {
      report.push(`filter ${name}: the same is there already`);
      continue;
    }
    if (exists && conflict(`filter ${name}`)) continue;
    // A replaced filter keeps its own uuid.
    wanted.push(exists ? { ...filter, uuid: undefined } : filter);
  }
  const bindings = new Map<string, Binding>();
  for (const binding of policy.bindings.map(checkBinding)) {
    const bound = state.ports.has(binding.port) || state.brokenBindings.has(binding.port);
    if (bound && conflict(`the binding of port ${binding.port}`)) continue;
    bindings.set(binding.port, binding);
    report.push(`port ${binding.port}: bound to the filter ${binding.filter}`);
  }

  throwIfAny(conflicts);

  const filters = settle(
    state,
    wanted.map((filter) => ({ filter, expected: undefined })),
  );
  refuseUnknown(state, wanted, bindings);
  const plan = { filters, bindings: withClaims(state, world.interfaces, bindings) };
  if (request.dryRun) await check(world, plan);
  else if (filters.size + bindings.size > 0) await commit(world, plan);
  return { names: wanted.map(({ name }) => name), report };
}

/** Equal canonical XML, uuids and ids of rules apart. */
function saysTheSame(a: Filter, b: Filter): boolean {
  return writeFilter({ ...a, uuid: undefined }) === writeFilter({ ...b, uuid: undefined });
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
