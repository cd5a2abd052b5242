/**
 * Rules of Ethernet frames → chains of ebtables, one root chain for each side. `inout` rules are written as seen coming
 * towards the guest and are turned round for what it sends (libvirt's nwfilter format, "traffic direction").
 */

import { chainKind } from '../model/chains.js';
import type { Fault } from '../model/errors.js';
import type { Action, Direction } from '../model/filter.js';
import { ETHERTYPES } from '../protocols/datatypes.js';
import { STP_GROUP } from '../protocols/ethernet.js';
import type { ProtocolSpec } from '../protocols/types.js';
import { nameChain } from './chains.js';
import type { Instance } from './instantiate.js';
import { layout } from './order.js';
import type { Chain, ChainRule, Test, ToolRuleset, Verdict } from './ruleset.js';
import { selection, testsOf } from './tests.js';

const VERDICT: Readonly<Record<Action, Verdict>> = {
  accept: 'ACCEPT',
  drop: 'DROP',
  reject: 'DROP',
  return: 'RETURN',
  continue: 'CONTINUE',
};

const FRAME_OPTIONS = new Set(['-s', '-d']);
const CLOSING: ChainRule = { tests: [], target: { kind: 'verdict', verdict: 'ACCEPT' } };

/** `sorted`: Ethernet rules in rule order. Faults NOT_COMPILABLE, and LIMIT over `maxLines`, go to `faults`. */
export function ethernetRuleset(sorted: readonly Instance[], maxLines: number, faults: Fault[]): ToolRuleset {
  const chains = new Map<string, Chain>();
  let lines = 0;
  const root = (direction: Direction): string | undefined => {
    const mine = sorted.filter(({ rule }) => rule.direction === direction || rule.direction === 'inout');
    const rulesOf = (instance: Instance): readonly ChainRule[] => {
      // A negated DSCP is 252 lines.
      if (lines > maxLines) return [];
      const rules = frameRules(instance, direction === 'out' && instance.rule.direction === 'inout', faults);
      lines += rules.length;
      if (lines > maxLines) {
        const message = `the rules up to here make more than ${maxLines} lines for ebtables`;
        faults.push({ code: 'LIMIT', message, where: instance.place });
      }
      return rules;
    };
    return mine.length === 0 ? undefined : rootChain(mine, rulesOf, chains);
  };
  return { fromGuest: root('out'), toGuest: root('in'), chains: [...chains.values()] };
}

/** Adds the chains to `chains`, children first; answers the root's name. */
function rootChain(
  sorted: readonly Instance[],
  rulesOf: (instance: Instance) => readonly ChainRule[],
  chains: Map<string, Chain>,
): string {
  const { root, chains: inner } = layout(sorted);
  const add = (kind: string, rules: readonly ChainRule[]) => {
    // A chain that runs off its end accepts the frame, as libvirt's do; it does not go back to the root chain.
    const chain = nameChain('ebtables', kind, endsAll(rules.at(-1)) ? rules : [...rules, CLOSING]);
    if (!chains.has(chain.name)) chains.set(chain.name, chain);
    return chain.name;
  };
  const names = new Map([...inner].map(([name, rules]) => [name, add(name, rules.flatMap(rulesOf))]));
  const rules = root.flatMap((entry): readonly ChainRule[] => {
    if (entry.kind === 'rule') return rulesOf(entry.instance);
    const target = { kind: 'jump', chain: names.get(entry.name) ?? '' } as const;
    return [{ tests: entryTests(entry.name), target }];
  });
  return add('root', rules);
}

/** True when no frame gets past the rule. */
function endsAll(rule: ChainRule | undefined): boolean {
  if (rule === undefined || rule.tests.length > 0 || rule.target.kind !== 'verdict') return false;
  return rule.target.verdict !== 'CONTINUE';
}

/** Which frames enter a chain. Source: libvirt's nwfilter format, "filtering chains"; stp by its group address. */
function entryTests(chain: string): readonly Test[] {
  const prefix = chainKind(chain)?.prefix ?? 'mac';
  if (prefix === 'mac' || prefix === 'root') return [];
  if (prefix === 'stp') return [{ option: '-d', args: [STP_GROUP], negated: false }];
  const type = `0x${ETHERTYPES[prefix].toString(16).padStart(4, '0')}`;
  return [{ option: '-p', args: [type], negated: false }];
}

function frameRules(instance: Instance, mirrored: boolean, faults: Fault[]): readonly ChainRule[] {
  const { rule, spec, place } = instance;
  const rest = { target: { kind: 'verdict', verdict: VERDICT[rule.action] }, source: place } as const;
  if (spec === undefined) return [{ tests: [], ...rest }];
  const alternatives = testsOf(spec, instance, { mirrored, bothWays: true }, faults);
  const select = selection(spec);
  return alternatives.map((list) => {
    refuseTwice(spec, select, list, instance, faults);
    const isFrame = ({ option }: Test) => FRAME_OPTIONS.has(option);
    return { tests: [...list.filter(isFrame), ...select, ...list.filter((test) => !isFrame(test))], ...rest };
  });
}

/** ebtables takes an option once: STP turned round has the guest's address where the group address must be. */
function refuseTwice(
  spec: ProtocolSpec,
  select: readonly Test[],
  list: readonly Test[],
  { place }: Instance,
  faults: Fault[],
): void {
  const twice = list.find(({ option }) => select.some((other) => other.option === option));
  if (twice === undefined) return;
  const message = `a rule of <${spec.element}> for both directions cannot have a source MAC: write one for each direction`;
  faults.push({ code: 'NOT_COMPILABLE', message, where: place });
}
