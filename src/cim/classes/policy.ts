/**
 * The policy model: how the standard ties a condition to an action and puts rules in order. Read from vendors' documents and never
 * served. Source: CIM schema 2.42, Policy and Network; of each class what says something about packets.
 */
import { array, type ClassRow, key, property, reference } from '../rows.js';

const systemKeys = [key('SystemCreationClassName'), key('SystemName'), key('CreationClassName')];
const ruleKeys = [...systemKeys, key('PolicyRuleCreationClassName'), key('PolicyRuleName')];

const ENABLED = { 1: 'Enabled', 2: 'Disabled', 3: 'Enabled For Debug' };
const set = [
  property('PolicyDecisionStrategy', 'uint16', { values: { 1: 'First Matching', 2: 'All' } }),
  property('Enabled', 'uint16', { values: ENABLED, initial: 1 }),
  array('PolicyRoles', 'string'),
];
const policy = [property('CommonName', 'string'), array('PolicyKeywords', 'string')];

const component = { superclass: 'CIM_Component', association: true } as const;

export const POLICY: readonly ClassRow[] = [
  {
    name: 'CIM_PolicyGroup',
    superclass: 'CIM_ManagedElement',
    about: 'rules that belong together',
    properties: [...systemKeys, key('PolicyGroupName'), ...policy, ...set],
  },
  {
    name: 'CIM_PolicyRule',
    superclass: 'CIM_ManagedElement',
    about: 'when its conditions are met, its actions are done',
    properties: [
      ...systemKeys,
      key('PolicyRuleName'),
      ...policy,
      ...set,
      property('ConditionListType', 'uint16', {
        values: { 0: 'Unconditional Rule', 1: 'DNF', 2: 'CNF' },
        initial: 1,
      }),
      property('SequencedActions', 'uint16', {
        values: { 1: 'Mandatory', 2: 'Recommended', 3: 'Dont Care' },
      }),
      property('ExecutionStrategy', 'uint16', {
        values: { 1: 'Do Until Success', 2: 'Do All', 3: 'Do Until Failure' },
      }),
      property('RuleUsage', 'string'),
      property('Priority', 'uint16', { about: 'deprecated: PolicySetComponent has it' }),
    ],
  },
  {
    name: 'CIM_PolicySetComponent',
    ...component,
    about: 'a rule belongs to a group',
    properties: [
      reference('GroupComponent', 'CIM_ManagedElement'),
      reference('PartComponent', 'CIM_ManagedElement'),
      property('Priority', 'uint16', { about: 'larger is higher, unique in the group' }),
    ],
  },
  {
    name: 'CIM_PacketFilterCondition',
    superclass: 'CIM_ManagedElement',
    about: 'met by what its filter list matches',
    properties: [...ruleKeys, key('PolicyConditionName'), ...policy],
  },
  {
    name: 'CIM_FilterOfPacketCondition',
    superclass: 'CIM_Dependency',
    association: true,
    about: 'the list of a condition',
    properties: [
      reference('Antecedent', 'CIM_FilterList'),
      reference('Dependent', 'CIM_PacketFilterCondition'),
    ],
  },
  {
    name: 'CIM_PolicyConditionInPolicyRule',
    ...component,
    about: 'a rule has a condition',
    properties: [
      reference('GroupComponent', 'CIM_PolicyRule'),
      reference('PartComponent', 'CIM_PacketFilterCondition'),
      property('GroupNumber', 'uint16'),
      property('ConditionNegated', 'boolean'),
    ],
  },
  {
    name: 'CIM_NetworkPacketAction',
    superclass: 'CIM_ManagedElement',
    about: 'what becomes of the packet',
    properties: [
      ...ruleKeys,
      key('PolicyActionName'),
      ...policy,
      property('DoActionLogging', 'boolean'),
      property('PacketAction', 'uint16', {
        values: { 1: 'Other', 2: 'Processed', 3: 'Bypassed', 4: 'Discarded' },
      }),
      property('OtherAction', 'string'),
    ],
  },
  {
    name: 'CIM_PolicyActionInPolicyRule',
    ...component,
    about: 'a rule has an action',
    properties: [
      reference('GroupComponent', 'CIM_PolicyRule'),
      reference('PartComponent', 'CIM_NetworkPacketAction'),
      property('ActionOrder', 'uint16'),
    ],
  },
];
