/**
 * The rules of a bound port whose own cannot be made: nothing passes. A port is left without rules only when somebody
 * unbinds it; a filter that does not compile must not open it.
 */
import { compile } from '../compiler/compile.js';
import type { PortRuleset } from '../compiler/ruleset.js';
import type { Binding } from '../model/binding.js';
import { DEFAULT_RULE_PRIORITY, type Filter } from '../model/filter.js';

const CLOSED: Filter = {
  name: 'closed',
  uuid: undefined,
  chain: 'root',
  priority: 0,
  entries: [
    {
      kind: 'rule',
      id: 'closed',
      action: 'drop',
      direction: 'inout',
      priority: DEFAULT_RULE_PRIORITY,
      statematch: true,
      protocol: undefined,
      matches: [],
    },
  ],
};

export function closedPort(port: string): PortRuleset {
  const binding: Binding = { port, filter: CLOSED.name, mac: undefined, owner: undefined, parameters: [] };
  return compile(CLOSED.name, () => CLOSED, binding);
}
