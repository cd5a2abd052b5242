/** What turns one view of a tool's tables into another, in one transaction. */
import { chainLines } from './chains.js';
import { dispatchChains } from './dispatch.js';
import { TABLE } from './frame.js';
import type { Chain, ChainRule, Tool, ToolView } from './ruleset.js';

export interface Content {
  /** Chains by name, children first; those that `to` has and `from` does not must be among them. */
  readonly chains: ReadonlyMap<string, Chain>;
  /** Write also what names say is there already, for a kernel in which somebody else has been at work. */
  readonly rewrite: boolean;
}

const NO_CONTENT: Content = { chains: new Map(), rewrite: false };

/** Lines for the tool's table (see `restoreText`); none when there is nothing to do. */
export function transition(
  tool: Tool,
  from: ToolView,
  to: ToolView,
  { chains, rewrite }: Content = NO_CONTENT,
): readonly string[] {
  const lines: string[] = [];
  for (const { name, rules } of chains.values()) {
    if (to.chains.has(name) && (rewrite || !from.chains.has(name))) write(tool, name, rules, lines);
  }
  const gone = [
    ...[...from.dispatch].filter((name) => !to.dispatch.has(name)),
    ...[...from.chains.keys()].filter((name) => !to.chains.has(name)),
  ];
  return [
    ...lines,
    ...dispatchLines(tool, from, to, rewrite),
    ...hookLines(from, to, rewrite),
    ...gone.map((name) => `-F ${name}`),
    ...gone.map((name) => `-X ${name}`),
  ];
}

/** A complete input from lines of the tool's table. */
export function restoreText(tool: Tool, lines: readonly string[]): string {
  return [`*${TABLE[tool]}`, ...lines, 'COMMIT', ''].join('\n');
}

/** The line makes the chain where it is not there, and empties it where it is. */
export function declaration(tool: Tool, name: string): string {
  return tool === 'ebtables' ? `:${name} RETURN` : `:${name} - [0:0]`;
}

function write(tool: Tool, name: string, rules: readonly ChainRule[], lines: string[]): void {
  lines.push(declaration(tool, name));
  for (const line of chainLines(tool, rules)) lines.push(`-A ${name} ${line}`);
}

function dispatchLines(tool: Tool, from: ToolView, to: ToolView, rewrite: boolean): readonly string[] {
  const old = dispatchChains(tool, from.ports);
  const lines: string[] = [];
  if (to.dispatch.size === 0) return lines;
  for (const [name, rules] of dispatchChains(tool, to.ports)) {
    const before = from.dispatch.has(name) && !rewrite ? old.get(name) : undefined;
    const same = before && chainLines(tool, before).join('\n') === chainLines(tool, rules).join('\n');
    if (!same) write(tool, name, rules, lines);
  }
  return lines;
}

/** Jumps that stand otherwise than they should are all taken out and put in anew, in the same transaction. */
function hookLines(from: ToolView, to: ToolView, rewrite: boolean): readonly string[] {
  const same = from.hooks.join() === to.hooks.join();
  if (same && !(rewrite && to.hooks.length > 0)) return [];
  return [...from.hooks.map((hook) => `-D ${hook.replace(' ', ' -j ')}`), ...insertions(to.hooks)];
}

/** `-I FORWARD 1 -j nwgate-from`, `-I FORWARD 2 …`: before what other people have there. */
export function insertions(hooks: readonly string[]): readonly string[] {
  const places = new Map<string, number>();
  return hooks.map((hook) => {
    const [chain = '', base = ''] = hook.split(' ');
    const place = (places.get(chain) ?? 0) + 1;
    places.set(chain, place);
    return `-I ${chain} ${place} -j ${base}`;
  });
}
