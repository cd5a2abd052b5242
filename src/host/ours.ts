/** Our part of a tool's tables as text: what two of them are compared by. Pure. */
import { HOOKS, kindOfChain, TABLE } from '../compiler/frame.js';
import { restoreLine } from '../compiler/line.js';
import type { Tool } from '../compiler/ruleset.js';
import { type SavedRule, type SavedTable, target } from './save.js';

export interface SavedChain {
  readonly policy: string;
  /** Rules as printed, without `-A CHAIN`. */
  readonly lines: readonly string[];
}

export interface OurPart {
  readonly chains: ReadonlyMap<string, SavedChain>;
  /**
   * The kernel's own chains from which ours are entered: the first rules as far as the last jump of ours, ours as the
   * base chain they lead to, each run of other people's rules as `OTHERS`.
   */
  readonly hooks: ReadonlyMap<string, readonly string[]>;
}

export const OTHERS = 'others';

export function oursOf(tool: Tool, tables: readonly SavedTable[]): OurPart {
  const table = tables.find(({ name }) => name === TABLE[tool]);
  const chains = new Map<string, { policy: string; lines: string[] }>();
  for (const [name, policy] of table?.chains ?? []) {
    if (kindOfChain(name) !== undefined) chains.set(name, { policy, lines: [] });
  }
  const entered = new Set(HOOKS[tool].map((hook) => hook.split(' ')[0] ?? ''));
  const all = new Map<string, string[]>([...entered].map((name) => [name, []]));
  for (const rule of table?.rules ?? []) {
    chains.get(rule.chain)?.lines.push(restoreLine(rule.args));
    all.get(rule.chain)?.push(hookOf(rule) ?? OTHERS);
  }
  return { chains, hooks: new Map([...all].map(([name, words]) => [name, upToOurs(words)])) };
}

/** The base chain, when the rule is a jump as ours are: without tests. */
function hookOf(rule: SavedRule): string | undefined {
  const to = target(rule);
  return rule.args.length === 2 && kindOfChain(to ?? '') === 'dispatch' ? to : undefined;
}

function upToOurs(words: readonly string[]): readonly string[] {
  const last = words.findLastIndex((word) => word !== OTHERS);
  return words.slice(0, last + 1).filter((word, index) => word !== OTHERS || words[index - 1] !== OTHERS);
}
