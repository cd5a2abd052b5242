/** Two states of a tool's tables, rule by rule. Pure. */
import type { Difference } from '../app/difference.js';
import { dispatchChains } from '../compiler/dispatch.js';
import { HOOKS } from '../compiler/frame.js';
import type { ChainRule, Tool } from '../compiler/ruleset.js';
import { applyToView, type Changes, emptyView } from '../compiler/view.js';
import { OTHERS, type OurPart, type SavedChain } from './ours.js';

type Found = Pick<Difference, 'kind'> & Partial<Difference>;

/** What a chain is made of and for whom. */
interface Meaning {
  readonly ports: readonly string[];
  /** In order; undefined for a chain of the frame. */
  readonly rules: readonly ChainRule[] | undefined;
}

/**
 * What the tool should hold as far as it can be told without the tool itself: hooks, chains, and how many rules each has.
 * To be compared with `counts`.
 */
export function countedPart(tool: Tool, wanted: Changes): OurPart {
  const view = applyToView(emptyView, wanted)[tool];
  const contents = [...wanted.values()].flatMap((ruleset) => ruleset?.tools[tool].chains ?? []);
  const frame = view.dispatch.size === 0 ? [] : [...dispatchChains(tool, view.ports)];
  const all = [...frame, ...contents.map(({ name, rules }) => [name, rules] as const)];
  const hooks = new Map<string, string[]>(HOOKS[tool].map((hook) => [hook.split(' ')[0] ?? '', []]));
  for (const hook of view.hooks) {
    const [chain = '', base = ''] = hook.split(' ');
    hooks.get(chain)?.push(base);
  }
  return {
    hooks,
    chains: new Map(all.map(([name, rules]) => [name, { policy: '', lines: rules.map(() => '') }])),
  };
}

/** `wanted` names ports and sources. By `counts` only the number of rules of a chain is looked at. */
export function compareTool(
  tool: Tool,
  expected: OurPart,
  found: OurPart,
  wanted: Changes,
  by: 'lines' | 'counts' = 'lines',
): readonly Difference[] {
  const meanings = meaningsOf(tool, wanted);
  const differences: Difference[] = [];
  const report = (chain: string, each: Found) => {
    const { ports = [] } = meanings.get(chain) ?? {};
    differences.push({
      tool,
      chain,
      ports: ports.length > 0 ? ports : portsIn([each.expected, each.found], wanted),
      expected: undefined,
      found: undefined,
      source: undefined,
      ...each,
    });
  };
  for (const [chain, words] of expected.hooks) {
    for (const each of hookDifferences(words, found.hooks.get(chain) ?? [])) report(chain, each);
  }
  for (const [name, chain] of expected.chains) {
    const there = found.chains.get(name);
    const rules = meanings.get(name)?.rules;
    if (there === undefined) {
      report(name, { kind: 'chain-missing', source: rules?.find((rule) => rule.source)?.source });
      continue;
    }
    const inside = by === 'lines' ? chainDifferences(chain, there, rules) : countDifferences(chain, there);
    for (const each of inside) report(name, each);
  }
  for (const name of found.chains.keys()) {
    if (!expected.chains.has(name)) report(name, { kind: 'chain-extra' });
  }
  return differences;
}

function hookDifferences(expected: readonly string[], found: readonly string[]): readonly Found[] {
  const ours = found.filter((word) => word !== OTHERS);
  if (ours.join() !== expected.join()) {
    const jumps = (words: readonly string[]) => words.map((word) => `-j ${word}`).join(', ') || undefined;
    const kind = ours.length < expected.length ? 'rule-missing' : 'rule-changed';
    return [{ kind, expected: jumps(expected), found: jumps(ours) }];
  }
  return found.includes(OTHERS) ? [{ kind: 'bypassed' }] : [];
}

function countDifferences(expected: SavedChain, found: SavedChain): readonly Found[] {
  const [should, is] = [expected.lines.length, found.lines.length];
  return should === is ? [] : [{ kind: 'count', expected: `${should} rules`, found: `${is} rules` }];
}

function chainDifferences(
  expected: SavedChain,
  found: SavedChain,
  rules: readonly ChainRule[] | undefined,
): readonly Found[] {
  const policy: readonly Found[] =
    expected.policy === found.policy
      ? []
      : [{ kind: 'policy', expected: expected.policy, found: found.policy }];
  return [...policy, ...lineDifferences(expected.lines, found.lines, rules)];
}

function lineDifferences(
  expected: readonly string[],
  found: readonly string[],
  rules: readonly ChainRule[] | undefined,
): readonly Found[] {
  if (expected.join('\n') === found.join('\n')) return [];
  const spare = [...found];
  const missing: { readonly line: string; readonly index: number }[] = [];
  expected.forEach((line, index) => {
    const at = spare.indexOf(line);
    if (at < 0) missing.push({ line, index });
    else spare.splice(at, 1);
  });
  if (missing.length === 0 && spare.length === 0) return [{ kind: 'order' }];
  // The tools print a line for each rule they read.
  const source = (index: number) => (rules?.length === expected.length ? rules[index]?.source : undefined);
  if (missing.length === spare.length) {
    return missing.map(({ line, index }, at) => ({
      kind: 'rule-changed',
      expected: line,
      found: spare[at],
      source: source(index),
    }));
  }
  return [
    ...missing.map(
      ({ line, index }): Found => ({
        kind: 'rule-missing',
        expected: line,
        source: source(index),
      }),
    ),
    ...spare.map((line): Found => ({ kind: 'rule-extra', found: line })),
  ];
}

function meaningsOf(tool: Tool, wanted: Changes): ReadonlyMap<string, Meaning> {
  const meanings = new Map<string, Meaning>();
  for (const [port, ruleset] of wanted) {
    for (const { name, rules } of ruleset?.tools[tool].chains ?? []) {
      const known = meanings.get(name);
      meanings.set(name, { ports: [...(known?.ports ?? []), port], rules: known?.rules ?? rules });
    }
  }
  return meanings;
}

/** Ports that a rule of a dispatch chain names. */
function portsIn(lines: readonly (string | undefined)[], wanted: Changes): readonly string[] {
  const words = new Set(lines.flatMap((line) => line?.split(' ') ?? []));
  return [...wanted.keys()].filter((port) => words.has(port));
}
