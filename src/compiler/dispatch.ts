/**
 * From a packet's interface to its port's chains, through a tree of wildcard matches: what a packet costs grows with the
 * length of names, not with the number of ports.
 */
import { BASE, SIDES, type Side } from './frame.js';
import type { ChainRule, Entry, Target, Test, Tool } from './ruleset.js';

/** So many ports in one chain need no branches. */
const FLAT = 8;
/**
 * Levels under the base chain. nf_tables follows 16 levels of chains: the base chain's caller, the base chain, these, and
 * five for a stage of Ethernet rules (stage.ts). Names that would need more end in a long list.
 */
const MAX_LEVELS = 6;

interface Leaf {
  readonly port: string;
  readonly target: Target;
}

/** How each tool asks for an interface; `pattern` is a name, or a prefix and `+`. */
function interfaceTests(tool: Tool, side: Side, pattern: string): readonly Test[] {
  if (tool === 'ebtables') return [{ option: side === 'to' ? '-o' : '-i', args: [pattern], negated: false }];
  if (side !== 'to') return [{ module: 'physdev', option: '--physdev-in', args: [pattern], negated: false }];
  return [
    { module: 'physdev', option: '--physdev-is-bridged', args: [], negated: false },
    { option: '--physdev-out', args: [pattern], negated: false },
  ];
}

/** The IP tools go there for good: a RETURN at the end is one to the kernel's own chain. ebtables has no goto. */
function into(tool: Tool, chain: string): Target {
  return tool === 'ebtables' ? { kind: 'jump', chain } : { kind: 'goto', chain };
}

function leavesOf(tool: Tool, side: Side, ports: ReadonlyMap<string, Entry>): readonly Leaf[] {
  const leaves: Leaf[] = [];
  for (const [port, { fromGuest, toGuest }] of ports) {
    const chain = side === 'from' ? fromGuest : toGuest;
    if (side === 'post') leaves.push({ port, target: { kind: 'verdict', verdict: 'ACCEPT' } });
    else if (chain !== undefined) leaves.push({ port, target: into(tool, chain) });
  }
  return leaves.sort((a, b) => (a.port < b.port ? -1 : 1));
}

/**
 * The dispatch chains of a tool by name, a chain before those that jump to it; the base chains are always among them.
 * A function of the ports alone, so that what stands in the kernel need not be read.
 */
export function dispatchChains(
  tool: Tool,
  ports: ReadonlyMap<string, Entry>,
): ReadonlyMap<string, readonly ChainRule[]> {
  const chains = new Map<string, readonly ChainRule[]>();
  for (const side of SIDES[tool]) {
    const add = (name: string, leaves: readonly Leaf[], length: number, level: number): string => {
      chains.set(name, branch(leaves, length, level));
      return name;
    };
    const branch = (leaves: readonly Leaf[], length: number, level: number): readonly ChainRule[] => {
      const groups =
        leaves.length <= FLAT || level === MAX_LEVELS ? leaves.map((leaf) => [leaf]) : byNext(leaves, length);
      return groups.map((group): ChainRule => {
        const [first] = group;
        if (first && group.length === 1)
          return { tests: interfaceTests(tool, side, first.port), target: first.target };
        const prefix = commonPrefix(group);
        const child = add(`${BASE[side]}.${prefix}`, group, prefix.length, level + 1);
        return { tests: interfaceTests(tool, side, `${prefix}+`), target: into(tool, child) };
      });
    };
    const leaves = leavesOf(tool, side, ports);
    add(BASE[side], leaves, commonPrefix(leaves).length, 0);
  }
  return chains;
}

/** Sorted leaves that agree up to `length`, grouped by the character there; a name that ends there is alone. */
function byNext(leaves: readonly Leaf[], length: number): readonly (readonly Leaf[])[] {
  const groups = new Map<string, Leaf[]>();
  for (const leaf of leaves) {
    const next = leaf.port.charAt(length);
    const group = groups.get(next);
    if (group) group.push(leaf);
    else groups.set(next, [leaf]);
  }
  return [...groups.values()];
}

/** What all names of a sorted list begin with: as much as the first and the last do. */
function commonPrefix(leaves: readonly Leaf[]): string {
  const [first, last] = [leaves[0]?.port ?? '', leaves.at(-1)?.port ?? ''];
  let length = 0;
  while (length < first.length && first[length] === last[length]) length += 1;
  return first.slice(0, length);
}
