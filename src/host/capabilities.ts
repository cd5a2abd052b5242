/** What this host can do: found out once, by trying. `doctor` prints it, `chooseHost` decides by it. */
import { readFile } from 'node:fs/promises';
import { TOOLS, type Tool } from '../compiler/ruleset.js';
import { NwgateError } from '../model/errors.js';
import type { Outcome, Run, RunOptions } from '../process/run.js';
import { type IpTool, readSwitches, type Switch } from './bridge-netfilter.js';
import { placeOf, type ToolCommands } from './tools.js';

/** Something the kernel host needs and has not got. */
export interface Lack {
  readonly what: string;
  /** The command that mends it. */
  readonly mend: string;
}

export interface Capabilities {
  /** Those that work. */
  readonly tools: Readonly<Partial<Record<Tool, ToolCommands>>>;
  readonly bridgeNetfilter: Readonly<Record<IpTool, Switch>>;
  /** Nothing: the kernel host can be used. */
  readonly lacks: readonly Lack[];
}

/** Brings the tools with all their extensions. */
export const INSTALL = 'apt-get install ebtables iptables iproute2 conntrack';

/** Bits of the capability sets (capabilities(7)). */
const CAP_NET_ADMIN = 12n;
const CAP_SYS_ADMIN = 21n;

/**
 * The distribution's choice first, because other programs of the host use that one; then each variant by name.
 * An alternative may point to a variant whose half of the kernel is not there.
 */
const VARIANTS = ['', '-nft', '-legacy'];

/** Tries everything in the namespace where the rules will go. Changes nothing: the tools are fed an empty transaction. */
export async function probe(run: Run, netns: string | undefined): Promise<Capabilities> {
  const place = placeOf(netns);
  const lacks: Lack[] = await missingPrivileges(netns);
  const nothing = {
    tools: {},
    bridgeNetfilter: { iptables: 'absent', ip6tables: 'absent' },
  } as const;
  if (lacks.length > 0) return { ...nothing, lacks };
  const entered = await attempt(() => run('ip', ['link', 'show', 'lo'], place));
  if ('problem' in entered) {
    const mend = netns === undefined || entered.problem.startsWith('ip ') ? INSTALL : `ip netns add ${netns}`;
    return { ...nothing, lacks: [{ what: entered.problem, mend }] };
  }
  const tools: Partial<Record<Tool, ToolCommands>> = {};
  for (const tool of TOOLS) {
    const found = await findTool(run, tool, place);
    if ('problem' in found) lacks.push({ what: found.problem, mend: INSTALL });
    else tools[tool] = found;
  }
  return { tools, bridgeNetfilter: await readSwitches(run, netns), lacks };
}

async function findTool(
  run: Run,
  tool: Tool,
  place: RunOptions,
): Promise<ToolCommands | { problem: string }> {
  const problems: string[] = [];
  for (const variant of VARIANTS) {
    const name = `${tool}${variant}`;
    const commands = { restore: `${name}-restore`, save: `${name}-save` };
    const input = '*filter\nCOMMIT\n';
    const tried = await attempt(() => run(commands.restore, ['--noflush'], { ...place, input }));
    if ('problem' in tried) {
      problems.push(tried.problem);
      continue;
    }
    const version = await attempt(() => run(name, ['--version'], place));
    const words = 'problem' in version ? version.problem : version.stdout + version.stderr;
    return { ...commands, variant: words.includes('nf_tables') ? 'nf_tables' : 'legacy' };
  }
  return { problem: problems[0] ?? `${tool} does not work` };
}

/** A success, or why not, in one line. */
async function attempt(start: () => Promise<Outcome>): Promise<Outcome | { problem: string }> {
  try {
    const outcome = await start();
    if (outcome.failure === undefined) return outcome;
    return { problem: outcome.stderr.trim().split('\n')[0] || outcome.failure };
  } catch (error) {
    if (error instanceof NwgateError) return { problem: error.message };
    throw error;
  }
}

/** Changing rules takes CAP_NET_ADMIN, entering a namespace CAP_SYS_ADMIN besides. */
async function missingPrivileges(netns: string | undefined): Promise<Lack[]> {
  if (process.platform !== 'linux') return [{ what: `${process.platform} is no Linux`, mend: 'use Linux' }];
  const status = await readFile('/proc/self/status', 'utf8');
  const effective = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)/m.exec(status)?.[1] ?? '0'}`);
  const wanted = netns === undefined ? { CAP_NET_ADMIN } : { CAP_NET_ADMIN, CAP_SYS_ADMIN };
  const missing = Object.entries(wanted).filter(([, bit]) => (effective & (1n << bit)) === 0n);
  if (missing.length === 0) return [];
  return [{ what: `neither root nor ${missing.map(([name]) => name).join(', ')}`, mend: 'run it as root' }];
}
