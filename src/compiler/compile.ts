/** A filter on a port → all its rules, as one frozen value. */
import type { Binding } from '../model/binding.js';
import { type Fault, formatFault, throwIfAny } from '../model/errors.js';
import { layerOf } from '../protocols/registry.js';
import type { Layer } from '../protocols/types.js';
import { ethernetRuleset } from './ethernet.js';
import { DEFAULT_LIMITS, type Instance, instantiate, type Limits, type Lookup } from './instantiate.js';
import { inRuleOrder } from './order.js';
import { packetRuleset } from './packet.js';
import type { PortRuleset } from './ruleset.js';

/** On average: a rule is one line for each direction, but some are many (forms.ts). */
const LINES_PER_RULE = 4;

/**
 * Pure: equal input, equal value. Errors: those of `instantiate`, and NOT_COMPILABLE with the place of each rule that the
 * tools cannot express; nothing is left out instead.
 */
export function compile(
  filterName: string,
  lookup: Lookup,
  { port, mac, parameters }: Pick<Binding, 'port' | 'mac' | 'parameters'>,
  limits: Limits = DEFAULT_LIMITS,
): PortRuleset {
  const layers: Record<Layer, Instance[]> = { ethernet: [], ipv4: [], ipv6: [] };
  for (const instance of inRuleOrder(instantiate(filterName, lookup, parameters, mac, limits))) {
    layers[layerOf(instance.rule.protocol)].push(instance);
  }
  const faults: Fault[] = [];
  const tools = {
    ebtables: ethernetRuleset(layers.ethernet, LINES_PER_RULE * limits.maxRules, faults),
    iptables: packetRuleset('iptables', layers.ipv4, faults),
    ip6tables: packetRuleset('ip6tables', layers.ipv6, faults),
  };
  throwIfAny([...new Map(faults.map((fault) => [formatFault(fault), fault])).values()]);
  return deepFreeze({ port, tools });
}

/** Plain objects and arrays only. By hand because a large filter has a million of them. */
function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  if (Array.isArray(value)) for (const part of value) deepFreeze(part);
  else for (const key in value) deepFreeze(value[key]);
  return Object.freeze(value);
}
