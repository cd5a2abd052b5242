/**
 * A network filter as its author wrote it, values in canonical text. Meaning of the words: libvirt's nwfilter format
 * (docs/filters.md). Nothing here knows a protocol's attributes (src/protocols), XML (src/xml) or the kernel.
 */
import type { Place } from './errors.js';

export const ACTIONS = ['accept', 'drop', 'reject', 'return', 'continue'] as const;
export type Action = (typeof ACTIONS)[number];

/** Seen from the guest: `in` is towards the VM, `out` comes from it. */
export const DIRECTIONS = ['in', 'out', 'inout'] as const;
export type Direction = (typeof DIRECTIONS)[number];

export const DEFAULT_RULE_PRIORITY = 500;
export const MIN_PRIORITY = -1000;
export const MAX_PRIORITY = 1000;

/** One attribute of a rule's protocol element. `value` is canonical text of the attribute's type, or a `$VARIABLE`. */
export interface Match {
  readonly attribute: string;
  readonly value: string;
  /** From `match='no'` on the element it stood in: this attribute must NOT match. */
  readonly negated: boolean;
}

export interface Rule {
  readonly kind: 'rule';
  /**
   * Survives edits of other rules; the CIM key of the entry is `<filter>:<id>`. '' only between reading a document that
   * carries none and `withIdentities` (rule-identity.ts).
   */
  readonly id: string;
  readonly action: Action;
  readonly direction: Direction;
  readonly priority: number;
  readonly statematch: boolean;
  /** Element name (`mac`, `tcp-ipv6`…); undefined: a rule that every frame meets. */
  readonly protocol: string | undefined;
  /** In the order of the protocol's table, each attribute once. */
  readonly matches: readonly Match[];
  readonly place?: Place;
}

/** A variable and one value; a name that repeats is a list, in order. */
export interface Parameter {
  readonly name: string;
  readonly value: string;
}

/** Parameters in canonical order: by name, the values of one name as they stood. */
export function inNameOrder(parameters: readonly Parameter[]): readonly Parameter[] {
  return [...parameters].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

export interface FilterRef {
  readonly kind: 'filterref';
  readonly filter: string;
  /** See `inNameOrder`. */
  readonly parameters: readonly Parameter[];
  readonly place?: Place;
}

export type Entry = Rule | FilterRef;

export interface Filter {
  readonly name: string;
  /** Lower case. Absent only between reading a document without one and storing it. */
  readonly uuid: string | undefined;
  readonly chain: string;
  /** Order of the chain among chains; the chain's default unless the author chose one. */
  readonly priority: number;
  readonly entries: readonly Entry[];
}

export function rulesOf(filter: Filter): readonly Rule[] {
  return filter.entries.filter((entry): entry is Rule => entry.kind === 'rule');
}

/** The number of each rule among the rules of the filter, from 1, as places in messages count them. */
export function ruleNumbers(filter: Filter): ReadonlyMap<Entry, number> {
  return new Map(rulesOf(filter).map((rule, index) => [rule, index + 1]));
}

export function referencesOf(filter: Filter): readonly FilterRef[] {
  return filter.entries.filter((entry): entry is FilterRef => entry.kind === 'filterref');
}
