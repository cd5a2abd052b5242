/** What the kernel holds that is ours, told by the names of chains alone (src/compiler/ruleset.ts). */
import { kindOfChain, TABLE } from '../compiler/frame.js';
import { type Entry, type KernelView, TOOLS, type Tool, type ToolView } from '../compiler/ruleset.js';
import { eachTool } from '../compiler/view.js';
import { fail } from '../model/errors.js';
import { option, parseSave, type SavedRule, type SavedTable, target } from './save.js';
import { placeOf, type Tools } from './tools.js';

/** Options that name the port, each with the side of the port it means (the guest's packets come in). */
const SIDES: readonly (readonly [string, keyof Entry])[] = [
  ['-i', 'fromGuest'],
  ['--physdev-in', 'fromGuest'],
  ['-o', 'toGuest'],
  ['--physdev-out', 'toGuest'],
];

/** Errors: HOST_LACKS when a tool cannot be run, or cannot read the kernel. */
export async function readView(tools: Tools): Promise<KernelView> {
  const tables = await readAllTables(tools);
  return eachTool((tool) => viewOf(tool, tables[tool]));
}

export type Tables = Readonly<Record<Tool, readonly SavedTable[]>>;

/** Everything that the tools print. Errors: HOST_LACKS. */
export async function readAllTables(tools: Tools): Promise<Tables> {
  const tables = TOOLS.map(async (tool) => [tool, await readTables(tools, tool)] as const);
  return Object.fromEntries(await Promise.all(tables)) as Record<Tool, readonly SavedTable[]>;
}

/** Every table of a tool. */
export async function readTables(
  { commands, netns, run }: Tools,
  tool: Tool,
): Promise<readonly SavedTable[]> {
  const { save } = commands[tool];
  const { stdout, stderr, failure } = await run(save, [], placeOf(netns));
  if (failure === undefined) return parseSave(stdout);
  throw fail('HOST_LACKS', `${save}: ${failure}`, undefined, { details: stderr.trim() });
}

/** Pure: our part of a tool's tables. */
export function viewOf(tool: Tool, tables: readonly SavedTable[]): ToolView {
  const { chains, rules = [] } = tables.find(({ name }) => name === TABLE[tool]) ?? {};
  const names = [...(chains?.keys() ?? [])];
  const ours = (kind: ReturnType<typeof kindOfChain>) => names.filter((name) => kindOfChain(name) === kind);
  const jumps = new Map(ours('content').map((name) => [name, new Set<string>()]));
  const hooks: string[] = [];
  const ports = new Map<string, Entry>();
  for (const rule of rules) {
    const to = target(rule) ?? '';
    const [inside, leads] = [kindOfChain(rule.chain), kindOfChain(to)];
    if (inside === 'dispatch' && leads === 'content') addPort(ports, rule, to);
    else if (inside === 'content' && leads === 'content') jumps.get(rule.chain)?.add(to);
    // Ours has no tests: a jump with some is somebody else's, and not for us to move.
    else if (inside === undefined && leads === 'dispatch' && rule.args.length === 2)
      hooks.push(`${rule.chain} ${to}`);
  }
  return {
    hooks,
    dispatch: new Set(ours('dispatch')),
    ports,
    chains: new Map([...jumps].map(([name, found]) => [name, [...found]])),
  };
}

/** A dispatch rule for one whole interface name leads to the port's own chain; one with a wildcard further down the tree. */
function addPort(ports: Map<string, Entry>, rule: SavedRule, to: string): void {
  for (const [name, side] of SIDES) {
    const found = option(rule, name);
    if (found === undefined || found.negated || found.value.endsWith('+')) continue;
    const entry = ports.get(found.value) ?? { fromGuest: undefined, toGuest: undefined };
    ports.set(found.value, { ...entry, [side]: to });
  }
}
