/**
 * Chains named by what they hold: equal content is one chain for all ports that use it, and changed content is a new chain
 * beside the old one. node:crypto serves as a plain hash function here.
 */
import { createHash } from 'node:crypto';
import { restoreLine, ruleWords } from './line.js';
import type { Chain, ChainRule, Tool } from './ruleset.js';

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';
const LENGTH = 12;

/** The first 60 bits of SHA-256 in base32 (RFC 4648 §6, lower case). */
function shortHash(text: string): string {
  const digest = createHash('sha256').update(text).digest();
  const bits = digest.readBigUInt64BE(0);
  let name = '';
  for (let index = 0; index < LENGTH; index += 1) {
    name += ALPHABET[Number((bits >> BigInt(59 - 5 * index)) & 31n)];
  }
  return name;
}

/** Lines of the chain's rules without the chain's name: all that the kernel sees, and so all that names it. */
export function chainLines(tool: Tool, rules: readonly ChainRule[]): readonly string[] {
  return rules.map((rule) => restoreLine(ruleWords(tool, rule)));
}

/**
 * `nwg-<kind>-<hash>`. Chains it jumps to must be named already. `kind` is a chain of the filters, `from` or `to` for the
 * IP tools, `and` for a stage (stage.ts); at most 12 characters.
 */
export function nameChain(tool: Tool, kind: string, rules: readonly ChainRule[]): Chain {
  return { name: `nwg-${kind}-${shortHash(chainLines(tool, rules).join('\n'))}`, rules };
}

/** Our chains that the rules lead to, each once, in order. */
export function childrenOf(rules: readonly ChainRule[]): readonly string[] {
  const children = new Set<string>();
  for (const { target } of rules) if (target.kind !== 'verdict') children.add(target.chain);
  return [...children];
}
