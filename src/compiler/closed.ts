/**
 * The rules of a bound port whose own cannot be made, or are not there yet after they were lost: nothing passes. A port is left
 * without rules only when somebody unbinds it; a filter that does not compile must not open it.
 */
import type { Binding } from '../model/binding.js';
import { DEFAULT_RULE_PRIORITY, type Filter } from '../model/filter.js';
import { compile } from './compile.js';
import type { PortRuleset } from './ruleset.js';

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
