/** What the gateway knows, as one frozen value: a change makes the next one, and a failed change never shows. */
import type { PortRuleset } from '../compiler/ruleset.js';
import type { Binding } from '../model/binding.js';
import { fail } from '../model/errors.js';
import type { Filter } from '../model/filter.js';
import { printable } from '../model/names.js';
import type { Compiled } from './learning.js';
import type { Host, Lease, NetworkInterface, Store, Stored } from './ports.js';
import type { Lookup } from './references.js';

/** A bound port: the rules it has, or why it has been closed instead. */
export interface Port {
  readonly stored: Stored<Binding>;
  /** What the kernel was given for it; undefined for a claim, and when the kernel would not take even the closing rules. */
  readonly rules: PortRuleset | undefined;
  readonly failure: string | undefined;
  /** Set where the guest's addresses are learned; never for a claim. */
  readonly learning: Compiled['learning'];
}

export interface State {
  readonly filters: ReadonlyMap<string, Stored<Filter>>;
  readonly ports: ReadonlyMap<string, Port>;
  /** Addresses that have been learned. */
  readonly leases: readonly Lease[];
  /** Files of the store that cannot be read, by filter or port name, with the reason. */
  readonly brokenFilters: ReadonlyMap<string, string>;
  readonly brokenBindings: ReadonlyMap<string, string>;
}

/** Where the app tells what happened; src/cli/log.ts writes it. */
export interface Log {
  info(fields: Readonly<Record<string, unknown>>, message: string): void;
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
}

/** How a change sees the learning of addresses. */
export interface Learner {
  /** Why nothing is heard although something is wanted. */
  readonly trouble: string | undefined;
  /** Errors: HOST_LACKS when nothing can be learned here. */
  demand(): Promise<void>;
  /** Brings what is kept and what is listened for to the state. Never fails: leases can be learned again. */
  follow(state: State): Promise<void>;
}

/** The gateway's surroundings and its current state: what every operation works on. */
export interface World {
  readonly store: Store;
  readonly host: Host;
  readonly log: Log;
  state: State;
  /** Interfaces the host had when last asked. */
  interfaces: ReadonlyMap<string, NetworkInterface>;
  readonly learning: Learner;
  /** Why the kernel does not hold what it should; undefined when it does. */
  trouble: string | undefined;
}

export function lookupIn(state: Pick<State, 'filters'>): Lookup {
  return (name) => state.filters.get(name)?.value;
}

/** Errors: FILTER_NOT_FOUND. */
export function storedFilter(state: State, name: string): Stored<Filter> {
  const stored = state.filters.get(name);
  if (stored) return stored;
  const broken = state.brokenFilters.get(name);
  throw broken === undefined
    ? fail('FILTER_NOT_FOUND', `there is no filter ${printable(name)}`)
    : fail('FILTER_NOT_FOUND', `the file of filter ${name} cannot be read: define it again`, undefined, {
        details: broken,
      });
}

/** Errors: BINDING_NOT_FOUND. */
export function boundPort(state: State, name: string): Port {
  const port = state.ports.get(name);
  if (!port) throw fail('BINDING_NOT_FOUND', `nothing is bound to port ${printable(name)}`);
  return port;
}
