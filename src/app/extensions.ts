/** Which extensions of iptables and ip6tables filters need (iptables-extensions(8)), read from the protocol tables. */
import type { Filter, Rule } from '../model/filter.js';
import { rulesOf } from '../model/filter.js';
import { protocolSpec } from '../protocols/registry.js';
import type { ProtocolSpec } from '../protocols/types.js';

export type IpTool = 'iptables' | 'ip6tables';

/** By tool; every bound port with IP rules needs `physdev` besides. */
export function extensionsOf(filters: Iterable<Filter>): ReadonlyMap<IpTool, ReadonlySet<string>> {
  const needed = new Map<IpTool, Set<string>>();
  for (const filter of filters) {
    for (const rule of rulesOf(filter)) {
      const spec = rule.protocol === undefined ? undefined : protocolSpec(rule.protocol);
      if (spec === undefined || spec.layer === 'ethernet') continue;
      const tool = spec.layer === 'ipv4' ? 'iptables' : 'ip6tables';
      const found = needed.get(tool) ?? new Set(['physdev']);
      for (const name of extensionsOfRule(rule, spec)) found.add(name);
      needed.set(tool, found);
    }
  }
  return needed;
}

function extensionsOfRule({ action, statematch, matches }: Rule, spec: ProtocolSpec): readonly string[] {
  const has = (attribute: string) => matches.some((match) => match.attribute === attribute);
  const [option, protocol] = spec.select;
  const tests = spec.tests.flatMap(({ module, option: test, parts }) => {
    if (!parts.some(has)) return [];
    if (module !== undefined) return [module];
    // `-p tcp` loads the extension of the protocol for its own options.
    return option === '-p' && protocol !== undefined && !OF_EVERY_PROTOCOL.has(test) ? [protocol] : [];
  });
  return [
    ...tests,
    ...(option === '-m' && protocol !== undefined ? [protocol] : []),
    ...(has('state') || (statematch && action === 'accept') ? ['conntrack'] : []),
    ...(has('comment') ? ['comment'] : []),
    ...(action === 'reject' ? ['REJECT'] : []),
  ];
}

const OF_EVERY_PROTOCOL = new Set(['--source', '--destination']);
