/** The gateway: the product's operations over one state, changes one at a time. */
import type { Transform } from '../mapping/transform.js';
import type { Filter } from '../model/filter.js';
import { referencesOf, rulesOf } from '../model/filter.js';
import { writeFilter } from '../xml/nwfilter-write.js';
import { demand } from './access.js';
import type { FilterSummary, Gateway, Unreadable } from './api.js';
import { allStatus, bind, lookAround, settle, statusOf, unbind } from './bind.js';
import { type Changed, changesBetween } from './changes.js';
import { compileRequest } from './compile.js';
import { createFrom, define, validate } from './define.js';
import { exportPolicy } from './export.js';
import { hook } from './hook.js';
import { importPolicy } from './import.js';
import { learner } from './learner.js';
import type { Host, Leases, Listener, Store } from './ports.js';
import { type Exclusively, oneAtATime } from './queue.js';
import { type OnHostDiffers, verify } from './reconcile.js';
import { reach } from './references.js';
import { load, resync } from './resync.js';
import { boundPort, type Log, lookupIn, type State, storedFilter, type World } from './state.js';
import { storeFilters } from './store-filters.js';
import { commit } from './transaction.js';
import { undefine } from './undefine.js';
import { watchHost } from './watch-host.js';

export interface Surroundings {
  readonly store: Store;
  readonly host: Host;
  readonly transform: Transform;
  /** This host's name in CIM keys. */
  readonly systemName: string;
  readonly log: Log;
  /** Stored when the store is empty. */
  readonly builtIn: readonly Filter[];
  /** False: the kernel is not touched at opening; for a process that only reads. */
  readonly resync?: boolean;
  /** Addresses learned before; without it none are kept. */
  readonly leases?: Leases;
  /** Without it no address is ever learned. */
  readonly listener?: Listener;
}

/** Loads what is stored and brings the kernel to it. Errors: DISK. What cannot be applied is said by `bindings`. */
export async function openGateway(around: Surroundings): Promise<Gateway> {
  const { store, host, log, transform, systemName } = around;
  const state = await load(store, around.builtIn, (await around.leases?.read()) ?? [], log);
  const learning = learner(around, (mac, leases) =>
    exclusively(async () => {
      await commit(world, { leases: new Map([[mac, leases]]) });
      log.info({ mac, addresses: leases.map(({ address }) => address) }, "a guest's addresses changed");
    }),
  );
  const world: World = { store, host, log, state, interfaces: new Map(), trouble: undefined, learning };

  const forms = { transform, systemName };
  const changes = new Set<(change: Changed) => void>();
  const exclusively = announcing(oneAtATime(), world, changes);
  if (around.resync !== false) {
    await resync(world);
    await learning.follow(world.state);
  }
  if (around.resync === false) await lookAround(world);
  else await settle(world);
  const listeners: OnHostDiffers[] = [];
  const summary = (name: string) => summarise(world.state, name);

  return {
    host: { kind: host.kind, reason: host.reason },
    listFilters: () => summariseAll(world.state),
    filter: (name) => storedFilter(world.state, name),
    filters: () => [...world.state.filters.values()],
    dumpxml: (name) => writeFilter(storedFilter(world.state, name).value),
    validate,
    bindings: () => allStatus(world),
    unreadable: () => [
      ...list('filter', world.state.brokenFilters),
      ...list('binding', world.state.brokenBindings),
    ],
    compile: (request) => compileRequest(world.state, request),
    exportPolicy: (request) => exportPolicy(world.state, forms, request),
    interfaces: () => lookAround(world),
    verify: (repair, by) =>
      exclusively(async () => {
        if (repair) demand(by, 'repair');
        const verified = await verify(world, repair);
        if (verified.repaired) log.info({ by: by.name, from: by.from }, 'host repaired');
        return verified;
      }),
    onChange(listener) {
      changes.add(listener);
      return () => void changes.delete(listener);
    },
    onHostDiffers: (listener) => void listeners.push(listener),
    watch: () =>
      watchHost(world, exclusively, (event) => {
        for (const listener of listeners) listener(event);
      }),

    define: (document, options, by) =>
      exclusively(async () => {
        demand(by, 'define');
        const name = await define(world, document, options);
        log.info({ filter: name, by: by.name, from: by.from }, 'filter defined');
        return summary(name);
      }),
    putFilters: (filters, by) =>
      exclusively(async () => {
        demand(by, 'putFilters');
        const names = await storeFilters(world, filters);
        log.info({ filters: names, by: by.name, from: by.from }, 'filters stored');
      }),
    undefine: (name, by, expected) =>
      exclusively(async () => {
        demand(by, 'undefine');
        await undefine(world, name, expected);
        log.info({ filter: name, by: by.name, from: by.from }, 'filter undefined');
      }),
    createFrom: (name, newName, by) =>
      exclusively(async () => {
        demand(by, 'createFrom');
        await createFrom(world, name, newName);
        log.info({ filter: newName, copyOf: name, by: by.name, from: by.from }, 'filter copied');
        return summary(newName);
      }),
    bind: (binding, options, by) =>
      exclusively(async () => {
        demand(by, 'bind');
        const port = await bind(world, binding, options);
        log.info({ port, filter: binding.filter, by: by.name, from: by.from }, 'port bound');
        return statusOf(world, boundPort(world.state, port));
      }),
    unbind: (port, by, expected) =>
      exclusively(async () => {
        demand(by, 'unbind');
        await unbind(world, port, expected);
        log.info({ port, by: by.name, from: by.from }, 'port unbound');
      }),
    hook: (call, by) =>
      exclusively(async () => {
        demand(by, 'bind');
        const result = await hook(world, call);
        await lookAround(world);
        const { vm, operation, suboperation } = call;
        log.info({ vm, operation, suboperation, ...result, domain: undefined, by: by.name }, 'hook called');
        return result;
      }),
    importPolicy: (request, by) =>
      exclusively(async () => {
        demand(by, 'importPolicy');
        const imported = await importPolicy(world, forms, request);
        if (!request.dryRun) {
          log.info({ filters: imported.names, by: by.name, from: by.from }, 'policy imported');
        }
        return imported;
      }),
  };
}

/** Tells the listeners what each piece of work changed, also where it failed after it had changed something. */
function announcing(
  exclusively: Exclusively,
  world: World,
  listeners: ReadonlySet<(change: Changed) => void>,
): Exclusively {
  return (work) =>
    exclusively(async () => {
      const before = world.state;
      try {
        return await work();
      } finally {
        if (listeners.size > 0 && world.state !== before) {
          const change = changesBetween(before, world.state);
          for (const listener of [...listeners]) listener(change);
        }
      }
    });
}

function list(kind: Unreadable['kind'], broken: ReadonlyMap<string, string>): readonly Unreadable[] {
  return [...broken].map(([name, reason]) => ({ kind, name, reason }));
}

function summariseAll(state: State): readonly FilterSummary[] {
  const ports = portsByFilter(state);
  return [...state.filters.keys()].sort().map((name) => summarise(state, name, ports));
}

function summarise(state: State, name: string, ports = portsByFilter(state)): FilterSummary {
  const { value } = storedFilter(state, name);
  return {
    name,
    uuid: value.uuid ?? '',
    chain: value.chain,
    priority: value.priority,
    rules: rulesOf(value).length,
    references: referencesOf(value).length,
    ports: ports.get(name) ?? [],
  };
}

/** Ports in force of every filter, through references too. */
function portsByFilter(state: State): ReadonlyMap<string, readonly string[]> {
  const lookup = lookupIn(state);
  const ports = new Map<string, string[]>();
  for (const [port, { stored }] of [...state.ports].sort(([a], [b]) => (a < b ? -1 : 1))) {
    for (const filter of reach(stored.value.filter, lookup).found) {
      ports.set(filter, [...(ports.get(filter) ?? []), port]);
    }
  }
  return ports;
}
