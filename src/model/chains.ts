/**
 * Chain names a filter may use, with the frames that enter them. Source: libvirt's nwfilter format, "chains"; the
 * priority of `stp` is the documented one.
 */
import { fail } from './errors.js';

export interface ChainKind {
  readonly prefix: string;
  /** Order among chains when the filter names none; lower is met earlier. */
  readonly priority: number;
}

/** Longer prefixes first where one is the start of another. */
export const CHAIN_KINDS = [
  { prefix: 'root', priority: 0 },
  { prefix: 'mac', priority: -800 },
  { prefix: 'vlan', priority: -750 },
  { prefix: 'stp', priority: -810 },
  { prefix: 'arp', priority: -500 },
  { prefix: 'rarp', priority: -400 },
  { prefix: 'ipv4', priority: -700 },
  { prefix: 'ipv6', priority: -600 },
] as const satisfies readonly ChainKind[];

export type ChainPrefix = (typeof CHAIN_KINDS)[number]['prefix'];

export const MAX_CHAIN_LENGTH = 12;

/** The kind a chain name belongs to, or undefined when it is not a legal chain name. `root` stands alone. */
export function chainKind(name: string): (typeof CHAIN_KINDS)[number] | undefined {
  if (name.length > MAX_CHAIN_LENGTH || !/^[A-Za-z0-9_.:-]+$/.test(name)) return undefined;
  const kind = CHAIN_KINDS.find(({ prefix }) => name.startsWith(prefix));
  return kind?.prefix === 'root' && name !== 'root' ? undefined : kind;
}

/** Default priority of a legal chain name. */
export function chainPriority(name: string): number {
  const kind = chainKind(name);
  if (!kind) throw fail('NAME', `"${name}" is not a chain name`);
  return kind.priority;
}
