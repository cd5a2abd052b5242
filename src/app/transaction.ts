/**
 * The one way anything changes. Everything is compiled before anything is touched; then the kernel, which may refuse,
 * and last the store, after whose failure the kernel gets its old rules back. Either all of it happened or none.
 */

import { closedPort } from '../compiler/closed.js';
import type { PortRuleset } from '../compiler/ruleset.js';
import type { Binding } from '../model/binding.js';
import { type Fault, fail, NwgateError, throwIfAny } from '../model/errors.js';
import type { Filter } from '../model/filter.js';
import { isClaimName } from '../model/names.js';
import { compileBinding, keptLeases, withLeases } from './learning.js';
import type { Change, Changes, Lease, Stored } from './ports.js';
import { reach } from './references.js';
import { lookupIn, type Port, type State, type World } from './state.js';

/** Stands for the MAC address of a guest that is not there yet (RFC 7042 §2.1.2). */
const EXAMPLE_MAC = '00:00:5e:00:53:01';

/** Values to store, or undefined to remove, by name. */
export interface Plan {
  readonly filters?: ReadonlyMap<string, Filter | undefined>;
  readonly bindings?: ReadonlyMap<string, Binding | undefined>;
  /** Leases by MAC address, instead of those known. */
  readonly leases?: ReadonlyMap<string, readonly Lease[]>;
  /** A binding that does not compile is no error but a closed port: for those that nobody waits for. */
  readonly closes?: true;
}

/** What `commit` would find before it touches anything. Errors: those of the compiler, HOST_LACKS. */
export async function check(world: World, plan: Plan): Promise<void> {
  await prepared(world, plan);
}

/** Errors: those of the compiler, the host and the store, each with everything as before. */
export async function commit(world: World, plan: Plan): Promise<void> {
  const { filters = new Map(), bindings = new Map() } = plan;
  const before = world.state;
  const { next, ports } = await prepared(world, plan);
  const kernel = kernelChanges(ports, before);
  if (kernel.size > 0) await world.host.apply(kernel);
  try {
    await world.store.commit(storeChanges(before, filters, bindings));
  } catch (error) {
    if (kernel.size > 0) await restore(world, kernel, error);
    throw error;
  }
  const all = new Map([...without(before.ports, bindings), ...present(ports)]);
  world.state = { ...next, ports: all, leases: keptLeases(next.leases, all.values()) };
  await world.learning.follow(world.state);
}

/** The state to come, the ports still being the old ones, and the ports that change. */
async function prepared(
  world: World,
  { filters = new Map(), bindings = new Map(), leases = new Map(), closes }: Plan,
) {
  const next = {
    ...nextState(world.state, filters, bindings),
    leases: withLeases(world.state.leases, leases),
  };
  const ports = changedPorts(next, filters, bindings, leases, closes);
  const learns = [...ports].some(([name, port]) => port?.learning && !next.ports.get(name)?.learning);
  if (learns && world.host.kind === 'kernel') await world.learning.demand();
  return { next, ports };
}

/** With the new filters; the ports are still the old ones. */
function nextState(
  before: State,
  filters: ReadonlyMap<string, Filter | undefined>,
  bindings: ReadonlyMap<string, Binding | undefined>,
): Omit<State, 'leases'> {
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
  leases: ReadonlyMap<string, unknown>,
  closes: boolean | undefined,
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
    ports.set(name, compilePort({ value: binding, revision }, next, closes ? undefined : faults));
  }
  for (const [name, port] of next.ports) {
    const learned = port.learning !== undefined && leases.has(port.learning.mac);
    if (bindings.has(name) || !(learned || uses(port.stored.value.filter, filters, lookup))) continue;
    // A port that had failed before may fail still: its filters are often mended one by one.
    const failed = port.failure !== undefined;
    ports.set(name, compilePort(port.stored, next, failed ? undefined : faults));
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
  state: Pick<State, 'filters' | 'leases'>,
  faults?: Fault[],
): Port {
  const { port } = stored.value;
  try {
    const { rules, learning } = compileBinding(example(stored.value), lookupIn(state), state.leases);
    const inForce = isClaimName(port) ? { rules: undefined, learning: undefined } : { rules, learning };
    return { stored, failure: undefined, ...inForce };
  } catch (error) {
    if (!(error instanceof NwgateError)) throw error;
    faults?.push(...error.faults.map((fault) => ({ ...fault, message: `port ${port}: ${fault.message}` })));
    const rules = isClaimName(port) ? undefined : closedPort(port);
    return { stored, rules, failure: error.message, learning: undefined };
  }
}

/** What a claim will be on a port: all its faults are in it already. Any other binding is itself. */
function example(binding: Binding): Binding {
  return isClaimName(binding.port) ? { ...binding, port: 'port', mac: binding.mac ?? EXAMPLE_MAC } : binding;
}

function kernelChanges(
  ports: ReadonlyMap<string, Port | undefined>,
  before: State,
): ReadonlyMap<string, PortRuleset | undefined> {
  const changes = new Map<string, PortRuleset | undefined>();
  for (const [name, port] of ports) {
    const had = before.ports.has(name) || before.brokenBindings.has(name);
    if (!isClaimName(name) && (port !== undefined || had)) changes.set(name, port?.rules);
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
