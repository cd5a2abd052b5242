/** What the kernel holds after a change, computed instead of read. */
import { childrenOf } from './chains.js';
import { dispatchChains } from './dispatch.js';
import { HOOKS } from './frame.js';
import {
  type Chain,
  type Entry,
  type KernelView,
  type PortRuleset,
  TOOLS,
  type Tool,
  type ToolView,
} from './ruleset.js';

/** Ports with their new rules; undefined takes a port away. */
export type Changes = ReadonlyMap<string, PortRuleset | undefined>;

const NOTHING: ToolView = { hooks: [], dispatch: new Set(), ports: new Map(), chains: new Map() };

/** A kernel without anything of ours. */
export const emptyView: KernelView = { ebtables: NOTHING, iptables: NOTHING, ip6tables: NOTHING };

/** A view made tool by tool. */
export function eachTool<T>(make: (tool: Tool) => T): Readonly<Record<Tool, T>> {
  const [ebtables, iptables, ip6tables] = TOOLS;
  return { [ebtables]: make(ebtables), [iptables]: make(iptables), [ip6tables]: make(ip6tables) };
}

/** The tool's view with these entries instead of the ports' old ones and with the chains added; nothing is swept. */
export function withEntries(
  tool: Tool,
  view: ToolView,
  entries: ReadonlyMap<string, Entry | undefined>,
  chains: Iterable<Chain>,
): ToolView {
  const ports = new Map(view.ports);
  for (const [port, entry] of entries) {
    if (entry && (entry.fromGuest !== undefined || entry.toGuest !== undefined)) {
      ports.set(port, { fromGuest: entry.fromGuest, toGuest: entry.toGuest });
    } else ports.delete(port);
  }
  const all = new Map(view.chains);
  for (const { name, rules } of chains) all.set(name, childrenOf(rules));
  const inUse = ports.size > 0;
  return {
    hooks: inUse ? HOOKS[tool] : [],
    dispatch: new Set(inUse ? dispatchChains(tool, ports).keys() : []),
    ports,
    chains: all,
  };
}

/** The tool's view without the content chains that no port leads to. */
export function swept(view: ToolView): ToolView {
  const entered = [...view.ports.values()].flatMap(({ fromGuest, toGuest }) => [fromGuest, toGuest]);
  const used = new Set(entered.filter((name) => name !== undefined));
  // A set goes on to what is added while it is walked.
  for (const name of used) for (const child of view.chains.get(name) ?? []) used.add(child);
  return { ...view, chains: new Map([...view.chains].filter(([name]) => used.has(name))) };
}

/** Rulesets of one tool by port. */
export function entriesOf(tool: Tool, changes: Changes): ReadonlyMap<string, Entry | undefined> {
  return new Map([...changes].map(([port, ruleset]) => [port, ruleset?.tools[tool]]));
}

/** All chains of the changes of one tool, each once. */
export function chainsOf(tool: Tool, changes: Changes): readonly Chain[] {
  const chains = new Map<string, Chain>();
  for (const ruleset of changes.values()) {
    for (const chain of ruleset?.tools[tool].chains ?? []) chains.set(chain.name, chain);
  }
  return [...chains.values()];
}

/** The view after `plan(view, changes)` has been carried out, sweep and all. */
export function applyToView(view: KernelView, changes: Changes): KernelView {
  return eachTool((tool) =>
    swept(withEntries(tool, view[tool], entriesOf(tool, changes), chainsOf(tool, changes))),
  );
}
