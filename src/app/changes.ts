/** What a committed change did to filters and bindings: the difference of two states, as pure values. */
import type { Binding } from '../model/binding.js';
import type { Filter } from '../model/filter.js';
import type { State } from './state.js';

/** Undefined before: it was not there; undefined after: it is gone. */
export interface Replaced<T> {
  readonly before: T | undefined;
  readonly after: T | undefined;
}

export interface Changed {
  /** By name of the filter. */
  readonly filters: ReadonlyMap<string, Replaced<Filter>>;
  /** By port. */
  readonly bindings: ReadonlyMap<string, Replaced<Binding>>;
}

/** Values are compared by identity: a state keeps what did not change. */
export function changesBetween(before: State, after: State): Changed {
  return {
    filters: replaced(valuesOf(before.filters), valuesOf(after.filters)),
    bindings: replaced(bindingsOf(before), bindingsOf(after)),
  };
}

/** Two changes, one after the other, as one: what was in between is not seen. */
export function joined(first: Changed, second: Changed): Changed {
  return {
    filters: joinedMaps(first.filters, second.filters),
    bindings: joinedMaps(first.bindings, second.bindings),
  };
}

function valuesOf<T>(stored: ReadonlyMap<string, { readonly value: T }>): ReadonlyMap<string, T> {
  return new Map([...stored].map(([name, { value }]) => [name, value]));
}

function bindingsOf({ ports }: State): ReadonlyMap<string, Binding> {
  return new Map([...ports].map(([name, { stored }]) => [name, stored.value]));
}

function replaced<T>(
  before: ReadonlyMap<string, T>,
  after: ReadonlyMap<string, T>,
): ReadonlyMap<string, Replaced<T>> {
  const names = new Set([...before.keys(), ...after.keys()]);
  const all = [...names].map((name): [string, Replaced<T>] => [
    name,
    { before: before.get(name), after: after.get(name) },
  ]);
  return new Map(all.filter(([, each]) => each.before !== each.after));
}

function joinedMaps<T>(
  first: ReadonlyMap<string, Replaced<T>>,
  second: ReadonlyMap<string, Replaced<T>>,
): ReadonlyMap<string, Replaced<T>> {
  const all = new Map(first);
  for (const [name, { before, after }] of second) {
    const earlier = all.get(name);
    const whole = { before: earlier ? earlier.before : before, after };
    if (whole.before === whole.after) all.delete(name);
    else all.set(name, whole);
  }
  return all;
}
