/** How the kernel differs from what should be there: one value per chain or rule, for people, JSON and indications. */
import type { Tool } from '../compiler/ruleset.js';
import { formatPlace, type Place } from '../model/errors.js';

export const DIFFERENCES = {
  'chain-missing': 'the chain is missing',
  'chain-extra': 'the chain should not be there',
  policy: 'the chain ends otherwise',
  'rule-missing': 'a rule is missing',
  'rule-extra': 'a rule should not be there',
  'rule-changed': 'a rule was changed',
  order: 'the rules stand in another order',
  count: 'the number of rules differs',
  bypassed: "other programs' rules stand before ours",
  'switched-off': 'bridged packets do not come by',
} as const;

export interface Difference {
  readonly kind: keyof typeof DIFFERENCES;
  readonly tool: Tool;
  /** A chain of ours, or the kernel's own in which our jump stands. */
  readonly chain: string;
  /** Ports whose packets meet the chain; empty where that is all or none. */
  readonly ports: readonly string[];
  /** Rules as the tool's `-save` prints them, without `-A CHAIN`. */
  readonly expected: string | undefined;
  readonly found: string | undefined;
  /** The rule of a filter that it comes from. */
  readonly source: Place | undefined;
}

/** One line: `iptables nwg-from-…, port vnet0: a rule is missing: "-p tcp …" (filter no-smtp, rule 1)`. */
export function formatDifference(difference: Difference): string {
  const { kind, tool, chain, ports, expected, found, source } = difference;
  const place = formatPlace(source);
  const quoted = (text: string | undefined) => (text === undefined ? [] : [`"${text}"`]);
  const texts = [...quoted(expected), ...quoted(found)].join(' is now ');
  return [
    `${tool} ${chain}`,
    ports.length === 0 ? '' : `, ${ports.length === 1 ? 'port' : 'ports'} ${ports.join(' ')}`,
    `: ${DIFFERENCES[kind]}`,
    texts === '' ? '' : `: ${texts}`,
    place === '' ? '' : ` (${place})`,
  ].join('');
}
