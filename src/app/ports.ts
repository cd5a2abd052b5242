/** What the product needs from the world: each port is implemented by one edge folder and wired in src/cli. */
import type { PortRuleset } from '../compiler/ruleset.js';
import type { Binding } from '../model/binding.js';
import type { Caller, Role } from '../model/caller.js';
import type { Filter } from '../model/filter.js';
import type { Difference } from './difference.js';

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

/** A user as it is listed. */
export interface Account extends User {
  /** Whether what HTTP Digest needs is kept of the password. */
  readonly digest: boolean;
}

/** `digest`: keep what HTTP Digest needs, even when it is not offered at this moment. */
export interface NewPassword {
  readonly name: string;
  readonly password: string;
  readonly digest?: boolean | undefined;
}

/** Who may use the network services. Errors: NAME, EXISTS, USER_NOT_FOUND, VALUE (a password too short), DISK. */
export interface Users {
  list(): Promise<readonly Account[]>;
  add(user: NewPassword & User, by: Caller): Promise<void>;
  setPassword(password: NewPassword, by: Caller): Promise<void>;
  remove(name: string, by: Caller): Promise<void>;
}

/** A request for a change, as the audit log keeps it. */
export interface Asked {
  readonly operation: string;
  /** What it is about as far as that is known beforehand: `filter NAME`, `port NAME`, `user NAME`, `machine NAME`. */
  readonly objects: readonly string[];
  readonly by: Caller;
}

/** One object that a request changed, with its revisions; 0: it was not there, or is not there any more. */
export interface Revised {
  readonly object: string;
  readonly before: number;
  readonly after: number;
}

/**
 * What became of a request. `code` is one of the error catalogue's. `objects`: those the refusal names, where the request named none: what
 * a document is about is known once it is read.
 */
export type Outcome =
  | { readonly outcome: 'done'; readonly changes: readonly Revised[] }
  | { readonly outcome: 'refused'; readonly code: string; readonly objects?: readonly string[] };

/** A record of every request for a change. What has resolved is on disk. Errors: DISK. */
export interface Audit {
  /** Before anything is done: a request that leaves no trace is not carried out. Answers how to end the record. */
  begin(asked: Asked): Promise<(outcome: Outcome) => Promise<void>>;
}

/** An interface of the host as `ip link` shows it. */
export interface NetworkInterface {
  readonly name: string;
  readonly mac: string | undefined;
  readonly mtu: number;
  readonly up: boolean;
  /** Name of the bridge it is a port of. */
  readonly bridge: string | undefined;
  /** What sort of virtual device it is, as the kernel calls it: `tun`, `veth`, `bridge`. */
  readonly kind?: string | undefined;
  /** What `ip link set … alias` says: here the machine whose it is. */
  readonly alias?: string | undefined;
}

export interface Comparison {
  readonly differences: readonly Difference[];
  /** `rules`: each rule as the tools print it; `counts`: names of chains and how many rules they have. */
  readonly by: 'rules' | 'counts';
}

/** Called when something may have changed on the host, by us or by anybody; often without cause. */
export interface HostEvents {
  rules(): void;
  interfaces(): void;
}

export interface Watch {
  close(): Promise<void>;
}

export interface Host {
  readonly kind: 'kernel' | 'dry-run';
  /** Why the host is dry-run, for people; undefined for the kernel. */
  readonly reason: string | undefined;
  /** A dry run that nobody asked for: the kernel could not be had. */
  readonly fallback?: true;
  /**
   * Puts the ports' new rules into the kernel, or takes a port away where the value is undefined; other ports keep theirs.
   * All or nothing. Errors: HOST_LACKS, NOT_APPLIED (details: the tool's words), each with everything as before.
   */
  apply(changes: ReadonlyMap<string, PortRuleset | undefined>): Promise<void>;
  /** Makes the kernel hold these ports and no others of ours: at start, and to repair. */
  replace(all: ReadonlyMap<string, PortRuleset>): Promise<void>;
  /** How the kernel differs from these ports and no others. Errors: HOST_LACKS. */
  compare(all: ReadonlyMap<string, PortRuleset>): Promise<Comparison>;
  /**
   * As `compare`, for a kernel in which nobody else was at work when we last looked: cheaper, but an edit that falls into the
   * same moment as a change of ours is only found when it changes names or numbers.
   */
  drift(all: ReadonlyMap<string, PortRuleset>): Promise<readonly Difference[]>;
  watch(events: HostEvents): Promise<Watch>;
  interfaces(): Promise<readonly NetworkInterface[]>;
}

/** Variables whose value the gateway can find out by itself. */
export type Learned = 'IP' | 'IPV6';

/** An address that a guest was found to have. */
export interface Lease {
  /** Of the guest's interface. */
  readonly mac: string;
  readonly variable: Learned;
  readonly address: string;
  /** Whether a packet of the guest told it, or a DHCP server. */
  readonly from: 'any' | 'dhcp';
  /** Milliseconds since 1970; undefined: it does not end. */
  readonly expires: number | undefined;
}

/** Leases that survive a restart. */
export interface Leases {
  /** Those that have not expired. Errors: DISK. */
  read(): Promise<readonly Lease[]>;
  write(leases: readonly Lease[]): Promise<void>;
}

/** A bound port whose guest's addresses are to be found out. */
export interface Wanted {
  readonly port: string;
  readonly mac: string;
  readonly mode: 'any' | 'dhcp';
  readonly variables: readonly Learned[];
  /** Servers that are trusted; empty: all. */
  readonly servers: readonly string[];
  /** What is known of this guest. */
  readonly leases: readonly Lease[];
}

/** What hears the guests. */
export interface Listener {
  /** Errors: HOST_LACKS when it cannot hear anything here, naming what is missing. */
  demand(): Promise<void>;
  /** Listens on these ports and no others from now on; tells all leases of a MAC address when they have changed. */
  attend(wanted: readonly Wanted[], tell: (mac: string, leases: readonly Lease[]) => Promise<void>): void;
}
