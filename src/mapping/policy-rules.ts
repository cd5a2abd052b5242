/**
 * Rules → the policy model: each a PolicyRule of the filter's PolicyGroup, with the FilterList of its PacketFilterCondition and a
 * NetworkPacketAction. The inverse of policy.ts. Source: CIM schema 2.42, Policy.
 */
import { fail } from '../model/errors.js';
import { type Direction, MAX_PRIORITY, type Rule } from '../model/filter.js';
import { printable } from '../model/names.js';
import { type Element, elements, text } from '../xml/element.js';
import { instanceOf } from './build.js';
import { value } from './neutral.js';

export const DIRECTION_NUMBER: Readonly<Record<Direction, string>> = { in: '1', out: '2', inout: '3' };

const PACKET_ACTION: Readonly<Record<string, string>> = { accept: '3', drop: '4' };

/** A rule of a filter with what the stylesheet made of it. */
export interface MadeRule {
  readonly rule: Rule;
  readonly instances: readonly Element[];
}

const HIGHEST = 65535;
const SYSTEM = ['SystemCreationClassName', 'SystemName'];

/**
 * The instances of a filter. `list` is its list; the rules come in the order in which they are met, with their conditions. Errors:
 * FORM_CANNOT_HOLD for more rules than `policy.ts` reads.
 */
export function policyOf(list: Element, rules: readonly MadeRule[]): readonly Element[] {
  const name = value(list, 'Name') ?? '';
  if (rules.length > MAX_PRIORITY)
    throw fail('FORM_CANNOT_HOLD', `${printable(name)} has more than ${MAX_PRIORITY} rules`, {
      filter: name,
    });
  const system = Object.fromEntries(
    elements(list)
      .filter(({ local }) => SYSTEM.includes(local))
      .map((key) => [key.local, text(key)]),
  );
  const make = (className: string, properties: Parameters<typeof instanceOf>[1]) =>
    instanceOf(className, { ...system, CreationClassName: className, ...properties });
  const group = make('CIM_PolicyGroup', { PolicyGroupName: name, PolicyDecisionStrategy: '1' });

  const ofRule = ({ rule: { action, direction, protocol }, instances }: MadeRule, index: number) => {
    const own = `${name}:${index}`;
    const always = protocol === undefined && direction === 'inout';
    const rule = make('CIM_PolicyRule', { PolicyRuleName: own, ConditionListType: always ? '0' : '1' });
    const ofTheRule = { PolicyRuleCreationClassName: 'CIM_PolicyRule', PolicyRuleName: own };
    const does = make('CIM_NetworkPacketAction', {
      ...ofTheRule,
      PolicyActionName: own,
      PacketAction: PACKET_ACTION[action],
    });
    const tie = (className: string, whole: Element, part: Element, more: Readonly<Record<string, string>>) =>
      instanceOf(className, { GroupComponent: whole, PartComponent: part, ...more });
    const tied = [
      rule,
      tie('CIM_PolicySetComponent', group, rule, { Priority: String(HIGHEST - index) }),
      does,
      tie('CIM_PolicyActionInPolicyRule', rule, does, { ActionOrder: '1' }),
    ];
    if (always) return tied;
    const condition = make('CIM_PacketFilterCondition', { ...ofTheRule, PolicyConditionName: own });
    const met = make('CIM_FilterList', { Name: own, Direction: DIRECTION_NUMBER[direction] });
    return [
      ...tied,
      condition,
      tie('CIM_PolicyConditionInPolicyRule', rule, condition, { GroupNumber: '1' }),
      met,
      instanceOf('CIM_FilterOfPacketCondition', { Antecedent: met, Dependent: condition }),
      ...instances,
      ...instances.map((entry) => tie('CIM_EntriesInFilterList', met, entry, { EntrySequence: '0' })),
    ];
  };
  return [group, ...rules.flatMap(ofRule)];
}
