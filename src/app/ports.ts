/** What the product needs from the world: each port is implemented by one edge folder and wired in src/cli. */
import type { PortRuleset } from '../compiler/ruleset.js';
import type { Binding } from '../model/binding.js';
import type { Filter } from '../model/filter.js';

/** A stored value with the revision it has: 1 when created, one more with every change. */
export interface Stored<T> {
  readonly value: T;
  readonly revision: number;
}

/**
 * Named values that survive a crash at any point: once `put` or `remove` has resolved, the change is on disk; before, it
 * is not there at all. Errors: NAME, STALE, DISK.
 */
export interface Collection<T> {
  /** Every value, by name. What cannot be read is a fault in `broken`, never silence. */
  list(): Promise<{
    readonly found: ReadonlyMap<string, Stored<T>>;
    readonly broken: ReadonlyMap<string, string>;
  }>;
  /** Writes if the stored revision is `expected` (0: must not exist; undefined: whatever it is). Answers the new revision. */
  put(name: string, value: T, expected: number | undefined): Promise<number>;
  /** Removes if the stored revision is `expected` (undefined: whatever it is). */
  remove(name: string, expected: number | undefined): Promise<void>;
}

export interface Store {
  readonly filters: Collection<Filter>;
  readonly bindings: Collection<Binding>;
}

/** An interface of the host as `ip link` shows it. */
export interface NetworkInterface {
  readonly name: string;
  readonly mac: string | undefined;
  readonly mtu: number;
  readonly up: boolean;
  /** Name of the bridge it is a port of. */
  readonly bridge: string | undefined;
}

export interface Host {
  readonly kind: 'kernel' | 'dry-run';
  /** Why the host is dry-run, for people; undefined for the kernel. */
  readonly reason: string | undefined;
  /**
   * Puts the ports' new rules into the kernel, or takes a port away where the value is undefined; other ports keep theirs.
   * All or nothing. Errors: HOST_LACKS, NOT_APPLIED (details: the tool's words), each with everything as before.
   */
  apply(changes: ReadonlyMap<string, PortRuleset | undefined>): Promise<void>;
  /** Makes the kernel hold these ports and no others of ours: at start, and to repair. */
  replace(all: ReadonlyMap<string, PortRuleset>): Promise<void>;
  interfaces(): Promise<readonly NetworkInterface[]>;
}
