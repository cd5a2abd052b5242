/** What this host can and cannot do, tried out row by row, each with the command that mends it. Changes nothing. */
import { access, constants, stat } from 'node:fs/promises';
import type { IpTool } from '../app/extensions.js';
import { TOOLS } from '../compiler/ruleset.js';
import { NwgateError } from '../model/errors.js';
import type { Run } from '../process/run.js';
import { SWITCHES } from './bridge-netfilter.js';
import { type Capabilities, probe } from './capabilities.js';
import { everyTool } from './choose.js';
import { inScratch } from './expected.js';
import { placeOf } from './tools.js';

export interface Finding {
  readonly what: string;
  /** `lacks`: rules cannot be enforced without it; `note`: good to know, or something smaller does not work. */
  readonly state: 'ok' | 'lacks' | 'note';
  readonly found: string;
  /** The command that mends it. */
  readonly mend: string | undefined;
}

export interface Patient {
  readonly run: Run;
  readonly netns: string | undefined;
  readonly state: string;
  /** Of iptables and ip6tables, that stored filters need. */
  readonly extensions: ReadonlyMap<IpTool, ReadonlySet<string>>;
}

const ok = (what: string, found: string): Finding => ({ what, state: 'ok', found, mend: undefined });
const note = (what: string, found: string, mend?: string): Finding => ({ what, state: 'note', found, mend });
const lack = (what: string, found: string, mend: string): Finding => ({ what, state: 'lacks', found, mend });

export async function doctor(patient: Patient): Promise<readonly Finding[]> {
  const { run, netns } = patient;
  const can = await probe(run, netns);
  return [
    nodeVersion(),
    ...can.lacks.map(({ what, mend }) => lack('netfilter tools', what, mend)),
    ...tools(can),
    ...switches(can, netns),
    ...(await extensions(patient, can)),
    ...(await programs(run)),
    await stateDirectory(patient.state),
    ...(await others(run, netns, can)),
  ];
}

function nodeVersion(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const good = major > 20 || (major === 20 && minor >= 19);
  return good
    ? ok('node', process.versions.node)
    : lack('node', process.versions.node, 'install Node 20.19 or newer');
}

function tools({ tools: found }: Capabilities): readonly Finding[] {
  const variants = new Set(TOOLS.flatMap((tool) => found[tool]?.variant ?? []));
  return [
    ...TOOLS.flatMap((tool) => {
      const commands = found[tool];
      return commands ? [ok(tool, `${commands.restore}, ${commands.variant}`)] : [];
    }),
    ...(variants.size > 1
      ? [note('variants', 'some tools are legacy, some nf_tables: both are in force')]
      : []),
    ...(variants.has('legacy')
      ? [note('events', 'the legacy tools tell of no change: the kernel is looked at twice a second')]
      : []),
  ];
}

function switches({ bridgeNetfilter }: Capabilities, netns: string | undefined): readonly Finding[] {
  const inside = netns === undefined ? '' : `ip netns exec ${netns} `;
  return (['iptables', 'ip6tables'] as const).map((tool) => {
    const name = `net.bridge.${SWITCHES[tool]}`;
    if (bridgeNetfilter[tool] === 'on') return ok(name, '1');
    if (bridgeNetfilter[tool] === 'off') return lack(name, '0', `${inside}sysctl -w ${name}=1`);
    return note(name, 'not there yet: the first IP rule loads it', 'modprobe br_netfilter');
  });
}

/** A rule for each; REJECT is a target. What is not here needs a match of the protocol of its name. */
const EXAMPLES: Readonly<Record<string, string>> = {
  physdev: '-m physdev --physdev-in x',
  conntrack: '-m conntrack --ctstate NEW',
  comment: '-m comment --comment x',
  mac: '-m mac --mac-source 52:54:00:00:00:01',
  dscp: '-m dscp --dscp 1',
  connlimit: '-m connlimit --connlimit-above 1',
  u32: '-m u32 --u32 0=0',
  REJECT: '-j REJECT',
};
const RANGES = { iptables: '10.0.0.1-10.0.0.2', ip6tables: 'fd00::1-fd00::2' } as const;

function exampleOf(tool: IpTool, name: string): string {
  if (name === 'iprange') return `-m iprange --src-range ${RANGES[tool]}`;
  return EXAMPLES[name] ?? (name === 'ah' ? '-m ah' : `-p ${name} -m ${name}`);
}

/** Each in a namespace made for it. Sets are asked for by name: only the program is looked for. */
async function extensions(
  { run, netns, extensions: needed }: Patient,
  can: Capabilities,
): Promise<readonly Finding[]> {
  const commands = everyTool(can);
  if (commands === undefined || needed.size === 0) return [];
  try {
    return await inScratch({ commands, netns, run }, async (scratch) => {
      const findings: Finding[] = [];
      for (const [tool, names] of needed) {
        for (const name of [...names].sort()) findings.push(await tried(tool, name));
      }
      return findings;
      async function tried(tool: IpTool, name: string): Promise<Finding> {
        const what = `${tool} ${name}`;
        if (name === 'set') return present(run, what, 'ipset', 'apt-get install ipset', lack);
        const input = `*filter\n:try - [0:0]\n-A try ${exampleOf(tool, name)}\nCOMMIT\n`;
        const options = { ...placeOf(scratch.netns), input };
        const { failure, stderr } = await run(commands![tool].restore, ['--noflush'], options);
        if (failure === undefined) return ok(what, 'works');
        return lack(what, stderr.trim().split('\n')[0] || failure, `modprobe xt_${name}`);
      }
    });
  } catch (error) {
    if (!(error instanceof NwgateError)) throw error;
    return [note('namespaces', error.message, 'run it as root')];
  }
}

/** Command → what for, and the package that brings it. Without flock there is no state; the rest is for something smaller. */
const PROGRAMS: readonly (readonly [string, string, string, typeof lack])[] = [
  ['flock', 'the lock of the state directory', 'util-linux', lack],
  ['setpriv', 'hearing of changes on the host', 'util-linux', note],
  ['stdbuf', 'hearing of changes on the host', 'coreutils', note],
  ['xtables-monitor', 'hearing of changes of rules at once', 'iptables', note],
  ['conntrack', 'ending connections that new rules forbid', 'conntrack', note],
  ['xsltproc', 'fast transforms; without it the built-in engine is used', 'xsltproc', note],
];

async function programs(run: Run): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const [command, purpose, brings, unless] of PROGRAMS) {
    const what = `${command} (${purpose})`;
    findings.push(await present(run, what, command, `apt-get install ${brings}`, unless));
  }
  return findings;
}

/** Whether a command can be started at all; its answer does not matter. */
async function present(
  run: Run,
  what: string,
  command: string,
  mend: string,
  unless: (what: string, found: string, mend: string) => Finding,
): Promise<Finding> {
  try {
    await run(command, ['--version']);
    return ok(what, 'installed');
  } catch (error) {
    if (!(error instanceof NwgateError)) throw error;
    return unless(what, error.message, mend);
  }
}

async function stateDirectory(state: string): Promise<Finding> {
  const what = `state ${state}`;
  try {
    const { mode } = await stat(state);
    await access(state, constants.R_OK | constants.W_OK | constants.X_OK);
    if ((mode & 0o077) === 0) return ok(what, 'ours alone');
    return note(what, 'others may enter it, and whoever may write there is admin', `chmod 700 ${state}`);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return note(what, 'not there yet: it is made when first needed');
    return lack(what, `${code}`, `chown ${process.getuid?.()} ${state}`);
  }
}

/** Other programs that write rules, known by their chains and tables, and what living beside them means. */
const OTHERS: readonly (readonly [string, RegExp, string])[] = [
  ['libvirt networks', /^:LIBVIRT_/m, 'its rules stand behind ours and are not touched'],
  [
    'libvirt nwfilter',
    /^:libvirt-[IOJPio]|^:[FH][IJO]-/m,
    'filters of its own are in force too: a packet must pass both',
  ],
  ['docker', /^:DOCKER/m, 'its rules stand behind ours and are not touched'],
  [
    'firewalld',
    /^:(IN|FWD)_public|firewalld/m,
    'a reload may flush our rules: a running gateway puts them back',
  ],
];

async function others(run: Run, netns: string | undefined, can: Capabilities): Promise<readonly Finding[]> {
  const saved: string[] = [];
  for (const tool of TOOLS) {
    const commands = can.tools[tool];
    if (commands) saved.push((await run(commands.save, [], placeOf(netns))).stdout);
  }
  return OTHERS.filter(([, sign]) => sign.test(saved.join('\n'))).map(([what, , means]) => note(what, means));
}
