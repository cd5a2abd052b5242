/** Just enough of the netfilter tools to carry out our batches on maps, strictly: what the tools refuse throws here. */
import { TABLE } from '../../src/compiler/frame.js';
import type { Batch, Tool } from '../../src/compiler/ruleset.js';

/** Chains of the one table of a tool, each with its rules as text. */
export type Chains = ReadonlyMap<string, readonly string[]>;
export type Kernel = Readonly<Record<Tool, Chains>>;

const VERDICTS = new Set(['ACCEPT', 'DROP', 'RETURN', 'REJECT', 'CONTINUE', undefined]);

/** With somebody else's rules and chains in it. */
export const FOREIGN: Kernel = {
  ebtables: new Map([
    ['PREROUTING', ['-i eth0 -j others']],
    ['POSTROUTING', []],
    ['others', ['-j DROP']],
  ]),
  iptables: new Map([
    ['INPUT', []],
    ['FORWARD', ['-j others', '-j DROP']],
    ['others', []],
  ]),
  ip6tables: new Map([
    ['INPUT', ['-j ACCEPT']],
    ['FORWARD', []],
  ]),
};

/** The target of a rule's text, undefined when it has none. */
export function targetOf(line: string): string | undefined {
  return /(?:^| )-[jg] (\S+)$/.exec(line)?.[1];
}

/** The kernel after the batches, in order. */
export function restored(kernel: Kernel, ...batches: readonly Batch[]): Kernel {
  const now = { ...kernel };
  for (const { tool, input } of batches) now[tool] = transaction(now[tool], tool, input);
  return now;
}

function transaction(before: Chains, tool: Tool, input: string): Chains {
  const chains = new Map(before);
  const [head, ...lines] = input.trimEnd().split('\n');
  if (head !== `*${TABLE[tool]}` || lines.pop() !== 'COMMIT')
    throw new Error(`not one transaction: ${input}`);
  const rulesOf = (name: string): readonly string[] => {
    const rules = chains.get(name);
    if (rules === undefined) throw new Error(`there is no chain ${name}`);
    return rules;
  };
  for (const line of lines) {
    const [, command = '', name = '', rest = ''] = /^(:|-[AIDFX] )(\S+) ?(.*)$/.exec(line) ?? [];
    const target = targetOf(rest);
    if (command !== ':' && !VERDICTS.has(target)) rulesOf(target ?? '');
    if (command === ':') chains.set(name, []);
    else if (command === '-A ') chains.set(name, [...rulesOf(name), rest]);
    else if (command === '-F ') chains.set(name, rulesOf(name).slice(0, 0));
    else if (command === '-I ') {
      const [, place = '', rule = ''] = /^(\d+) (.*)$/.exec(rest) ?? [];
      if (Number(place) > rulesOf(name).length + 1) throw new Error(`no such place: ${line}`);
      chains.set(name, rulesOf(name).toSpliced(Number(place) - 1, 0, rule));
    } else if (command === '-D ') {
      const at = rulesOf(name).indexOf(rest);
      if (at < 0) throw new Error(`no such rule: ${line}`);
      chains.set(name, rulesOf(name).toSpliced(at, 1));
    } else if (command === '-X ') {
      const used = [...chains.values()].some((rules) => rules.some((rule) => targetOf(rule) === name));
      if (used || rulesOf(name).length > 0) throw new Error(`busy: ${line}`);
      chains.delete(name);
    } else throw new Error(`not understood: ${line}`);
  }
  return chains;
}

/** What the tool's `-save` would print. */
export function saved(kernel: Kernel, tool: Tool): string {
  const chains = [...kernel[tool]];
  return [
    `*${TABLE[tool]}`,
    ...chains.map(([name]) => `:${name} - [0:0]`),
    ...chains.flatMap(([name, rules]) => rules.map((rule) => `-A ${name} ${rule}`)),
    'COMMIT',
    '',
  ].join('\n');
}

/** An interface name against a name or a prefix and `+`. */
function meets(name: string, pattern: string): boolean {
  return pattern.endsWith('+') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}

/** Where a packet of this interface goes from a base chain: every chain or verdict that is not dispatch, in order. */
export function dispatched(chains: Chains, base: string, iface: string): readonly string[] {
  const found: string[] = [];
  for (const rule of chains.get(base) ?? []) {
    const pattern = /(?:-i|-o|--physdev-in|--physdev-out) (\S+)/.exec(rule)?.[1] ?? '+';
    if (!meets(iface, pattern)) continue;
    const target = targetOf(rule) ?? '';
    if (target.startsWith('nwgate-')) found.push(...dispatched(chains, target, iface));
    else found.push(target);
  }
  return found;
}

/**
 * The verdict of a chain on a packet of which the texts in `truths` are true (a rule's whole match is one text);
 * undefined when it comes back.
 */
export function verdict(
  chains: Chains,
  name: string,
  truths: ReadonlySet<string>,
): 'ACCEPT' | 'DROP' | undefined {
  for (const rule of chains.get(name) ?? []) {
    const target = targetOf(rule);
    const test = rule.replace(/(?:^| )-[jg] \S+$/, '');
    if (test !== '' && !truths.has(test)) continue;
    if (target === 'ACCEPT') return 'ACCEPT';
    if (target === 'DROP' || target === 'REJECT') return 'DROP';
    if (target === 'RETURN') return undefined;
    if (target === undefined || target === 'CONTINUE') continue;
    const inner = verdict(chains, target, truths);
    if (inner !== undefined) return inner;
  }
  return undefined;
}
