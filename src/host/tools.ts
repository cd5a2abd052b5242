/** What everything here works with. */
import type { Tool } from '../compiler/ruleset.js';
import type { Run } from '../process/run.js';

/** The programs of one tool, and which kernel interface they speak. */
export interface ToolCommands {
  readonly restore: string;
  readonly save: string;
  readonly variant: 'nf_tables' | 'legacy';
}

export interface Tools {
  readonly commands: Readonly<Record<Tool, ToolCommands>>;
  /** Network namespace (a name of `ip netns`); undefined: ours. */
  readonly netns: string | undefined;
  readonly run: Run;
}

/** The namespace as an option of `run`. */
export function placeOf(netns: string | undefined): { netns?: string } {
  return netns === undefined ? {} : { netns };
}
