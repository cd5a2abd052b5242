/** nwgate's list class and the associations around it. */
import { array, type ClassRow, GENERATION_ROW, type PropertyRow, property, reference } from '../rows.js';

/** Variables and their values; a name that repeats is a list. */
const parameters: readonly PropertyRow[] = [
  array('ParameterNames', 'string', { about: 'variables, paired with ParameterValues' }),
  array('ParameterValues', 'string', { about: 'their values; a name that repeats is a list' }),
];

const namespaces = ['root/nwgate'];

export const LISTS: readonly ClassRow[] = [
  {
    name: 'NWG_FilterList',
    superclass: 'CIM_FilterList',
    namespaces,
    about: 'a native filter; its entries are met in order, not all at once',
    properties: [
      property('Chain', 'string', { max: 12, about: 'the chain it belongs to' }),
      property('Priority', 'sint16', {
        min: -1000,
        max: 1000,
        about: 'order among chains; lower is met first',
      }),
      property('UUID', 'string', { max: 36 }),
      property('BuiltIn', 'boolean', { about: 'came with nwgate' }),
    ],
  },
  {
    name: 'NWG_EntriesInFilterList',
    superclass: 'CIM_EntriesInFilterList',
    association: true,
    namespaces,
    about: 'a rule belongs to a filter',
    properties: [
      property('RuleIndex', 'uint32', {
        about: 'position among the rules and references of the filter, from 0; writing it moves the entry',
      }),
      GENERATION_ROW,
    ],
  },
  {
    name: 'NWG_NestedFilterList',
    superclass: 'CIM_Dependency',
    association: true,
    namespaces,
    about: 'the dependent filter refers to the antecedent',
    properties: [
      reference('Antecedent', 'CIM_FilterList'),
      reference('Dependent', 'CIM_FilterList'),
      property('RefIndex', 'uint32', {
        about: 'position among the rules and references of the dependent filter, from 0',
      }),
      GENERATION_ROW,
      ...parameters,
    ],
  },
  {
    name: 'NWG_AppliedFilterList',
    superclass: 'CIM_Dependency',
    association: true,
    namespaces,
    about: 'a filter is on a port',
    properties: [
      reference('Antecedent', 'CIM_FilterList'),
      reference('Dependent', 'CIM_NetworkPort'),
      GENERATION_ROW,
      ...parameters,
    ],
  },
  {
    name: 'NWG_HostedFilterList',
    superclass: 'CIM_HostedFilterList',
    association: true,
    namespaces,
    about: 'the host has a filter',
    properties: [],
  },
  {
    name: 'NWG_HostedFilterEntry',
    superclass: 'CIM_HostedFilterEntryBase',
    association: true,
    namespaces,
    about: 'the host has a rule',
    properties: [],
  },
];
