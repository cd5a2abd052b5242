/** The entry classes of nwgate: each native rule is one instance. */
import { array, type ClassRow, octets, type PropertyRow, property } from '../rows.js';

export const ACTIONS = { 1: 'Permit', 2: 'Deny', 3: 'Reject', 4: 'Return', 5: 'Continue' };
export const DIRECTIONS = { 1: 'Input', 2: 'Output', 3: 'Both' };
export const TCP_FLAGS = ['FIN', 'SYN', 'RST', 'PSH', 'ACK', 'URG'];

/** Of every entry class: what the native rule says beside its match. */
const ruleSet: readonly PropertyRow[] = [
  property('Action', 'uint16', {
    required: true,
    values: ACTIONS,
    about: 'what becomes of a frame that matches',
  }),
  property('Direction', 'uint16', {
    required: true,
    values: DIRECTIONS,
    about: "as the guest's port sees it: Input goes to the guest, Output comes from it",
  }),
  property('Priority', 'sint16', {
    min: -1000,
    max: 1000,
    initial: 500,
    about: 'order among the rules; lower is met first',
  }),
  property('StateMatch', 'boolean', {
    initial: true,
    about: 'whether connection states are added by themselves',
  }),
  array('NegatedProperties', 'string', {
    about: 'properties that must NOT have the value given, each by itself',
  }),
  array('VariableProperties', 'string', {
    about: 'properties whose value is a variable; paired with VariableExpressions',
  }),
  array('VariableExpressions', 'string', { about: 'the variables, as $NAME, $NAME[n] or $NAME[@n]' }),
  property('ProtocolElement', 'string', { max: 16, about: 'name of the native protocol element' }),
];

/** Source and destination MAC with masks, under the names of Hdr8021Filter. */
const macs8021 = [
  octets('HdrSrcMACAddr8021', 'mac', 'source MAC address'),
  octets('HdrSrcMACMask8021', 'macmask', 'bits of the source MAC address to compare'),
  octets('HdrDestMACAddr8021', 'mac', 'destination MAC address'),
  octets('HdrDestMACMask8021', 'macmask', 'bits of the destination MAC address to compare'),
];

/** A BPDU field and the end of its range. */
function bpdu(name: string, about: string, type: 'uint16' | 'uint32' = 'uint16'): readonly PropertyRow[] {
  return [
    property(name, type, { about: `${about}, or the first of a range` }),
    property(`${name}Hi`, type, { about: `last ${about} of the range` }),
  ];
}

const namespaces = ['root/nwgate'];

export const ENTRIES: readonly ClassRow[] = [
  {
    name: 'NWG_Hdr8021Filter',
    superclass: 'CIM_Hdr8021Filter',
    namespaces,
    about: 'a native rule with <mac> or <vlan>',
    properties: [
      ...ruleSet,
      property('EncapProtocolID', 'uint16', { about: 'EtherType inside the VLAN tag' }),
    ],
  },
  {
    name: 'NWG_IPHeadersFilter',
    superclass: 'CIM_IPHeadersFilter',
    namespaces,
    about: 'a native rule with <ip>, <ipv6> or a packet protocol',
    properties: [
      ...ruleSet,
      octets('HdrSrcMACAddr', 'mac', "the frame's source MAC address"),
      octets('HdrSrcMACMask', 'macmask', 'bits of the source MAC address to compare'),
      octets('HdrDestMACAddr', 'mac', "the frame's destination MAC address"),
      octets('HdrDestMACMask', 'macmask', 'bits of the destination MAC address to compare'),
      octets('RangeSrcAddress', 'address', 'first source address of a range beside an address'),
      octets('RangeSrcAddressEndOfRange', 'address', 'last source address of that range'),
      octets('RangeDestAddress', 'address', 'first destination address of a range beside an address'),
      octets('RangeDestAddressEndOfRange', 'address', 'last destination address of that range'),
      array('ImpliedProperties', 'string', {
        about: 'properties that follow from others and have no attribute: the end of a range of one port',
      }),
      property('ICMPType', 'uint8', { about: 'ICMP type, or the first of a range' }),
      property('ICMPTypeEnd', 'uint8', { about: 'last ICMP type of the range' }),
      property('ICMPCode', 'uint8', { about: 'ICMP code, or the first of a range' }),
      property('ICMPCodeEnd', 'uint8', { about: 'last ICMP code of the range' }),
      property('TCPFlagsMask', 'uint8', { bits: TCP_FLAGS, max: 63, about: 'TCP flags to look at' }),
      property('TCPFlagsSet', 'uint8', { bits: TCP_FLAGS, max: 63, about: 'those of them that must be set' }),
      property('TCPOption', 'uint8', { min: 1, about: 'a TCP option that must be there' }),
      array('ConnectionStates', 'uint16', {
        values: { 1: 'New', 2: 'Established', 3: 'Related', 4: 'Invalid', 5: 'None' },
        words: { 1: 'NEW', 2: 'ESTABLISHED', 3: 'RELATED', 4: 'INVALID', 5: 'NONE' },
        about: 'connection states, any of which matches',
      }),
      property('ConnectionLimitAbove', 'uint16', {
        about: 'matches while there are more connections than this',
      }),
      property('IPSetName', 'string', { max: 31, about: 'an IP set of the host' }),
      array('IPSetFlags', 'uint16', {
        values: { 1: 'Source', 2: 'Destination' },
        words: { 1: 'src', 2: 'dst' },
        about: 'addresses the set is asked for, in order',
      }),
    ],
  },
  {
    name: 'NWG_ARPFilter',
    superclass: 'CIM_FilterEntryBase',
    namespaces,
    about: 'a native rule with <arp> or <rarp>',
    properties: [
      ...ruleSet,
      ...macs8021,
      property('IsReverse', 'boolean', { about: 'true for RARP' }),
      property('HWType', 'uint16', { about: 'hardware type' }),
      property('ProtocolType', 'uint16', { about: 'protocol type' }),
      property('OPCode', 'uint16', { about: 'operation' }),
      octets('ARPSrcMACAddr', 'mac', "sender's MAC address"),
      octets('ARPDestMACAddr', 'mac', "target's MAC address"),
      octets('ARPSrcIPAddr', 'address', "sender's IP address"),
      octets('ARPSrcIPMask', 'mask', "bits of the sender's IP address to compare"),
      octets('ARPDestIPAddr', 'address', "target's IP address"),
      octets('ARPDestIPMask', 'mask', "bits of the target's IP address to compare"),
      property('Gratuitous', 'boolean', { about: 'gratuitous ARP' }),
    ],
  },
  {
    name: 'NWG_STPFilter',
    superclass: 'CIM_FilterEntryBase',
    namespaces,
    about: 'a native rule with <stp>',
    properties: [
      ...ruleSet,
      octets('HdrSrcMACAddr8021', 'mac', 'source MAC address'),
      octets('HdrSrcMACMask8021', 'macmask', 'bits of the source MAC address to compare'),
      property('BPDUType', 'uint8', { about: 'BPDU type' }),
      property('BPDUFlags', 'uint8', { about: 'BPDU flags' }),
      ...bpdu('RootPriority', 'root priority'),
      octets('RootAddress', 'mac', 'MAC address of the root bridge'),
      octets('RootAddressMask', 'macmask', "bits of the root's MAC address to compare"),
      ...bpdu('RootPathCost', 'root path cost', 'uint32'),
      ...bpdu('SenderPriority', 'sender priority'),
      octets('SenderAddress', 'mac', 'MAC address of the sending bridge'),
      octets('SenderAddressMask', 'macmask', "bits of the sender's MAC address to compare"),
      ...bpdu('Port', 'port identifier'),
      ...bpdu('Age', 'message age'),
      ...bpdu('MaxAge', 'maximum age'),
      ...bpdu('HelloTime', 'hello time'),
      ...bpdu('ForwardDelay', 'forward delay'),
    ],
  },
  {
    name: 'NWG_AnyFilter',
    superclass: 'CIM_FilterEntryBase',
    namespaces,
    about: 'a native rule without a protocol: it meets every frame',
    properties: ruleSet,
  },
];
