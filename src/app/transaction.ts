/**
 * The one way anything changes. Everything is compiled before anything is touched; then the kernel, which may refuse,
 * and last the store, after whose failure the kernel gets its old rules back. Either all of it happened or none.
 */
import { compile } from '../compiler/compile.js';
import type { PortRuleset } from '../compiler/ruleset.js';
import type { Binding } from '../model/binding.js';
import { type Fault, fail, NwgateError, throwIfAny } from '../model/errors.js';
import type { Filter } from '../model/filter.js';
import { closedPort } from './closed.js';
import type { Change, Changes, Stored } from './ports.js';
import { reach } from './references.js';
import { lookupIn, type Port, type State, type World } from './state.js';

/** Values to store, or undefined to remove, by name. */
export interface Plan {
  readonly filters?: ReadonlyMap<string, Filter | undefined>;
  readonly bindings?: ReadonlyMap<string, Binding | undefined>;
}

/** What `commit` would find before it touches anything. Errors: those of the compiler. */
export function check(world: World, { filters = new Map(), bindings = new Map() }: Plan): void {
  changedPorts(nextState(world.state, filters, bindings), filters, bindings);
}

/** Errors: those of the compiler, the host and the store, each with everything as before. */
export async function commit(
  world: World,
  { filters = new Map(), bindings = new Map() }: Plan,
): Promise<void> {
  const before = world.state;
  const next = nextState(before, filters, bindings);
  const ports = changedPorts(next, filters, bindings);
  const kernel = kernelChanges(ports, before);
  if (kernel.size > 0) await world.host.apply(kernel);
  try {
    await world.store.commit(storeChanges(before, filters, bindings));
  } catch (error) {
    if (kernel.size > 0) await restore(world, kernel, error);
    throw error;
  }
  world.state = { ...next, ports: new Map([...without(before.ports, bindings), ...present(ports)]) };
}

/** With the new filters; the ports are still the old ones. */
function nextState(
  before: State,
  filters: ReadonlyMap<string, Filter | undefined>,
  bindings: ReadonlyMap<string, Binding | undefined>,
): State {
  return {
    filters: changed(before.filters, filters),
    brokenFilters: without(before.brokenFilters, filters),
    brokenBindings: without(before.brokenBindings, bindings),
    ports: before.ports,
  };
}

/** Ports whose rules may differ afterwards, compiled; undefined: no longer bound. */
function changedPorts(
  next: State,
  filters: ReadonlyMap<string, Filter | undefined>,
  bindings: ReadonlyMap<string, Binding | undefined>,
): ReadonlyMap<string, Port | undefined> {
  const lookup = lookupIn(next);
  const ports = new Map<string, Port | undefined>();
  const faults: Fault[] = [];
  for (const [name, binding] of bindings) {
    if (binding === undefined) {
      ports.set(name, undefined);
      continue;
    }
    const revision = (next.ports.get(name)?.stored.revision ?? 0) + 1;
    ports.set(name, compilePort({ value: binding, revision }, lookup, faults));
  }
  for (const [name, port] of next.ports) {
    if (bindings.has(name) || !uses(port.stored.value.filter, filters, lookup)) continue;
    // A port that had failed before may fail still: its filters are often mended one by one.
    const failed = port.failure !== undefined;
    ports.set(name, compilePort(port.stored, lookup, failed ? undefined : faults));
  }
  throwIfAny(faults);
  return ports;
}

function uses(
  start: string,
  filters: ReadonlyMap<string, unknown>,
  lookup: ReturnType<typeof lookupIn>,
): boolean {
  if (filters.size === 0) return false;
  const { found, missing } = reach(start, lookup);
  return [...filters.keys()].some((name) => found.has(name) || missing.has(name));
}

/** Compiles a binding; faults are added to `faults`, or become the closed port's failure where there is no such list. */
export function compilePort(
  stored: Stored<Binding>,
  lookup: ReturnType<typeof lookupIn>,
  faults?: Fault[],
): Port {
  const { port, filter } = stored.value;
  try {
    return { stored, rules: compile(filter, lookup, stored.value), failure: undefined };
  } catch (error) {
    if (!(error instanceof NwgateError)) throw error;
    faults?.push(...error.faults.map((fault) => ({ ...fault, message: `port ${port}: ${fault.message}` })));
    return { stored, rules: closedPort(port), failure: error.message };
  }
}

function kernelChanges(
  ports: ReadonlyMap<string, Port | undefined>,
  before: State,
): ReadonlyMap<string, PortRuleset | undefined> {
  const changes = new Map<string, PortRuleset | undefined>();
  for (const [name, port] of ports) {
    const had = before.ports.has(name) || before.brokenBindings.has(name);
    if (port !== undefined || had) changes.set(name, port?.rules);
  }
  return changes;
}

function storeChanges(
  before: State,
  filters: ReadonlyMap<string, Filter | undefined>,
  bindings: ReadonlyMap<string, Binding | undefined>,
): Changes {
  const expect = <T>(
    name: string,
    known: number | undefined,
    broken: boolean,
    value: T | undefined,
  ): Change<T> => ({
    name,
    value,
    expected: broken ? undefined : (known ?? 0),
  });
  return {
    filters: [...filters].map(([name, value]) =>
      expect(name, before.filters.get(name)?.revision, before.brokenFilters.has(name), value),
    ),
    bindings: [...bindings].map(([name, value]) =>
      expect(name, before.ports.get(name)?.stored.revision, before.brokenBindings.has(name), value),
    ),
  };
}

/** Gives the kernel the rules it had before a change that could not be stored. */
async function restore(world: World, kernel: ReadonlyMap<string, unknown>, reason: unknown): Promise<void> {
  const old = new Map([...kernel.keys()].map((name) => [name, world.state.ports.get(name)?.rules]));
  try {
    await world.host.apply(old);
  } catch (cause) {
    const ports = [...old.keys()].join(', ');
    const why = reason instanceof Error ? reason.message : String(reason);
    throw fail(
      'INTERNAL',
      `the change could not be stored, and the kernel kept the new rules of ${ports}: restart the gateway`,
      undefined,
      { details: `${why}\n${cause instanceof Error ? cause.message : String(cause)}`, cause },
    );
  }
}

function changed(
  filters: ReadonlyMap<string, Stored<Filter>>,
  changes: ReadonlyMap<string, Filter | undefined>,
): ReadonlyMap<string, Stored<Filter>> {
  const next = new Map(filters);
  for (const [name, value] of changes) {
    if (value === undefined) next.delete(name);
    else next.set(name, { value, revision: (filters.get(name)?.revision ?? 0) + 1 });
  }
  return next;
}

function without<T>(
  map: ReadonlyMap<string, T>,
  names: ReadonlyMap<string, unknown>,
): ReadonlyMap<string, T> {
  return new Map([...map].filter(([name]) => !names.has(name)));
}

function present(ports: ReadonlyMap<string, Port | undefined>): readonly (readonly [string, Port])[] {
  return [...ports].flatMap(([name, port]) => (port ? [[name, port] as const] : []));
}
