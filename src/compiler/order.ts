/**
 * Which rule stands where. iptables and ip6tables have one list; ebtables has a root chain in which the other chains are
 * entered. Source: libvirt's nwfilter format, "filtering chains" and "filter priorities".
 */
import type { Instance } from './instantiate.js';

/** One line of a root chain: a rule of its own, or the way into another chain. */
export type RootEntry =
  | { readonly kind: 'rule'; readonly instance: Instance }
  | { readonly kind: 'chain'; readonly name: string };

export interface Layout {
  readonly root: readonly RootEntry[];
  /** Rules of the other chains by name. */
  readonly chains: ReadonlyMap<string, readonly Instance[]>;
}

/** Rules of root filters first, then by rule priority; what is equal stays in the order of the filters. */
export function inRuleOrder(instances: readonly Instance[]): readonly Instance[] {
  const outside = ({ chain }: Instance) => Number(chain !== 'root');
  return [...instances].sort((a, b) => outside(a) - outside(b) || a.rule.priority - b.rule.priority);
}

/**
 * Sorted rules laid out in chains. A chain is entered before the root rules of its own and higher priority; filters
 * that share a chain may differ in its priority: then the last rule's counts.
 */
export function layout(sorted: readonly Instance[]): Layout {
  const chains = new Map<string, Instance[]>();
  const priorities = new Map<string, number>();
  const rules: Instance[] = [];
  for (const instance of sorted) {
    if (instance.chain === 'root') {
      rules.push(instance);
      continue;
    }
    const chain = chains.get(instance.chain);
    if (chain) chain.push(instance);
    else chains.set(instance.chain, [instance]);
    priorities.set(instance.chain, instance.chainPriority);
  }
  const jumps = [...priorities].sort(([, a], [, b]) => a - b);
  const root: RootEntry[] = [];
  let next = 0;
  for (const instance of rules) {
    for (let jump = jumps[next]; jump && jump[1] <= instance.rule.priority; jump = jumps[next]) {
      root.push({ kind: 'chain', name: jump[0] });
      next += 1;
    }
    root.push({ kind: 'rule', instance });
  }
  for (const [name] of jumps.slice(next)) root.push({ kind: 'chain', name });
  return { root, chains };
}
