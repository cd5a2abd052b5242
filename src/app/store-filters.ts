/** Checks and stores filters as one transaction: the step that define, create-from, import and CIM writes share. */
import { randomUUID } from 'node:crypto';
import { fail } from '../model/errors.js';
import type { Filter } from '../model/filter.js';
import { checkFilterName } from '../model/names.js';
import { withIdentities } from '../model/rule-identity.js';
import { type Lookup, refuseLoops } from './references.js';
import { sameContent } from './same.js';
import { lookupIn, type State, type World } from './state.js';
import { commit } from './transaction.js';

/** Rules and references of one filter. What a port gets of it and all it refers to has a limit of its own: compiler/instantiate.ts. */
const MOST_ENTRIES = 50_000;

export interface Wanted {
  readonly filter: Filter;
  /** Revision the stored filter must have; 0: there must be none; undefined: whatever it is. */
  readonly expected: number | undefined;
}

/** What to write for `wanted`, by name, after every check that needs no compiler. Equal content is left out. */
export function settle(state: State, wanted: readonly Wanted[]): ReadonlyMap<string, Filter> {
  const settled = new Map<string, Filter>();
  for (const { filter, expected } of wanted) {
    const name = checkFilterName(filter.name);
    if (settled.has(name)) throw fail('EXISTS', `the filter ${name} is there twice`);
    if (filter.entries.length > MOST_ENTRIES)
      throw fail('LIMIT', `the filter ${name} has more than ${MOST_ENTRIES} rules and references`);
    checkRevision(state, name, expected);
    settled.set(name, identified(state, filter));
  }
  refuseSharedUuids(state, settled);
  const lookup: Lookup = (name) => settled.get(name) ?? lookupIn(state)(name);
  refuseLoops([...settled.values()], lookup);
  const news = [...settled].filter(([name, filter]) => {
    const stored = state.filters.get(name);
    return stored === undefined || !sameContent(stored.value, filter);
  });
  return new Map(news.map(([name, filter]) => [name, withoutPlaces(filter)]));
}

/** Errors: NAME, LIMIT, EXISTS, STALE, REF_LOOP, and those of `commit`. Answers the names that changed. */
export async function storeFilters(world: World, wanted: readonly Wanted[]): Promise<readonly string[]> {
  const filters = settle(world.state, wanted);
  if (filters.size > 0) await commit(world, { filters });
  return [...filters.keys()];
}

function checkRevision(state: State, name: string, expected: number | undefined): void {
  if (expected === undefined) return;
  const revision = state.filters.get(name)?.revision ?? 0;
  if (revision === expected) return;
  if (expected === 0) throw fail('EXISTS', `there is a filter ${name} already`);
  if (revision === 0) throw fail('STALE', `the filter ${name} has been removed in the meantime`);
  throw fail('STALE', `the filter ${name} was changed meanwhile: revision ${revision}, not ${expected}`);
}

/** The filter with the uuid and the rule ids it is stored under. A stored filter keeps its uuid. */
function identified(state: State, filter: Filter): Filter {
  const stored = state.filters.get(filter.name)?.value;
  if (!stored) return { ...withIdentities(filter), uuid: filter.uuid ?? randomUUID() };
  if (filter.uuid !== undefined && filter.uuid !== stored.uuid) {
    throw fail('EXISTS', `the filter ${filter.name} exists with the uuid ${stored.uuid}`);
  }
  return { ...withIdentities(filter, stored), uuid: stored.uuid };
}

/** Lines of a document that may be gone tomorrow are no part of what is stored. */
export function withoutPlaces(filter: Filter): Filter {
  return { ...filter, entries: filter.entries.map(({ place: _, ...entry }) => entry) };
}

function refuseSharedUuids(state: State, settled: ReadonlyMap<string, Filter>): void {
  const owners = new Map<string, string>();
  for (const [name, { value }] of state.filters) if (value.uuid !== undefined) owners.set(value.uuid, name);
  for (const [name, { uuid }] of settled) {
    if (uuid === undefined) continue;
    const owner = owners.get(uuid) ?? name;
    if (owner !== name) throw fail('EXISTS', `the uuid ${uuid} is the filter ${owner}'s, not ${name}'s`);
    owners.set(uuid, name);
  }
}
