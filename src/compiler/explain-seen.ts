/** What a tool's tests are asked about, and what they answer. */
import type { State } from '../packet/conntrack.js';
import type { Frame } from '../packet/frame.js';
import type { IpPacket } from '../packet/ip.js';
import type { ChainRule, Test } from './ruleset.js';

export interface Connection {
  readonly state: State;
  /** Against the direction of the connection's first packet. */
  readonly reply: boolean;
}

/** What no frame tells. */
export interface Known {
  /** Whether the packet's addresses are in an IP set, by the set's name. */
  readonly sets: ReadonlyMap<string, boolean>;
  /** Connections that connlimit counts, this one among them. */
  readonly connections: number | undefined;
}

export interface Seen {
  readonly frame: Frame;
  /** Undefined for ebtables, which looks at the frame alone. */
  readonly packet: IpPacket | undefined;
  /** Bridge ports it came in by and goes out by; undefined for one that is not ours. */
  readonly from: string | undefined;
  readonly to: string | undefined;
  /** It goes from one bridge port to another. */
  readonly bridged: boolean;
  readonly connection: Connection;
  readonly known: Known;
}

/**
 * A match, which a `!` turns round; or what it does not turn round: 'never' where what is asked for is not there,
 * 'hotdrop' where the match drops what it cannot read, or a question.
 */
export type Answer = boolean | 'never' | 'hotdrop' | Question;

export type Question =
  | { readonly ask: 'set'; readonly set: string; readonly flags: string }
  | { readonly ask: 'connections'; readonly limit: number };

/** `rule`: the whole rule, as tests of one extension are answered together. */
export type Evaluator = (args: readonly string[], seen: Seen, rule: ChainRule) => Answer;

/** One test of a table, or 'never' for what is not there. */
export function compared<T>(value: T | undefined, matches: (value: T) => boolean): Answer {
  return value === undefined ? 'never' : matches(value);
}

/** Reads `S:E` or `N`. */
export function inRange(text: string, value: number): boolean {
  const [first, last = first] = text.split(':').map(Number);
  return first !== undefined && last !== undefined && first <= value && value <= last;
}

/** A name, or the start of one and `+`. */
export function isInterface(pattern: string, name: string | undefined): boolean {
  if (name === undefined) return false;
  return pattern.endsWith('+') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}

/** Whether octets agree with `value` where the mask has ones; a mask is octets or a number of leading ones. */
export function agrees(
  octets: ArrayLike<number>,
  value: readonly number[],
  mask: readonly number[] | undefined,
): boolean {
  return value.every((octet, at) => (((octets[at] ?? 0) ^ octet) & (mask?.[at] ?? 255)) === 0);
}

/** What a rule's tests are looked up by. */
export function keyOf({ module, option }: Pick<Test, 'module' | 'option'>): string {
  return module === undefined ? option : `${module} ${option}`;
}
