/**
 * Whether bridged packets come by iptables at all. Where they do not, IP rules on a bridge port are loaded without an
 * error and filter nothing: that must never look like success.
 *
 * The switches belong to the network namespace (Linux 5.3 and newer) and are there when br_netfilter is, which the
 * kernel loads by itself when the first rule with a physdev match is made (xt_physdev), with the switches on.
 */
import { readFile } from 'node:fs/promises';
import { firstPlace } from '../compiler/needs.js';
import type { PortRuleset, ToolRuleset } from '../compiler/ruleset.js';
import { fail, type Place } from '../model/errors.js';
import type { Run } from '../process/run.js';
import { restore } from './feed.js';
import type { Tools } from './tools.js';

/** IP family's tool → its switch. */
export const SWITCHES = {
  iptables: 'bridge-nf-call-iptables',
  ip6tables: 'bridge-nf-call-ip6tables',
} as const;
export type IpTool = keyof typeof SWITCHES;
export const IP_TOOLS = Object.keys(SWITCHES) as readonly IpTool[];

/** `absent`: the kernel has no bridge netfilter (yet). */
export type Switch = 'on' | 'off' | 'absent';

const DIRECTORY = '/proc/sys/net/bridge';

/**
 * What a process inside the namespace sees: ourselves in our own, where no program has to be started before each change.
 * Errors: HOST_LACKS.
 */
export async function readSwitches(run: Run, netns: string | undefined): Promise<Record<IpTool, Switch>> {
  const [iptables, ip6tables] = await (netns === undefined ? readOwn() : readInside(run, netns));
  const state = (value: string | undefined): Switch =>
    value === undefined ? 'absent' : value.startsWith('0') ? 'off' : 'on';
  return { iptables: state(iptables), ip6tables: state(ip6tables) };
}

type Values = readonly (string | undefined)[];

const FILES = IP_TOOLS.map((tool) => `${DIRECTORY}/${SWITCHES[tool]}`);

function readOwn(): Promise<Values> {
  return Promise.all(FILES.map((file) => readFile(file, 'utf8').catch(() => undefined)));
}

async function readInside(run: Run, netns: string): Promise<Values> {
  // -s: a missing file is an answer. The exit code says only whether any line was printed.
  const { stdout } = await run('grep', ['-sH', '', ...FILES], { netns });
  const lines = stdout.split('\n');
  return FILES.map((file) => lines.find((line) => line.startsWith(`${file}:`))?.slice(file.length + 1));
}

/** HOST_LACKS for a switch that is not on, with the command that mends it. */
function switchFault(
  tool: IpTool,
  state: Exclude<Switch, 'on'>,
  netns: string | undefined,
  where: Place | undefined,
): Error {
  const name = SWITCHES[tool];
  const inside = netns === undefined ? '' : `ip netns exec ${netns} `;
  const [what, mend] =
    state === 'off'
      ? [`net.bridge.${name} is 0`, `${inside}sysctl -w net.bridge.${name}=1`]
      : [`there is no net.bridge.${name}`, 'modprobe br_netfilter'];
  return fail('HOST_LACKS', `${what}: ${tool} would not see what crosses the bridge; run: ${mend}`, where);
}

/** A rule that nothing leads to: making it has the kernel look for br_netfilter. Gone again in the same run. */
const WAKE = [
  '*filter',
  ':nwgate-wake - [0:0]',
  '-A nwgate-wake -m physdev --physdev-in nwgate -j RETURN',
  'COMMIT',
  '*filter',
  '-F nwgate-wake',
  '-X nwgate-wake',
  'COMMIT',
  '',
].join('\n');

/**
 * Makes sure that the IP rules among these would see bridged packets. Errors: HOST_LACKS, nothing changed.
 * A missing br_netfilter is not refused at once: loading the rules would load it as well, so that is tried.
 */
export async function demandBridgeNetfilter(
  tools: Tools,
  rulesets: Iterable<PortRuleset | undefined>,
): Promise<void> {
  const needed = new Map<IpTool, ToolRuleset>();
  for (const ruleset of rulesets) {
    if (ruleset === undefined) continue;
    for (const tool of IP_TOOLS) {
      const rules = ruleset.tools[tool];
      if (rules.chains.length > 0 && !needed.has(tool)) needed.set(tool, rules);
    }
  }
  if (needed.size === 0) return;
  let found = await readSwitches(tools.run, tools.netns);
  if ([...needed.keys()].some((tool) => found[tool] === 'absent')) {
    // Whatever it answers, what counts is whether the switches are there now.
    await restore(tools, { tool: 'iptables', input: WAKE });
    found = await readSwitches(tools.run, tools.netns);
  }
  for (const [tool, rules] of needed) {
    const state = found[tool];
    if (state !== 'on') throw switchFault(tool, state, tools.netns, firstPlace(rules));
  }
}
