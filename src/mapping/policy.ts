/**
 * The policy model → lists of entries. A PolicyRule with a PacketFilterCondition, whose FilterList is one conjunction, and a
 * NetworkPacketAction is one rule; its PolicySetComponent says the order, higher first. The inverse of policy-rules.ts. Source:
 * CIM schema 2.42, Policy.
 */
import { type Fault, fail, NwgateError, throwIfAny } from '../model/errors.js';
import { MAX_PRIORITY } from '../model/filter.js';
import { printable } from '../model/names.js';
import { type Element, elements } from '../xml/element.js';
import { instanceOf, withProperties } from './build.js';
import { conjunction } from './conjunction.js';
import { isTrue, kindOf, value } from './neutral.js';
import { type Tied, type TieRow, type Ties, ties } from './ties.js';

/** PacketAction → Action: Bypassed is let through, Discarded is not. */
const ACTION_OF: Readonly<Record<string, string>> = { '3': '1', '4': '2' };

const RULE = 'PolicyRuleName';
const CONDITION = 'PolicyConditionName';

/** What is tied to what, and by which association. */
const TIES = {
  rules: {
    tie: 'PolicySetComponent',
    whole: ['GroupComponent', 'PolicyGroupName'],
    part: ['PartComponent', RULE],
    kinds: ['PolicyRule'],
  },
  actions: {
    tie: 'PolicyActionInPolicyRule',
    whole: ['GroupComponent', RULE],
    part: ['PartComponent', 'PolicyActionName'],
    kinds: ['NetworkPacketAction'],
  },
  conditions: {
    tie: 'PolicyConditionInPolicyRule',
    whole: ['GroupComponent', RULE],
    part: ['PartComponent', CONDITION],
    kinds: ['PacketFilterCondition'],
  },
  lists: {
    tie: 'FilterOfPacketCondition',
    whole: ['Dependent', CONDITION],
    part: ['Antecedent', 'Name'],
    kinds: ['FilterList'],
  },
  entries: {
    tie: 'EntriesInFilterList',
    whole: ['GroupComponent', 'Name'],
    part: ['PartComponent', 'Name'],
    kinds: ['FilterEntry', 'Hdr8021Filter', 'IPHeadersFilter'],
  },
} satisfies Readonly<Record<string, TieRow>>;

/** Kinds of the policy model: none of them is left over. */
const MODEL = [
  'PolicyGroup',
  ...[TIES.rules, TIES.actions, TIES.conditions].flatMap(({ tie, kinds }) => [tie, ...kinds]),
  TIES.lists.tie,
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
  const [groups, rules] = [of('PolicyGroup'), of('PolicyRule')];
  if (groups.length === 0 && rules.length === 0) return instances;
  const model: Model = {
    rules: ties(instances, TIES.rules),
    actions: ties(instances, TIES.actions),
    conditions: ties(instances, TIES.conditions),
    lists: ties(instances, TIES.lists),
    entries: ties(instances, TIES.entries),
  };
  const faults: Fault[] = [];
  const made = groups.flatMap((group) => collected(faults, () => listOfGroup(group, model, faults)) ?? []);
  const inGroups = new Set(model.rules.taken);
  const alone = rules.filter((rule) => !inGroups.has(rule));
  const rest = collected(faults, () => listOfRest(alone, name, model, faults)) ?? [];
  throwIfAny(faults);
  const used = new Set([...model.lists.taken, ...model.entries.taken]);
  return [...instances.filter((each) => !used.has(each) && !MODEL.includes(kindOf(each))), ...made, ...rest];
}

type Model = Readonly<Record<keyof typeof TIES, Ties>>;

function listOfGroup(group: Element, model: Model, faults: Fault[]): readonly Element[] {
  if (value(group, 'PolicyDecisionStrategy') === '2')
    faults.push(...unfit(group, 'does the actions of all rules, not of the first').faults);
  const members = model.rules.of(group, faults);
  const ordered = byPriority(members, ({ tie }) => tie).map(({ part }) => part);
  return listOf(value(group, 'PolicyGroupName') ?? '', ordered, model, faults);
}

/** Rules of no group have an order of their own: a property that the standard gave up. */
function listOfRest(
  rules: readonly Element[],
  name: string | undefined,
  model: Model,
  faults: Fault[],
): readonly Element[] {
  if (rules.length === 0) return [];
  if (name === undefined) {
    faults.push(
      ...rules.flatMap((rule) => unfit(rule, 'belongs to no group: give the filter a name').faults),
    );
    return [];
  }
  return listOf(
    name,
    byPriority(rules, (rule) => rule),
    model,
    faults,
  );
}

function byPriority<T>(list: readonly T[], holder: (each: T) => Element): readonly T[] {
  const priority = (each: T) => Number(value(holder(each), 'Priority') ?? '0');
  return [...list].sort((a, b) => priority(b) - priority(a));
}

/** A list and its entries, in order: their priorities count from 1. */
function listOf(name: string, rules: readonly Element[], model: Model, faults: Fault[]): readonly Element[] {
  if (rules.length > MAX_PRIORITY)
    throw fail('FORM_CANNOT_HOLD', `${printable(name)} has more than ${MAX_PRIORITY} rules`, {});
  const entries = rules.flatMap((rule, index) => {
    const said = { Priority: String(index + 1), Name: `${name}:${index}` };
    return collected(faults, () => [entryOf(rule, said, model)]) ?? [];
  });
  return [instanceOf('CIM_FilterList', { Name: name }), ...entries];
}

function entryOf(rule: Element, said: Readonly<Record<string, string>>, model: Model): Element {
  if ((value(rule, 'Enabled') ?? '1') !== '1') throw unfit(rule, 'is not enabled');
  const Action = actionOf(rule, model);
  const condition = conditionOf(rule, model);
  const list = condition && only(rule, 'filter lists of its condition', model.lists.of(condition)).part;
  const entries = list ? model.entries.of(list).map(({ part }) => part) : [];
  if (list && entries.length === 0) throw unfit(rule, 'the list of its condition has no entries');
  if (entries.some((entry) => value(entry, 'Action') !== undefined))
    throw unfit(rule, 'an entry has an action of its own beside that of the rule');
  const joined = conjunction(entries);
  if ('why' in joined) throw unfit(rule, joined.why);
  const Direction = list ? value(list, 'Direction') : '3';
  const does = instanceOf('KVM_FilterEntry', { Action, Direction, ...said });
  return withProperties(joined.entry, elements(does));
}

function actionOf(rule: Element, { actions }: Model): string {
  const { part: action } = only(rule, 'packet actions', actions.of(rule));
  const does = ACTION_OF[value(action, 'PacketAction') ?? ''];
  if (does === undefined || isTrue(action, 'DoActionLogging'))
    throw unfit(rule, 'its action is neither Bypassed nor Discarded, without logging');
  return does;
}

/** Undefined for a rule that is unconditional. */
function conditionOf(rule: Element, { conditions }: Model): Element | undefined {
  const found = conditions.of(rule);
  if (value(rule, 'ConditionListType') === '0') {
    if (found.length > 0) throw unfit(rule, 'is unconditional, and has conditions');
    return undefined;
  }
  const { part, tie } = only(rule, 'packet conditions', found);
  if (isTrue(tie, 'ConditionNegated')) throw unfit(rule, 'negates its condition');
  return part;
}

function only(rule: Element, what: string, found: readonly Tied[]): Tied {
  const [first] = found;
  if (!first || found.length > 1) throw unfit(rule, `has ${found.length} ${what}, and must have one`);
  return first;
}

function unfit(instance: Element, why: string): NwgateError {
  const name = value(instance, 'PolicyRuleName') ?? value(instance, 'PolicyGroupName') ?? '';
  const title = `${instance.local} ${printable(name)}`.trimEnd();
  return fail('FORM_CANNOT_HOLD', `${title}: ${why}`, { ...instance.at });
}

/** What `make` makes; when it cannot, its faults go to the others. */
function collected<T>(faults: Fault[], make: () => T): T | undefined {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof NwgateError)) throw error;
    faults.push(...error.faults);
    return undefined;
  }
}
