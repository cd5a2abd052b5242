/** What the product needs from the world: each port is implemented by one edge folder and wired in src/cli. */
import type { PortRuleset } from '../compiler/ruleset.js';
import type { Binding } from '../model/binding.js';
import type { Role } from '../model/caller.js';
import type { Filter } from '../model/filter.js';

/** A stored value with the revision it has: 1 when created, one more with every change. */
export interface Stored<T> {
  readonly value: T;
  readonly revision: number;
}

/** Every value of one kind, by name. What cannot be read is a fault in `broken`, never silence. */
export interface Collection<T> {
  list(): Promise<{
    readonly found: ReadonlyMap<string, Stored<T>>;
    readonly broken: ReadonlyMap<string, string>;
  }>;
}

/** A value to write, or to remove where it is undefined. */
export interface Change<T> {
  readonly name: string;
  readonly value: T | undefined;
  /** The revision it must have now (0: it must not exist; undefined: whatever it is), else STALE. */
  readonly expected: number | undefined;
}

export interface Changes {
  readonly filters: readonly Change<Filter>[];
  readonly bindings: readonly Change<Binding>[];
}

/**
 * Named values that survive a crash at any point: once `commit` has resolved, all its changes are on disk; before, and after
 * it has failed, none of them is there. Errors: NAME, STALE, DISK. A transaction of compare-and-swaps, as etcd has it.
 */
export interface Store {
  readonly filters: Collection<Filter>;
  readonly bindings: Collection<Binding>;
  commit(changes: Changes): Promise<void>;
}

/** A user of the network services as people see it: never its password. */
export interface User {
  readonly name: string;
  readonly role: Role;
}

/** Who may use the network services. Errors: NAME, EXISTS, USER_NOT_FOUND, VALUE (a password too short), DISK. */
export interface Users {
  list(): Promise<readonly User[]>;
  add(user: User, password: string): Promise<void>;
  remove(name: string): Promise<void>;
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
