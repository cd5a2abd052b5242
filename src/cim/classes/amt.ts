/**
 * Intel AMT's System Defense: filters of the managed machine's network interface, read from documents and never served. Source: Intel
 * AMT SDK (facts: numbers of FilterProfile and FilterDirection; a policy names its filters by the number at the end of their
 * InstanceID).
 */
import { array, type ClassRow, key, type PropertyRow, property } from '../rows.js';

/** In place of Action and Direction, with numbers of their own. */
const entry: readonly PropertyRow[] = [
  property('FilterProfile', 'uint16', {
    values: { 0: 'Statistics And Pass', 1: 'Statistics And Drop', 2: 'Rate Limit', 3: 'Pass', 4: 'Drop' },
  }),
  property('FilterProfileData', 'uint32'),
  property('FilterDirection', 'uint16', {
    values: { 0: 'Tx', 1: 'Rx' },
    about: 'Tx: out of the managed machine',
  }),
  property('ActionEventOnMatch', 'boolean'),
];

export const AMT: readonly ClassRow[] = [
  {
    name: 'AMT_Hdr8021Filter',
    superclass: 'CIM_Hdr8021Filter',
    about: 'an Ethernet entry',
    properties: entry,
  },
  {
    name: 'AMT_IPHeadersFilter',
    superclass: 'CIM_IPHeadersFilter',
    about: 'an IP entry',
    properties: entry,
  },
  {
    name: 'AMT_SystemDefensePolicy',
    superclass: 'CIM_ManagedElement',
    about: 'filters that are active together, and what becomes of packets that meet none',
    properties: [
      key('InstanceID'),
      property('PolicyName', 'string', { required: true }),
      property('PolicyPrecedence', 'uint32'),
      property('AntiSpoofingSupport', 'uint16'),
      array('FilterCreationHandles', 'uint32'),
      property('TxDefaultDrop', 'boolean'),
      property('TxDefaultMatchEvent', 'boolean'),
      property('TxDefaultCount', 'boolean'),
      property('RxDefaultDrop', 'boolean'),
      property('RxDefaultMatchEvent', 'boolean'),
      property('RxDefaultCount', 'boolean'),
    ],
  },
];
