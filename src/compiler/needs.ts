/**
 * What of the host's tools and kernel a port's rules need: the extensions, each with a rule to try it by and the place of the
 * first native rule that needs it. Hosts differ: kernels are built without modules, distributions package them apart.
 */
import type { Place } from '../model/errors.js';
import { restoreLine, ruleWords } from './line.js';
import {
  type ChainRule,
  type PortRuleset,
  type Test,
  TOOLS,
  type Tool,
  type ToolRuleset,
} from './ruleset.js';

export interface Need {
  readonly tool: Tool;
  /** As the tool calls it: `u32`, `REJECT`. */
  readonly extension: string;
  /** The IP set that must be there; undefined for all but `set`. */
  readonly set: string | undefined;
  /** The least rule that uses it, as `<tool>-restore` reads it behind `-A CHAIN`. */
  readonly trial: string;
  readonly place: Place | undefined;
}

/** Extensions of ebtables by the start of their options; longer starts first. */
const FAMILIES: readonly (readonly [start: string, extension: string])[] = [
  ['--vlan-', 'vlan'],
  ['--arp-', 'arp'],
  ['--stp-', 'stp'],
  ['--ip6-', 'ip6'],
  ['--ip-', 'ip'],
];

/** Options of iptables that belong to an extension which no `-m` names. */
const IMPLIED: Readonly<Record<string, string>> = {
  '--tcp-flags': 'tcp',
  '--tcp-option': 'tcp',
  '--icmp-type': 'icmp',
  '--icmpv6-type': 'icmp6',
  '--physdev-out': 'physdev',
};

/** Options that every kernel has which has the tool. */
const PLAIN: ReadonlySet<string> = new Set(['-p', '-s', '-d', '-i', '-o', '--source', '--destination']);

export const BUILT_IN = 'built-in';

/** The extension that an option belongs to, or BUILT_IN; undefined for one that the compiler cannot write. */
export function extensionOf(tool: Tool, { module, option, args }: Test, rule: ChainRule): string | undefined {
  if (module !== undefined) return module;
  if (option === '-m') return args[0];
  if (PLAIN.has(option)) return BUILT_IN;
  if (tool === 'ebtables') return FAMILIES.find(([start]) => option.startsWith(start))?.[1];
  if (option === '--sport' || option === '--dport') return protocolOf(rule);
  return IMPLIED[option];
}

function protocolOf({ tests }: ChainRule): string | undefined {
  return tests.find(({ option }) => option === '-p')?.args[0];
}

/** What selects the frames that an extension's options may be asked of. */
const isSelection = ({ option, negated }: Test) => (option === '-p' || option === '-d') && !negated;

/** Each need once, of the first rule that has it. */
export function needsOf({ tools }: PortRuleset): readonly Need[] {
  const needs = new Map<string, Need>();
  for (const tool of TOOLS) {
    const add = (wanted: Pick<Need, 'extension' | 'set'>, place: Place | undefined, trial: () => Trial) => {
      const key = keyOf({ tool, ...wanted });
      if (needs.has(key)) return;
      needs.set(key, { tool, ...wanted, trial: restoreLine(ruleWords(tool, trial())), place });
    };
    for (const rule of tools[tool].chains.flatMap(({ rules }) => rules)) {
      const { target, comment, source } = rule;
      for (const test of rule.tests) {
        const extension = extensionOf(tool, test, rule);
        if (extension === undefined || extension === BUILT_IN) continue;
        const set = extension === 'set' ? test.args[0] : undefined;
        add({ extension, set }, source, () => ({ tests: testsFor(tool, test, rule), target: TRIED }));
      }
      if (comment !== undefined && tool !== 'ebtables')
        add({ extension: 'comment', set: undefined }, source, () => ({ tests: [], comment, target: TRIED }));
      if (target.kind === 'verdict' && target.verdict === 'REJECT')
        add({ extension: 'REJECT', set: undefined }, source, () => ({ tests: [], target }));
    }
    const place = firstPlace(tools[tool]);
    if (place !== undefined && tool !== 'ebtables')
      add({ extension: 'physdev', set: undefined }, place, () => ({ tests: PHYSDEV, target: TRIED }));
  }
  return [...needs.values()];
}

type Trial = Omit<ChainRule, 'source'>;

/** The test with what selects its protocol, and with those of the same extension, some of which need each other. */
function testsFor(tool: Tool, test: Test, rule: ChainRule): readonly Test[] {
  const extension = extensionOf(tool, test, rule);
  return rule.tests.filter(
    (each) =>
      each === test ||
      isSelection(each) ||
      (extension !== 'set' && extensionOf(tool, each, rule) === extension),
  );
}

/** Of the first native rule that a tool has to do with. */
export function firstPlace({ chains }: ToolRuleset): Place | undefined {
  return chains.flatMap(({ rules }) => rules).find(({ source }) => source !== undefined)?.source;
}

const TRIED: ChainRule['target'] = { kind: 'verdict', verdict: 'RETURN' };

/** How the dispatch chains ask for a port. */
const PHYSDEV: readonly Test[] = [
  { module: 'physdev', option: '--physdev-in', args: ['nwgate'], negated: false },
];

/** Names a need among those of a host. */
export function keyOf({ tool, extension, set = '' }: Pick<Need, 'tool' | 'extension' | 'set'>): string {
  return `${tool} ${extension} ${set}`;
}
