/** Which host to use: the kernel where that is possible. */
import type { Host } from '../app/ports.js';
import type { Meanwhile } from '../compiler/plan.js';
import type { Batch } from '../compiler/ruleset.js';
import { fail } from '../model/errors.js';
import { type Run, run as runProgram } from '../process/run.js';
import { type Capabilities, type Lack, probe } from './capabilities.js';
import { dryRunHost } from './dry-run.js';
import { kernelHost } from './kernel.js';

export interface HostChoice {
  readonly want: 'auto' | 'kernel' | 'dry-run';
  /** Network namespace the rules go into; ours when left out. */
  readonly netns?: string | undefined;
  /** What becomes of ports whose rules are lost, until they are there again: closed when left out. */
  readonly meanwhile?: Meanwhile | undefined;
  /** Given each batch that the dry-run host would feed. */
  readonly show?: ((batch: Batch) => void) | undefined;
  readonly run?: Run;
}

/** Errors: HOST_LACKS when `kernel` is wanted and cannot be, naming what is missing and the command that mends it. */
export async function chooseHost({
  want,
  netns,
  meanwhile,
  show,
  run = runProgram,
}: HostChoice): Promise<Host> {
  if (want === 'dry-run') return dryRunHost({ reason: 'asked for with --host dry-run', netns, run, show });
  const found = await probe(run, netns);
  const commands = everyTool(found);
  if (commands !== undefined) return kernelHost({ commands, netns, run }, meanwhile);
  const reason = formatLacks(found.lacks);
  if (want === 'kernel') throw fail('HOST_LACKS', reason);
  return dryRunHost({ reason, fallback: true, netns, run, show });
}

/** `ebtables-restore is not installed, … (apt-get install ebtables …)`: one command that mends several stands once. */
export function formatLacks(lacks: readonly Lack[]): string {
  return [...new Set(lacks.map(({ mend }) => mend))]
    .map((mend) => {
      const what = lacks.filter((lack) => lack.mend === mend).map((lack) => lack.what);
      return `${what.join(', ')} (${mend})`;
    })
    .join('; ');
}

/** The commands of all tools; undefined where something is lacking. */
export function everyTool({ tools, lacks }: Capabilities) {
  const { ebtables, iptables, ip6tables } = tools;
  if (lacks.length > 0 || !ebtables || !iptables || !ip6tables) return undefined;
  return { ebtables, iptables, ip6tables };
}
