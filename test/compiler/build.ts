/** Filters by hand, for tests. */
import { chainLines, childrenOf } from '../../src/compiler/chains.js';
import { compile } from '../../src/compiler/compile.js';
import type { PortRuleset, Tool } from '../../src/compiler/ruleset.js';
import { chainPriority } from '../../src/model/chains.js';
import type { Filter, Match, Parameter, Rule } from '../../src/model/filter.js';

/** `NAME=VALUE`, or `NAME!=VALUE` for a negated one. */
export function match(text: string): Match {
  const [, attribute = '', not, value = ''] = /^([a-z0-9-]+)(!?)=(.*)$/.exec(text) ?? [];
  return { attribute, value, negated: not === '!' };
}

/** `rule('accept in tcp', 'dstportstart=22')`; the words: action, direction, protocol, then a priority. */
export function rule(head: string, ...matches: string[]): Rule {
  const [action, direction, protocol, priority = '500'] = head.split(' ');
  return {
    kind: 'rule',
    id: head,
    action: action as Rule['action'],
    direction: direction as Rule['direction'],
    priority: Number(priority),
    statematch: true,
    protocol: protocol === '-' ? undefined : protocol,
    matches: matches.map(match),
  };
}

export function filter(
  name: string,
  entries: Filter['entries'],
  chain = 'root',
  priority = chainPriority(chain),
): Filter {
  return { name, uuid: undefined, chain, priority, entries };
}

export function reference(name: string, ...parameters: string[]): Filter['entries'][number] {
  return { kind: 'filterref', filter: name, parameters: params(...parameters) };
}

/** `NAME=VALUE`, `NAME=a,b` for a list. */
export function params(...texts: string[]): readonly Parameter[] {
  return texts.flatMap((text) => {
    const [name = '', values = ''] = text.split('=');
    return values.split(',').map((value) => ({ name, value }));
  });
}

export function lookupOf(...filters: readonly Filter[]): (name: string) => Filter | undefined {
  const byName = new Map(filters.map((each) => [each.name, each]));
  return (name) => byName.get(name);
}

/** A filter alone on port vnet0. */
export function compiled(what: Filter | readonly Rule[], ...parameters: string[]): PortRuleset {
  const only = 'name' in what ? what : filter('f', what);
  return compile(only.name, lookupOf(only), { port: 'vnet0', mac: GUEST, parameters: params(...parameters) });
}

export const GUEST = '52:54:00:12:34:56';

/**
 * Lines of the two entry chains, `from …` and `to …`, and of the chains under them, `from/arp …`. Names are left out, and
 * so is the closing ACCEPT of ebtables' chains.
 */
export function linesOf(ruleset: PortRuleset, tool: Tool): readonly string[] {
  const { fromGuest, toGuest, chains } = ruleset.tools[tool];
  const byName = new Map(chains.map((chain) => [chain.name, chain.rules]));
  const kind = (name: string) => /^nwg-(.+)-[a-z2-7]{12}$/.exec(name)?.[1] ?? name;
  const walk = (label: string, name: string | undefined): readonly string[] => {
    if (name === undefined) return [];
    const rules = byName.get(name) ?? [];
    const own = chainLines(tool, rules).map(
      (line) => `${label} ${line.replace(/nwg-(.+)-[a-z2-7]{12}/, '$1')}`,
    );
    const end = own.at(-1)?.slice(label.length + 1) ?? '';
    if (tool === 'ebtables' && !/^-j (ACCEPT|DROP|RETURN)$/.test(end)) throw new Error(`${name} has no end`);
    if (tool === 'ebtables' && end === '-j ACCEPT') own.pop();
    return [...own, ...childrenOf(rules).flatMap((child) => walk(`${label}/${kind(child)}`, child))];
  };
  return [...walk('from', fromGuest), ...walk('to', toGuest)];
}
