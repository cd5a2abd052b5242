/** Rules of a port, written short: `rules('vnet0', ['drop', 'out', 'tcp', { dstportstart: '25' }])`. */
import { compile } from '../../src/compiler/compile.js';
import type { PortRuleset } from '../../src/compiler/ruleset.js';
import type { Action, Direction, Filter } from '../../src/model/filter.js';

export type ShortRule = readonly [
  action: Action,
  direction: Direction,
  protocol?: string,
  matches?: Readonly<Record<string, string>>,
];

export function rules(port: string, ...short: readonly ShortRule[]): PortRuleset {
  const filter: Filter = {
    name: 'short',
    uuid: undefined,
    chain: 'root',
    priority: 0,
    entries: short.map(([action, direction, protocol, matches = {}], index) => ({
      kind: 'rule',
      id: String(index),
      action,
      direction,
      priority: 500 + index,
      statematch: true,
      protocol,
      matches: Object.entries(matches).map(([attribute, value]) => ({ attribute, value, negated: false })),
    })),
  };
  return compile('short', () => filter, { port, mac: undefined, parameters: [] });
}
