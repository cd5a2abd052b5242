/**
 * How to bring the kernel from what it holds to what it should hold, so that at every moment each packet meets its port's
 * old rules, or its new ones, or both: never neither. Pure; the applier carries it out.
 */
import { closedPort } from './closed.js';
import {
  type Batch,
  type Chain,
  type Entry,
  type KernelView,
  type PortRuleset,
  TOOLS,
  type Tool,
  type ToolView,
} from './ruleset.js';
import { bothOf } from './stage.js';
import { restoreText, transition } from './transition.js';
import { type Changes, chainsOf, entriesOf, swept, withEntries } from './view.js';

export { applyToView, emptyView } from './view.js';

const IP_TOOLS = ['iptables', 'ip6tables'] as const;

/** A change of one tool's tables in one transaction, and what takes it back. */
export interface Step {
  readonly batch: Batch;
  /** Undefined for the last step, as nothing behind it could fail, and for one that closes ports that were open against the operator's will. */
  readonly undo: Batch | undefined;
  /** What the tool's tables hold when it is done. */
  readonly after: ToolView;
}

export interface Plan {
  /** In order. When one fails, the undos of those before it, last first, make everything as it was. */
  readonly steps: readonly Step[];
  /**
   * Once all steps are done: removes chains that nothing leads to any more. A failure leaves them behind, without effect,
   * for the next plan from a view that has been read. What the last step's tool has of them goes in that step: nothing will have to
   * be taken back to them, and every transaction that removes something has the kernel wait for all its processors.
   */
  readonly sweep: readonly Batch[];
}

/** The steps for these ports; others keep their rules. Empty when the kernel holds all of it. */
export function plan(view: KernelView, changes: Changes): Plan {
  return planned(view, changes, { rewrite: false, closed: new Set() });
}

/** What becomes of ports whose IP rules are lost, until they are there again. */
export type Meanwhile = 'closed' | 'open';

/**
 * As `plan`, for the ports of `all` and no others; everything is written anew, as names alone do not tell what is broken. Where a
 * tool has been emptied, the first step lets nothing pass through the ports that want its rules (`meanwhile` closed), and that stays
 * so when a later step fails.
 */
export function replacePlan(
  view: KernelView,
  all: ReadonlyMap<string, PortRuleset>,
  meanwhile: Meanwhile = 'closed',
): Plan {
  const known = Object.values(view).flatMap(({ ports }) => [...ports.keys()]);
  const gone = known.filter((port) => !all.has(port)).map((port) => [port, undefined] as const);
  const changes = new Map<string, PortRuleset | undefined>([...all, ...gone]);
  return planned(view, changes, {
    rewrite: true,
    closed: meanwhile === 'closed' ? bareOf(view, all) : new Set(),
  });
}

/** The ports that want rules of an IP tool whose tables hold nothing of ours. */
function bareOf(view: KernelView, all: ReadonlyMap<string, PortRuleset>): ReadonlySet<string> {
  const emptied = IP_TOOLS.filter((tool) => view[tool].hooks.length === 0);
  return new Set(
    [...all.keys()].filter((port) => emptied.some((tool) => hasRules(all.get(port)?.tools[tool]))),
  );
}

const hasRules = (entry: Entry | undefined) => entry?.fromGuest !== undefined || entry?.toGuest !== undefined;

interface Manner {
  /** Everything is written anew. */
  readonly rewrite: boolean;
  /** Ports through which nothing passes from the first step to the last. */
  readonly closed: ReadonlySet<string>;
}

function planned(view: KernelView, changes: Changes, { rewrite, closed }: Manner): Plan {
  const moves: Move[] = [];
  const reached: Record<Tool, ToolView> = { ...view };
  const go = (tool: Tool, to: Goal, anew: boolean) => {
    const from = reached[tool];
    const after = withEntries(tool, from, to.entries, to.chains);
    const chains = new Map(to.chains.map((chain) => [chain.name, chain]));
    const lines = transition(tool, from, after, { chains, rewrite: anew });
    if (lines.length === 0) return;
    moves.push({ tool, from, lines, after });
    reached[tool] = after;
  };
  const goal = (tool: Tool): Goal => ({ entries: entriesOf(tool, changes), chains: chainsOf(tool, changes) });

  go('ebtables', stage(view, changes, closed), rewrite);
  for (const tool of IP_TOOLS) go(tool, goal(tool), rewrite);
  go('ebtables', goal('ebtables'), closed.size > 0);

  const last = moves.at(-1);
  const sweep = TOOLS.filter((tool) => tool !== last?.tool).flatMap((tool) => {
    const lines = transition(tool, reached[tool], swept(reached[tool]));
    return lines.length === 0 ? [] : [batchOf(tool, lines)];
  });
  const steps = moves.map((move) => (move === last ? lastStep(move) : stepOf(move)));
  const [closing, ...others] = steps;
  return { steps: closed.size > 0 && closing ? [{ ...closing, undo: undefined }, ...others] : steps, sweep };
}

/** A step on the way from `from` to `after`. */
interface Move {
  readonly tool: Tool;
  readonly from: ToolView;
  readonly lines: readonly string[];
  readonly after: ToolView;
}

function stepOf({ tool, from, lines, after }: Move): Step {
  return { batch: batchOf(tool, lines), undo: batchOf(tool, transition(tool, after, from)), after };
}

function lastStep({ tool, lines, after }: Move): Step {
  const end = swept(after);
  return { batch: batchOf(tool, [...lines, ...transition(tool, after, end)]), undo: undefined, after: end };
}

function batchOf(tool: Tool, lines: readonly string[]): Batch {
  return { tool, input: restoreText(tool, lines) };
}

interface Goal {
  readonly entries: ReadonlyMap<string, Entry | undefined>;
  /** Children first. */
  readonly chains: readonly Chain[];
}

/** Ethernet rules to have while the IP rules change: for a port whose IP rules do, both its old and its new ones. */
function stage(view: KernelView, changes: Changes, closed: ReadonlySet<string>): Goal {
  const entries = new Map<string, Entry | undefined>();
  const chains = new Map(chainsOf('ebtables', changes).map((chain) => [chain.name, chain]));
  for (const [port, ruleset] of changes) {
    const fresh = closed.has(port) ? closedPort(port).tools.ebtables : ruleset?.tools.ebtables;
    const moves = IP_TOOLS.some((tool) => !sameEntry(view[tool].ports.get(port), ruleset?.tools[tool]));
    const staged = moves && !closed.has(port) ? bothOf(view.ebtables, fresh, port) : fresh;
    entries.set(port, staged);
    for (const chain of staged?.chains ?? []) chains.set(chain.name, chain);
  }
  return { entries, chains: [...chains.values()] };
}

function sameEntry(a: Entry | undefined, b: Entry | undefined): boolean {
  return a?.fromGuest === b?.fromGuest && a?.toGuest === b?.toGuest;
}
