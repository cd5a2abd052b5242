/**
 * libvirt-cim's classes, read from vendors' documents and never served. Source: libvirt-cim's MOF (facts: it adds Action,
 * Direction and Priority to the standard classes).
 */
import { type ClassRow, type PropertyRow, property, reference } from '../rows.js';
import { ACTIONS, DIRECTIONS } from './entries.js';

const action = property('Action', 'uint16', { values: ACTIONS });
const place: readonly PropertyRow[] = [
  property('Direction', 'uint16', { values: { 0: 'Not Applicable', ...DIRECTIONS } }),
  property('Priority', 'sint16', { min: -1000, max: 1000 }),
];

export const KVM: readonly ClassRow[] = [
  { name: 'KVM_HostSystem', superclass: 'CIM_ComputerSystem', about: 'the host', properties: [] },
  {
    name: 'KVM_FilterList',
    superclass: 'CIM_FilterList',
    about: 'a list',
    properties: [property('Priority', 'sint16', { min: -1000, max: 1000 })],
  },
  {
    name: 'KVM_FilterEntry',
    superclass: 'CIM_FilterEntry',
    about: 'an entry without a match',
    properties: [action, ...place],
  },
  {
    name: 'KVM_Hdr8021Filter',
    superclass: 'CIM_Hdr8021Filter',
    about: 'an Ethernet entry',
    properties: [action, ...place],
  },
  {
    name: 'KVM_IPHeadersFilter',
    superclass: 'CIM_IPHeadersFilter',
    about: 'an IP entry',
    properties: [action, ...place],
  },
  {
    name: 'KVM_EntriesInFilterList',
    superclass: 'CIM_EntriesInFilterList',
    association: true,
    about: 'an entry belongs to a list',
    properties: [],
  },
  {
    name: 'KVM_NestedFilterList',
    superclass: 'CIM_Dependency',
    association: true,
    about: 'the antecedent refers to the dependent: the other way round than NWG_NestedFilterList',
    properties: [reference('Antecedent', 'CIM_FilterList'), reference('Dependent', 'CIM_FilterList')],
  },
  {
    name: 'KVM_HostedFilterList',
    superclass: 'CIM_HostedFilterList',
    association: true,
    about: 'the host has a list',
    properties: [],
  },
];
