/**
 * The policy model → lists of entries. A PolicyRule with a PacketFilterCondition, whose FilterList is one conjunction, and a
 * NetworkPacketAction is one rule; its PolicySetComponent says the order, higher first. Source: CIM schema 2.42, Policy.
 */
import { type Fault, throwIfAny } from '../model/errors.js';
import { MAX_PRIORITY } from '../model/filter.js';
import { printable } from '../model/names.js';
import { type Element, elements } from '../xml/element.js';
import { instanceOf, withProperties } from './build.js';
import { conjunction } from './conjunction.js';
import { kindOf, target, value } from './neutral.js';

/** PacketAction → Action: Bypassed is let through, Discarded is not. */
const ACTION_OF: Readonly<Record<string, string>> = { '3': '1', '4': '2' };

const TAKEN = [
  'PolicyGroup',
  'PolicyRule',
  'PolicySetComponent',
  'PacketFilterCondition',
  'FilterOfPacketCondition',
  'PolicyConditionInPolicyRule',
  'NetworkPacketAction',
  'PolicyActionInPolicyRule',
];

/**
 * The instances with every PolicyGroup as one list, its rules as entries; lists and entries of conditions go into them. Rules of no
 * group are the list `name`. Errors: FORM_CANNOT_HOLD, all at once, for rules that are not exactly one native rule.
 */
export function policiesAsLists(
  instances: readonly Element[],
  { name }: { readonly name?: string | undefined } = {},
): readonly Element[] {
  const of = (kind: string) => instances.filter((each) => kindOf(each) === kind);
  const rules = of('PolicyRule');
  if (rules.length === 0 && of('PolicyGroup').length === 0) return instances;
  const faults: Fault[] = [];
  const refuse = (instance: Element, why: string) => {
    const title = `${instance.local} ${printable(nameOf(instance) ?? '')}`.trimEnd();
    faults.push({ code: 'FORM_CANNOT_HOLD', message: `${title}: ${why}`, where: { ...instance.at } });
  };
  const used = new Set<Element>();
  const taken = (list: readonly Element[]) => {
    for (const each of list) used.add(each);
    return list;
  };

  /** Parts of a kind that associations of another tie to `whole`, each with its association. */
  const partsOf = (
    whole: Element,
    tie: string,
    kind: string,
    key: string,
    roles = ['GroupComponent', 'PartComponent'],
  ) =>
    of(tie)
      .filter((each) => target(each, roles[0]!, keyOf(whole))?.name === nameOf(whole))
      .flatMap((each) => {
        const part = of(kind).find((other) => value(other, key) === target(each, roles[1]!, key)?.name);
        if (!part) refuse(each, `what it ties to ${printable(nameOf(whole) ?? '')} is not in the document`);
        return part ? [{ part, tie: each }] : [];
      });

  const entryOf = (rule: Element, priority: number, owner: string): readonly Element[] => {
    const refuseRule = (why: string): readonly Element[] => {
      refuse(rule, why);
      return [];
    };
    if ((value(rule, 'Enabled') ?? '1') !== '1') return refuseRule('is not enabled');
    const conditions = partsOf(
      rule,
      'PolicyConditionInPolicyRule',
      'PacketFilterCondition',
      'PolicyConditionName',
    );
    const actions = partsOf(rule, 'PolicyActionInPolicyRule', 'NetworkPacketAction', 'PolicyActionName');
    const [action] = actions;
    const [condition] = conditions;
    if (actions.length !== 1 || !action)
      return refuseRule(`has ${actions.length} packet actions, and must have one`);
    const does = ACTION_OF[value(action.part, 'PacketAction') ?? ''];
    if (does === undefined || isTrue(action.part, 'DoActionLogging'))
      return refuseRule('its action is neither Bypassed nor Discarded, without logging');
    const always = value(rule, 'ConditionListType') === '0';
    if (conditions.length !== (always ? 0 : 1))
      return refuseRule(
        `has ${conditions.length} packet conditions, and must have ${always ? 'none' : 'one'}`,
      );
    if (condition && isTrue(condition.tie, 'ConditionNegated')) return refuseRule('negates its condition');
    const lists = condition
      ? of('FilterOfPacketCondition')
          .filter((each) => target(each, 'Dependent', 'PolicyConditionName')?.name === nameOf(condition.part))
          .map((each) =>
            of('FilterList').find((list) => value(list, 'Name') === target(each, 'Antecedent')?.name),
          )
      : [];
    const [list] = lists;
    if (condition && (lists.length !== 1 || !list))
      return refuseRule('its condition has no filter list in the document');
    const ties = list
      ? of('EntriesInFilterList').filter(
          (each) => target(each, 'GroupComponent')?.name === value(list, 'Name'),
        )
      : [];
    const entries = ties.flatMap((tie) =>
      instances.filter((each) => isEntry(each) && value(each, 'Name') === target(tie, 'PartComponent')?.name),
    );
    if (entries.length !== ties.length || (list && entries.length === 0))
      return refuseRule('the entries of its list are not in the document');
    taken([...(list ? [list] : []), ...ties, ...entries]);
    if (entries.some((entry) => value(entry, 'Action') !== undefined))
      return refuseRule('an entry has an action of its own beside that of the rule');
    const joined = conjunction(entries);
    if ('why' in joined) return refuseRule(joined.why);
    const said = instanceOf('KVM_IPHeadersFilter', {
      Action: does,
      Direction: list ? value(list, 'Direction') : '3',
      Priority: String(priority),
      Name: `${owner}:${priority - 1}`,
    });
    return [withProperties(joined.entry, elements(said))];
  };

  const inGroups = new Set<Element>();
  const made = of('PolicyGroup').flatMap((group) => {
    const owner = nameOf(group) ?? '';
    if (value(group, 'PolicyDecisionStrategy') === '2')
      refuse(group, 'does the actions of all rules, not of the first');
    const members = partsOf(group, 'PolicySetComponent', 'PolicyRule', 'PolicyRuleName');
    for (const { part } of members) inGroups.add(part);
    const priority = ({ tie }: { readonly tie: Element }) => Number(value(tie, 'Priority') ?? '0');
    const order = [...members].sort((a, b) => priority(b) - priority(a)).map(({ part }) => part);
    return listOf(owner, order);
  });
  const alone = rules.filter((rule) => !inGroups.has(rule));
  if (alone.length > 0 && name === undefined)
    for (const rule of alone) refuse(rule, 'belongs to no group: give the filter a name');
  const byPriority = [...alone].sort(
    (a, b) => Number(value(b, 'Priority') ?? 0) - Number(value(a, 'Priority') ?? 0),
  );
  const rest = alone.length > 0 && name !== undefined ? listOf(name, byPriority) : [];

  function listOf(owner: string, order: readonly Element[]): readonly Element[] {
    if (order.length > MAX_PRIORITY)
      throwIfAny([
        {
          code: 'FORM_CANNOT_HOLD',
          message: `${printable(owner)} has more than ${MAX_PRIORITY} rules`,
          where: {},
        },
      ]);
    const entries = order.flatMap((rule, index) => entryOf(rule, index + 1, owner));
    return [instanceOf('CIM_FilterList', { Name: owner }), ...entries];
  }
  throwIfAny(faults);
  const others = instances.filter((each) => !used.has(each) && !TAKEN.includes(kindOf(each)));
  return [...others, ...made, ...rest];
}

const KEY_OF: Readonly<Record<string, string>> = {
  PolicyGroup: 'PolicyGroupName',
  PolicyRule: 'PolicyRuleName',
  PacketFilterCondition: 'PolicyConditionName',
  NetworkPacketAction: 'PolicyActionName',
};
const keyOf = (instance: Element) => KEY_OF[kindOf(instance)] ?? 'Name';
const nameOf = (instance: Element) => value(instance, keyOf(instance));
const isTrue = (instance: Element, property: string) => /^(?:true|1)$/i.test(value(instance, property) ?? '');
const isEntry = (instance: Element) =>
  /^(?:FilterEntry|Hdr8021Filter|IPHeadersFilter)$/.test(kindOf(instance));
