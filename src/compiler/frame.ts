/**
 * The frame around the rules: our base chains, where the kernel's own chains enter them, and how chain names tell what is
 * ours. Names are at most 31 characters for ebtables and 28 for iptables (XT_EXTENSION_MAXNAMELEN).
 */
import type { Tool } from './ruleset.js';

/** `from` is entered by what comes from a guest, `to` by what goes to one; `post` lets through what both let pass. */
export type Side = 'from' | 'to' | 'post';

export const BASE: Readonly<Record<Side, string>> = {
  from: 'nwgate-from',
  to: 'nwgate-to',
  post: 'nwgate-post',
};

/** The one table of each tool that we write. */
export const TABLE: Readonly<Record<Tool, string>> = {
  ebtables: 'nat',
  iptables: 'filter',
  ip6tables: 'filter',
};

export const SIDES: Readonly<Record<Tool, readonly Side[]>> = {
  ebtables: ['from', 'to'],
  iptables: ['from', 'to', 'post'],
  ip6tables: ['from', 'to', 'post'],
};

const IP_HOOKS = [
  `INPUT ${BASE.from}`,
  `FORWARD ${BASE.from}`,
  `FORWARD ${BASE.to}`,
  `FORWARD ${BASE.post}`,
] as const;

/**
 * The jumps into the base chains, in the order of the tool's `-save`; they stand before whatever else is in those chains.
 * What the guest sends to the host itself passes INPUT (iptables) and PREROUTING (ebtables).
 */
export const HOOKS: Readonly<Record<Tool, readonly string[]>> = {
  ebtables: [`PREROUTING ${BASE.from}`, `POSTROUTING ${BASE.to}`],
  iptables: IP_HOOKS,
  ip6tables: IP_HOOKS,
};

const DISPATCH = /^nwgate-(from|to|post)(\..+)?$/;
const CONTENT = /^nwg-[A-Za-z0-9_.:-]+-[a-z2-7]{12}$/;

/** What a chain of the kernel is to us; undefined for other people's. */
export function kindOfChain(name: string): 'dispatch' | 'content' | undefined {
  if (DISPATCH.test(name)) return 'dispatch';
  return CONTENT.test(name) ? 'content' : undefined;
}
