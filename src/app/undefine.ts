/** Removing a filter nobody uses. */
import { fail } from '../model/errors.js';
import { referrers } from './references.js';
import { storedFilter, type World } from './state.js';
import { commit } from './transaction.js';

/** `expected`: the revision it must have. Errors: FILTER_NOT_FOUND, IN_USE, STALE. */
export async function undefine(world: World, name: string, expected: number | undefined): Promise<void> {
  const { state } = world;
  if (!state.brokenFilters.has(name)) {
    const { revision } = storedFilter(state, name);
    if (expected !== undefined && expected !== revision) {
      throw fail('STALE', `the filter ${name} was changed meanwhile: revision ${revision}, not ${expected}`);
    }
  }
  const ports = [...state.ports.values()].filter((port) => port.stored.value.filter === name);
  const filters = referrers(
    name,
    [...state.filters.values()].map((stored) => stored.value),
  );
  const users = [
    ...ports.map((port) => `port ${port.stored.value.port}`),
    ...filters.map((filter) => `filter ${filter}`),
  ];
  if (users.length > 0) throw fail('IN_USE', `the filter ${name} is used by ${users.join(', ')}`);
  await commit(world, { filters: new Map([[name, undefined]]) });
}
