/** Questions about which filter refers to which. Source: libvirt's nwfilter format, "filtering chains and references". */
import { type Fault, throwIfAny } from '../model/errors.js';
import { type Filter, referencesOf } from '../model/filter.js';

export type Lookup = (name: string) => Filter | undefined;

/** A filter and everything it refers to, directly or not, each once; names that lead nowhere are in `missing`. */
export function reach(
  start: string,
  lookup: Lookup,
): { readonly found: ReadonlySet<string>; readonly missing: ReadonlySet<string> } {
  const found = new Set<string>();
  const missing = new Set<string>();
  const waiting = [start];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (found.has(name) || missing.has(name)) continue;
    const filter = lookup(name);
    if (filter === undefined) {
      missing.add(name);
    } else {
      found.add(name);
      waiting.push(...referencesOf(filter).map((reference) => reference.filter));
    }
  }
  return { found, missing };
}

/** Throws REF_LOOP, at the reference that leads back, for every one of `filters` that reaches itself. */
export function refuseLoops(filters: readonly Filter[], lookup: Lookup): void {
  const faults: Fault[] = [];
  for (const filter of filters) {
    for (const reference of referencesOf(filter)) {
      const path = pathTo(filter.name, reference.filter, lookup);
      if (path === undefined) continue;
      const circle = [filter.name, ...path].join(' → ');
      const where = { ...reference.place, filter: filter.name };
      faults.push({ code: 'REF_LOOP', message: `filters refer to each other in a circle: ${circle}`, where });
    }
  }
  throwIfAny(faults);
}

/** The names from `start` to `goal` along references; undefined when there is no way. */
function pathTo(goal: string, start: string, lookup: Lookup): readonly string[] | undefined {
  const from = new Map<string, string | undefined>([[start, undefined]]);
  for (const name of from.keys()) {
    if (name === goal) return trace(name, from);
    const filter = lookup(name);
    for (const reference of filter ? referencesOf(filter) : []) {
      if (!from.has(reference.filter)) from.set(reference.filter, name);
    }
  }
  return undefined;
}

function trace(end: string, from: ReadonlyMap<string, string | undefined>): readonly string[] {
  const path: string[] = [];
  for (let name: string | undefined = end; name !== undefined; name = from.get(name)) path.unshift(name);
  return path;
}

/** Throws REF_MISSING for every reference of `filters` that leads nowhere. */
export function refuseMissing(filters: readonly Filter[], lookup: Lookup): void {
  throwIfAny(
    filters.flatMap((filter) =>
      referencesOf(filter)
        .filter((reference) => lookup(reference.filter) === undefined)
        .map((reference): Fault => {
          const message = `it refers to ${reference.filter}, and there is no such filter`;
          return { code: 'REF_MISSING', message, where: { ...reference.place, filter: filter.name } };
        }),
    ),
  );
}

/** Names of the filters among `filters` that refer to `name` themselves. */
export function referrers(name: string, filters: Iterable<Filter>): readonly string[] {
  return [...filters]
    .filter((filter) => referencesOf(filter).some((reference) => reference.filter === name))
    .map((filter) => filter.name);
}
