/**
 * Old and new Ethernet rules at once, while the IP rules change: no transaction spans the tools, so a port whose rules
 * change in both layers passes through a state in which only frames get through that both its old and its new Ethernet
 * rules accept. Wherever the new rules accept, the stage has the old ones look at the frame as well. All of it stands in
 * the table of the steady rules, so it comes and goes in one transaction for both sides of all ports.
 */
import { nameChain } from './chains.js';
import type { Chain, ChainRule, Target, ToolRuleset, ToolView } from './ruleset.js';

const AND = /^nwg-and-/;

/**
 * Chains that accept what both the port's chains in the view and `fresh` accept. Where one of them has no rules the other one's are both's. Of the
 * old chains only the names are known and needed.
 */
export function bothOf(view: ToolView, fresh: ToolRuleset | undefined, port: string): ToolRuleset {
  const old = view.ports.get(port);
  const chains = new Map<string, Chain>((fresh?.chains ?? []).map((chain) => [chain.name, chain]));
  const side = (before: string | undefined, after: string | undefined): string | undefined => {
    if (before === undefined || after === undefined || before === after) return after ?? before;
    return joined(settled(view, before), after, chains);
  };
  const entries = {
    fromGuest: side(old?.fromGuest, fresh?.fromGuest),
    toGuest: side(old?.toGuest, fresh?.toGuest),
  };
  return { ...entries, chains: [...chains.values()] };
}

/** Adds copies of the chains from `root` on to `chains`, in which the frame must also pass `old`; answers the copy of `root`. */
function joined(old: string, root: string, chains: Map<string, Chain>): string {
  const add = (kind: string, rules: readonly ChainRule[]): string => {
    const chain = nameChain('ebtables', kind, rules);
    chains.set(chain.name, chain);
    return chain.name;
  };
  const ask = add('and', [
    { tests: [], target: { kind: 'jump', chain: old } },
    { tests: [], target: { kind: 'verdict', verdict: 'ACCEPT' } },
  ]);
  const copies = new Map<string, string>();
  const copy = (name: string): string => {
    const known = copies.get(name);
    if (known !== undefined) return known;
    const rules = chains.get(name)?.rules ?? [];
    const turn = (target: Target): Target => {
      if (target.kind === 'jump') return { kind: 'jump', chain: copy(target.chain) };
      // To return from the root chain is to let the frame pass.
      const lets =
        target.kind === 'verdict' &&
        (target.verdict === 'ACCEPT' || (target.verdict === 'RETURN' && name === root));
      return lets ? { kind: 'jump', chain: ask } : target;
    };
    const copied = add(
      kindOf(name),
      rules.map((rule) => ({ ...rule, target: turn(rule.target) })),
    );
    copies.set(name, copied);
    return copied;
  };
  return copy(root);
}

/** `nwg-arp-xyz-<hash>` → `arp-xyz`. */
function kindOf(name: string): string {
  return name.slice('nwg-'.length, name.lastIndexOf('-'));
}

/**
 * A stage that was left standing (the process died) is not staged upon again, or chains would grow deeper with each
 * crash: its older half stands for it.
 */
function settled(view: ToolView, root: string): string {
  const seen = new Set([root]);
  for (const name of seen) {
    const children = view.chains.get(name) ?? [];
    if (AND.test(name)) return children[0] ?? root;
    for (const child of children) seen.add(child);
  }
  return root;
}
