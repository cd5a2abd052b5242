/**
 * Whether this kernel and its tools have the extensions that rules need, found out before anything changes. An extension
 * is tried by a rule in a chain that nothing leads to, which is gone again at once; no more than is needed is tried.
 */
import { TABLE } from '../compiler/frame.js';
import { keyOf, type Need, needsOf } from '../compiler/needs.js';
import { type PortRuleset, TOOLS, type Tool } from '../compiler/ruleset.js';
import { declaration } from '../compiler/transition.js';
import { type Fault, throwIfAny } from '../model/errors.js';
import type { Outcome } from '../process/run.js';
import { INSTALL } from './capabilities.js';
import { restore } from './feed.js';
import type { Tools } from './tools.js';

const CHAIN = 'nwgate-try';

/** Kernel modules of the extensions, where they are built as such. */
const MODULES: Readonly<Record<Tool, (extension: string) => string>> = {
  ebtables: (extension) => `ebt_${extension}`,
  iptables: (extension) =>
    OWN_MODULES[extension] ?? (extension === 'REJECT' ? 'ipt_REJECT' : `xt_${extension}`),
  ip6tables: (extension) =>
    OWN_MODULES[extension] ?? (SIX.has(extension) ? `ip6t_${extension}` : `xt_${extension}`),
};
const SIX: ReadonlySet<string> = new Set(['REJECT', 'ah']);
const OWN_MODULES: Readonly<Record<string, string>> = {
  tcp: 'xt_tcpudp',
  udp: 'xt_tcpudp',
  icmp: 'ip_tables',
  icmp6: 'ip6_tables',
};

/** Refuses rulesets that need what the host lacks: HOST_LACKS with every lack at the place of the rule that needs it. */
export type Demand = (rulesets: Iterable<PortRuleset | undefined>) => Promise<void>;

/** What works is remembered; what does not is tried again each time, because somebody may have mended it. */
export function featureDemand(tools: Tools): Demand {
  const working = new Set<string>();
  return async (rulesets) => {
    const needs = new Map<string, Need>();
    for (const ruleset of rulesets) {
      for (const need of ruleset === undefined ? [] : needsOf(ruleset)) {
        const key = keyOf(need);
        if (!working.has(key) && !needs.has(key)) needs.set(key, need);
      }
    }
    const faults: Fault[] = [];
    for (const tool of TOOLS) {
      const mine = [...needs.values()].filter((need) => need.tool === tool);
      if (mine.length === 0) continue;
      const all = await tried(tools, tool, mine);
      for (const need of mine) {
        const alone = all.failure === undefined || mine.length === 1 ? all : await tried(tools, tool, [need]);
        if (alone.failure === undefined) working.add(keyOf(need));
        else faults.push(lack(need, alone));
      }
    }
    throwIfAny(faults);
  };
}

/** Two transactions: the second takes away what the first has made; a first that is refused has made nothing. */
function tried(tools: Tools, tool: Tool, needs: readonly Need[]): Promise<Outcome> {
  const lines = [
    `*${TABLE[tool]}`,
    declaration(tool, CHAIN),
    ...needs.map(({ trial }) => `-A ${CHAIN} ${trial}`),
    'COMMIT',
    `*${TABLE[tool]}`,
    `-F ${CHAIN}`,
    `-X ${CHAIN}`,
    'COMMIT',
    '',
  ];
  return restore(tools, { tool, input: lines.join('\n') });
}

function lack(need: Need, { stderr, failure }: Outcome): Fault {
  const { tool, extension, set, place } = need;
  const words = stderr.trim() || (failure ?? '');
  const [what, mend] = /doesn't exist/.test(words)
    ? [
        `there is no IP set ${set}`,
        `ipset create ${set} hash:ip${tool === 'ip6tables' ? ' family inet6' : ''}`,
      ]
    : [
        `${tool} has no ${extension === 'REJECT' ? 'target' : 'match'} ${extension} here`,
        /Couldn't load/.test(words) ? INSTALL : `modprobe ${MODULES[tool](extension)}`,
      ];
  const said = words
    .split('\n')
    .map((line) => line.trim())
    .join(' ');
  const fault = { code: 'HOST_LACKS', message: `${what} (${said}); run: ${mend}` } as const;
  return place === undefined ? fault : { ...fault, where: place };
}
