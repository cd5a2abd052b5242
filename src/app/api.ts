/** What the product does, as one interface: the command line, the control socket, WS-Management and SOAP all call this. */

import type { PortRuleset } from '../compiler/ruleset.js';
import { FOREIGN } from '../mapping/foreign.js';
import type { Binding } from '../model/binding.js';
import type { Caller } from '../model/caller.js';
import type { Fault } from '../model/errors.js';
import type { Filter, Parameter } from '../model/filter.js';
import type { Changed } from './changes.js';
import type { HookCall, HookResult } from './hook.js';
import type { Lease, NetworkInterface, Stored, Watch } from './ports.js';
import type { OnHostDiffers, Verified } from './reconcile.js';

export interface FilterSummary {
  readonly name: string;
  readonly uuid: string;
  readonly chain: string;
  readonly priority: number;
  /** Counts of its own entries. */
  readonly rules: number;
  readonly references: number;
  /** Ports on which it is in force, itself or through a reference. */
  readonly ports: readonly string[];
}

export type BindingState = 'applied' | 'pending' | 'failed';

export interface BindingStatus extends Binding {
  readonly revision: number;
  readonly state: BindingState;
  /** Why it is pending or failed. */
  readonly reason: string | undefined;
  /** The ports that have its rules: itself, or those that a claim has taken. */
  readonly ports: readonly string[];
  /** Addresses of the guest that were found out, of those that the filter asks for. */
  readonly learned: readonly Lease[];
}

export interface BindOptions {
  /** Allows another filter on a bound port. */
  readonly replace?: boolean;
  /** The revision the binding must have. */
  readonly expected?: number;
}

export interface DefineOptions {
  /** Refuse to create: FILTER_NOT_FOUND. */
  readonly mustExist?: boolean | undefined;
  /** Names the document in errors. */
  readonly source?: string | undefined;
  /** The filter it was read as before somebody edited it: another name is NAME, a revision in between is STALE. */
  readonly edited?: { readonly name: string; readonly revision: number } | undefined;
}

/** A stored file that cannot be read: it is in the way of nothing else, and replacing or removing it mends it. */
export interface Unreadable {
  readonly kind: 'filter' | 'binding';
  /** Of the filter or the port. */
  readonly name: string;
  readonly reason: string;
}

export const FORMS = ['native', 'wscim', 'cimxml', 'mof', 'draft'] as const;
export type Form = (typeof FORMS)[number];

export interface CompileRequest {
  /** A stored filter's name, or a native document that need not be stored. */
  readonly filter: string | { readonly document: string; readonly source: string };
  readonly port: string;
  readonly mac?: string | undefined;
  readonly parameters?: readonly Parameter[];
}

/** Whose classes a CIM form is written in: ours, which hold every filter, or a vendor's. */
export const CLASSES = ['nwg', ...FOREIGN] as const;
export type Classes = (typeof CLASSES)[number];

export interface ExportRequest {
  /** Empty: all. */
  readonly names: readonly string[];
  readonly form: Form;
  /** Of a CIM form: ours unless given. */
  readonly classes?: Classes;
  readonly withReferences?: boolean;
  /** Write what the form holds, and say what was left out, instead of refusing. */
  readonly lossy?: boolean;
  /** A bound port: its filter with all it refers to and the binding, as one native document. */
  readonly binding?: string | undefined;
}

export interface Exported {
  readonly document: string;
  /** What the form could not hold; empty unless the caller asked for a lossy export. */
  readonly leftOut: readonly Fault[];
}

export interface ImportRequest {
  readonly document: string;
  /** Names the document in errors. */
  readonly source?: string | undefined;
  readonly form?: Form | 'auto';
  /** Name of the filter where the form has none. */
  readonly name?: string | undefined;
  readonly onConflict?: 'fail' | 'replace' | 'skip';
  readonly dryRun?: boolean;
}

export interface Imported {
  /** Filters written (or, in a dry run, that would be). */
  readonly names: readonly string[];
  /** What each object of the document became, one line each. */
  readonly report: readonly string[];
}

export interface Gateway {
  listFilters(): readonly FilterSummary[];
  /** Errors: FILTER_NOT_FOUND. */
  filter(name: string): Stored<Filter>;
  filters(): readonly Stored<Filter>[];
  /** Canonical native XML. */
  dumpxml(name: string): string;
  /** Reads and stores a native document; rules of ports that use the filter follow at once or nothing changes. */
  define(document: string, options: DefineOptions, by: Caller): Promise<FilterSummary>;
  /** Stores filters as one transaction: all of them and every port that uses them, or nothing. `expected`: see Change in ports.ts. */
  putFilters(
    filters: readonly { readonly filter: Filter; readonly expected: number | undefined }[],
    by: Caller,
  ): Promise<void>;
  /** Errors: FILTER_NOT_FOUND, IN_USE, STALE. */
  undefine(name: string, by: Caller, expected?: number): Promise<void>;
  createFrom(name: string, newName: string, by: Caller): Promise<FilterSummary>;
  /** Every fault of a native document, none when it is good. Stores nothing. */
  validate(document: string, source: string): readonly Fault[];
  bindings(): readonly BindingStatus[];
  /** Errors: EXISTS (bound already), FILTER_NOT_FOUND, STALE, VARIABLE_*, HOST_LACKS, NOT_APPLIED. */
  bind(binding: Binding, options: BindOptions, by: Caller): Promise<BindingStatus>;
  /** Errors: BINDING_NOT_FOUND, STALE. */
  unbind(port: string, by: Caller, expected?: number): Promise<void>;
  /** What libvirt tells about the life of a machine. Errors: see hook.ts; the machine must not start then. */
  hook(call: HookCall, by: Caller): Promise<HookResult>;
  /** Whether the kernel is what it should be, and with `repair` making it so. Errors: HOST_LACKS, NOT_APPLIED. */
  verify(repair: boolean, by: Caller): Promise<Verified>;
  /** Called whenever a watched host was found different from what is stored. */
  onHostDiffers(listener: OnHostDiffers): void;
  /** From now on the host is put right as soon as somebody else changes it, and ports are seen to come and go. */
  watch(): Promise<Watch>;
  /** Calls `listener` after each committed change, in order, until the answer is called. A listener must not throw. */
  onChange(listener: (change: Changed) => void): () => void;
  unreadable(): readonly Unreadable[];
  compile(request: CompileRequest): PortRuleset;
  exportPolicy(request: ExportRequest): Promise<Exported>;
  importPolicy(request: ImportRequest, by: Caller): Promise<Imported>;
  interfaces(): Promise<readonly NetworkInterface[]>;
  /** What the host is: see Host. */
  readonly host: { readonly kind: 'kernel' | 'dry-run'; readonly reason: string | undefined };
}
