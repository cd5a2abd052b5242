/** At start: what is stored becomes what is known, and what the kernel holds. */
import { randomUUID } from 'node:crypto';
import { closedPort } from '../compiler/closed.js';
import { NwgateError } from '../model/errors.js';
import type { Filter } from '../model/filter.js';
import { isClaimName } from '../model/names.js';
import type { Host, Lease, Store } from './ports.js';
import { wantedRules } from './reconcile.js';
import type { Log, Port, State, World } from './state.js';
import { withoutPlaces } from './store-filters.js';
import { compilePort } from './transaction.js';

/**
 * Reads the store. An empty one gets the built-in filters first; a filter written by hand gets the uuid it lacks. Bindings that do not compile have failed, with the reason,
 * and stop nobody else.
 */
export async function load(
  store: Store,
  builtIn: readonly Filter[],
  leases: readonly Lease[],
  log: Log,
): Promise<State> {
  let filters = await store.filters.list();
  const bindings = await store.bindings.list();
  const files = [filters.found, filters.broken, bindings.found, bindings.broken];
  if (files.every((map) => map.size === 0) && builtIn.length > 0) {
    await store.commit({
      filters: builtIn.map((filter) => ({ name: filter.name, value: filter, expected: 0 })),
      bindings: [],
    });
    filters = await store.filters.list();
  }
  const nameless = [...filters.found].filter(([, { value }]) => value.uuid === undefined);
  if (nameless.length > 0) {
    const changes = nameless.map(([name, { value, revision }]) => ({
      name,
      value: { ...value, uuid: randomUUID() },
      expected: revision,
    }));
    await store.commit({ filters: changes, bindings: [] });
    filters = await store.filters.list();
  }
  for (const [name, reason] of filters.broken) log.warn({ filter: name, reason }, 'a filter cannot be read');
  for (const [port, reason] of bindings.broken) log.warn({ port, reason }, 'a binding cannot be read');

  const state: State = {
    filters: new Map(
      [...filters.found].map(([name, { value, revision }]) => [
        name,
        { value: withoutPlaces(value), revision },
      ]),
    ),
    brokenFilters: filters.broken,
    brokenBindings: bindings.broken,
    ports: new Map(),
    leases,
  };
  return {
    ...state,
    ports: new Map([...bindings.found].map(([name, stored]) => [name, compilePort(stored, state)])),
  };
}

/** Gives the kernel exactly the known ports. When it refuses the whole, each port by itself, so that one stops no other. */
export async function resync(world: World): Promise<void> {
  const { host, log, state } = world;
  try {
    await host.replace(wantedRules(state));
  } catch (error) {
    const reason = messageOf(error);
    log.warn({ reason }, 'the host refused the rules of all ports together: trying each by itself');
    const ports = new Map<string, Port>();
    for (const [name, port] of state.ports) ports.set(name, await applyAlone(host, name, port));
    world.state = { ...state, ports };
  }
  for (const [name, { failure }] of world.state.ports) {
    if (failure !== undefined) log.warn({ port: name, reason: failure }, 'the rules of a port failed');
  }
}

async function applyAlone(host: Host, name: string, port: Port): Promise<Port> {
  if (isClaimName(name)) return port;
  try {
    await host.apply(new Map([[name, port.rules]]));
    return port;
  } catch (error) {
    return close(host, name, { ...port, failure: port.failure ?? messageOf(error) });
  }
}

/** The port with the closing rules, or with none when the kernel refuses even those. */
export async function close(host: Host, name: string, port: Port): Promise<Port> {
  const rules = closedPort(name);
  try {
    await host.apply(new Map([[name, rules]]));
    return { ...port, rules };
  } catch (error) {
    return { ...port, rules: undefined, failure: `${port.failure}; not closed either: ${messageOf(error)}` };
  }
}

/** Of an error of ours; anything else is a fault of the program and goes on. */
function messageOf(error: unknown): string {
  if (error instanceof NwgateError) return error.faults.map((fault) => fault.message).join('; ');
  throw error;
}
