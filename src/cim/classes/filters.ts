/** The standard filter classes. Source: CIM schema 2.42, Network; equal from 2.22 to 2.49. */
import { array, type ClassRow, key, octets, property, reference } from '../rows.js';

/** FilterList and FilterEntryBase are weak to their system: the same four keys. */
const systemKeys = [key('SystemCreationClassName'), key('SystemName'), key('CreationClassName'), key('Name')];

const port = (name: string, about: string) => property(name, 'uint16', { about });

export const FILTERS: readonly ClassRow[] = [
  {
    name: 'CIM_FilterList',
    superclass: 'CIM_LogicalElement',
    about: 'a list of filter entries',
    properties: [
      ...systemKeys,
      property('Direction', 'uint16', {
        values: { 0: 'Not Applicable', 1: 'Input', 2: 'Output', 3: 'Both', 4: 'Mirrored' },
      }),
    ],
  },
  {
    name: 'CIM_FilterEntryBase',
    superclass: 'CIM_LogicalElement',
    abstract: true,
    about: 'one entry of a filter list',
    properties: [
      ...systemKeys,
      property('IsNegated', 'boolean', { about: 'negates the whole match condition' }),
    ],
  },
  {
    name: 'CIM_FilterEntry',
    superclass: 'CIM_FilterEntryBase',
    about: 'one match condition as text; read from documents only',
    properties: [
      property('TrafficType', 'uint16', {
        values: { 0: 'Unknown', 1: 'IPv4', 2: 'IPX', 3: 'IPv6', 4: 'Any', 5: 'Other' },
      }),
      property('OtherTrafficType', 'string'),
      property('MatchConditionType', 'uint16', {
        values: {
          1: 'Other',
          2: 'Source Address and Mask',
          3: 'Destination Address and Mask',
          4: 'Source Port',
          5: 'Source Port Range',
          6: 'Destination Port',
          7: 'Destination Port Range',
          8: 'Protocol Type',
          9: 'Protocol Type and Option',
          10: 'DSCP',
          11: 'ToS Value',
          12: '802.1P Priority Value',
          13: 'Any',
        },
      }),
      property('OtherMatchConditionType', 'string'),
      property('MatchConditionValue', 'string'),
      property('Action', 'uint16', { values: { 1: 'Permit', 2: 'Deny' } }),
      property('DefaultFilter', 'boolean'),
      property('TrafficClass', 'string'),
    ],
  },
  {
    name: 'CIM_Hdr8021Filter',
    superclass: 'CIM_FilterEntryBase',
    about: 'matches the header of an Ethernet frame; an absent property matches all',
    properties: [
      octets('HdrSrcMACAddr8021', 'mac', 'source MAC address'),
      octets('HdrSrcMACMask8021', 'macmask', 'bits of the source MAC address to compare'),
      octets('HdrDestMACAddr8021', 'mac', 'destination MAC address'),
      octets('HdrDestMACMask8021', 'macmask', 'bits of the destination MAC address to compare'),
      property('HdrProtocolID8021', 'uint16', { about: 'EtherType' }),
      property('HdrPriorityValue8021', 'uint8', { min: 0, max: 7, about: '802.1Q priority' }),
      property('HdrVLANID8021', 'uint32', { min: 0, max: 4095, about: '802.1Q VLAN ID' }),
    ],
  },
  {
    name: 'CIM_IPHeadersFilter',
    superclass: 'CIM_FilterEntryBase',
    about: 'matches the headers of an IP packet; an absent property matches all',
    properties: [
      property('HdrIPVersion', 'uint8', {
        values: { 4: 'IPv4', 6: 'IPv6' },
        about: 'IP version; fixes the size of the addresses and masks',
      }),
      octets('HdrSrcAddress', 'address', 'source address, or the first of a range'),
      octets('HdrSrcAddressEndOfRange', 'address', 'last source address of the range'),
      octets('HdrSrcMask', 'mask', 'bits of the source address to compare'),
      octets('HdrDestAddress', 'address', 'destination address, or the first of a range'),
      octets('HdrDestAddressEndOfRange', 'address', 'last destination address of the range'),
      octets('HdrDestMask', 'mask', 'bits of the destination address to compare'),
      property('HdrProtocolID', 'uint8', { about: 'IP protocol number' }),
      port('HdrSrcPortStart', 'first source port'),
      port('HdrSrcPortEnd', 'last source port'),
      port('HdrDestPortStart', 'first destination port'),
      port('HdrDestPortEnd', 'last destination port'),
      array('HdrDSCP', 'uint8', { max: 63, about: 'DSCP values, any of which matches' }),
      octets('HdrFlowLabel', 'flowlabel', 'IPv6 flow label, 20 bits in 3 octets'),
    ],
  },
  {
    name: 'CIM_EntriesInFilterList',
    superclass: 'CIM_Component',
    association: true,
    about: 'an entry belongs to a list',
    properties: [
      reference('GroupComponent', 'CIM_FilterList'),
      reference('PartComponent', 'CIM_FilterEntryBase'),
      property('EntrySequence', 'uint16', { min: 0, max: 0, about: 'always 0' }),
    ],
  },
  {
    name: 'CIM_HostedFilterList',
    superclass: 'CIM_HostedDependency',
    association: true,
    about: 'the system that hosts a list',
    properties: [reference('Antecedent', 'CIM_ComputerSystem'), reference('Dependent', 'CIM_FilterList')],
  },
  {
    name: 'CIM_HostedFilterEntryBase',
    superclass: 'CIM_HostedDependency',
    association: true,
    about: 'the system that hosts an entry',
    properties: [
      reference('Antecedent', 'CIM_ComputerSystem'),
      reference('Dependent', 'CIM_FilterEntryBase'),
    ],
  },
];
