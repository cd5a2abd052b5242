/** Protocols matched on the bridge by ebtables: mac, vlan, stp, arp, rarp, ip, ipv6. */
import * as type from './datatypes.js';
import {
  comment,
  type Fields,
  field,
  fields,
  macs,
  maskedField,
  ports,
  rangeField,
  same,
  sourceMac,
  swap,
  unspeakable,
} from './fields.js';
import * as form from './forms.js';
import type { ProtocolSpec, Requirement } from './types.js';

/** The group address every BPDU is sent to. */
export const STP_GROUP = '01:80:c2:00:00:00';

function ethernet(
  element: string,
  select: readonly string[],
  body: Fields,
  requires: readonly Requirement[] = [],
): ProtocolSpec {
  return { element, layer: 'ethernet', select, ...fields(body, comment), requires };
}

const mac = ethernet('mac', [], fields(macs, field('protocolid', type.etherType, '-p', 'EtherType')));

const vlan = ethernet(
  'vlan',
  ['-p', '0x8100'],
  fields(
    macs,
    unspeakable(
      field('vlanid', type.vlanId, '--vlan-id', 'VLAN ID'),
      '4095',
      'ebtables takes VLAN IDs from 0 to 4094',
    ),
    field('encap-protocol', type.encapsulated, '--vlan-encap', 'EtherType inside the tag'),
  ),
);

const stp = ethernet(
  'stp',
  ['-d', STP_GROUP],
  fields(
    sourceMac,
    field('type', type.u8, '--stp-type', 'BPDU type'),
    field('flags', type.u8, '--stp-flags', 'BPDU flags'),
    rangeField('root-priority', type.u16, '--stp-root-prio', 'root priority'),
    maskedField(
      'root-address',
      'root-address-mask',
      [type.mac, type.macMask],
      '--stp-root-addr',
      'root MAC address',
    ),
    rangeField('root-cost', type.u32, '--stp-root-cost', 'root path cost'),
    rangeField('sender-priority', type.u16, '--stp-sender-prio', 'sender priority'),
    maskedField(
      'sender-address',
      'sender-address-mask',
      [type.mac, type.macMask],
      '--stp-sender-addr',
      "sender's MAC address",
    ),
    rangeField('port', type.u16, '--stp-port', 'port identifier'),
    rangeField('age', type.u16, '--stp-msg-age', 'message age'),
    rangeField('max-age', type.u16, '--stp-max-age', 'maximum age'),
    rangeField('hello-time', type.u16, '--stp-hello-time', 'hello time'),
    rangeField('forward-delay', type.u16, '--stp-forward-delay', 'forward delay'),
  ),
);

const arpFields = fields(
  macs,
  field('hwtype', type.u16, '--arp-htype', 'hardware type'),
  field('protocoltype', type.arpProtocolType, '--arp-ptype', 'protocol type'),
  field('opcode', type.arpOpcode, '--arp-opcode', 'opcode'),
  field('arpsrcmacaddr', type.mac, '--arp-mac-src', "sender's MAC in the ARP body", swap('--arp-mac-dst')),
  field('arpdstmacaddr', type.mac, '--arp-mac-dst', "target's MAC in the ARP body", swap('--arp-mac-src')),
  maskedField(
    'arpsrcipaddr',
    'arpsrcipmask',
    [type.ipv4, type.ipv4Mask],
    '--arp-ip-src',
    "sender's IP in the ARP body",
    swap('--arp-ip-dst'),
  ),
  maskedField(
    'arpdstipaddr',
    'arpdstipmask',
    [type.ipv4, type.ipv4Mask],
    '--arp-ip-dst',
    "target's IP in the ARP body",
    swap('--arp-ip-src'),
  ),
  {
    attributes: [
      { name: 'gratuitous', type: type.bool, about: 'gratuitous ARP: sender and target IP are the same' },
    ],
    tests: [{ option: '--arp-gratuitous', mirror: same, parts: ['gratuitous'], form: form.flag }],
  },
);
const arp = ethernet('arp', ['-p', '0x0806'], arpFields);
const rarp = ethernet('rarp', ['-p', '0x8035'], arpFields);

/** ebtables compares ports of these protocols only. DCCP (33) has no name in the format. */
const portsNeedProtocol: Requirement = {
  attributes: ['srcportstart', 'srcportend', 'dstportstart', 'dstportend'],
  on: 'protocol',
  values: ['tcp', 'udp', '33', 'sctp'],
};

const ip = ethernet(
  'ip',
  ['-p', '0x0800'],
  fields(
    macs,
    maskedField(
      'srcipaddr',
      'srcipmask',
      [type.ipv4, type.ipv4Mask],
      '--ip-source',
      'source address',
      swap('--ip-destination'),
    ),
    maskedField(
      'dstipaddr',
      'dstipmask',
      [type.ipv4, type.ipv4Mask],
      '--ip-destination',
      'destination address',
      swap('--ip-source'),
    ),
    field('protocol', type.ipProtocol, '--ip-protocol', 'IP protocol'),
    ports({ source: '--ip-source-port', destination: '--ip-destination-port' }),
    {
      attributes: [{ name: 'dscp', type: type.dscp, about: 'DSCP' }],
      tests: [{ option: '--ip-tos', mirror: same, parts: ['dscp'], form: form.tosOfDscp, complements: true }],
    },
  ),
  [portsNeedProtocol],
);

const icmpv6Ranges: Fields = {
  attributes: [
    { name: 'type', type: type.u8, about: 'ICMPv6 type, or the first of a range' },
    { name: 'typeend', type: type.u8, about: 'last ICMPv6 type of the range' },
    { name: 'code', type: type.u8, about: 'ICMPv6 code, or the first of a range' },
    { name: 'codeend', type: type.u8, about: 'last ICMPv6 code of the range' },
  ],
  tests: [
    {
      option: '--ip6-icmp-type',
      mirror: same,
      parts: ['type', 'typeend', 'code', 'codeend'],
      ascending: [
        ['type', 'typeend'],
        ['code', 'codeend'],
      ],
      form: form.typeAndCodeRanges,
      complements: true,
    },
  ],
};

const ipv6 = ethernet(
  'ipv6',
  ['-p', '0x86dd'],
  fields(
    macs,
    maskedField(
      'srcipaddr',
      'srcipmask',
      [type.ipv6, type.ipv6Mask],
      '--ip6-source',
      'source address',
      swap('--ip6-destination'),
    ),
    maskedField(
      'dstipaddr',
      'dstipmask',
      [type.ipv6, type.ipv6Mask],
      '--ip6-destination',
      'destination address',
      swap('--ip6-source'),
    ),
    field('protocol', type.ipProtocol, '--ip6-protocol', 'next header'),
    ports({ source: '--ip6-source-port', destination: '--ip6-destination-port' }),
    icmpv6Ranges,
  ),
  [
    portsNeedProtocol,
    { attributes: ['type', 'typeend', 'code', 'codeend'], on: 'protocol', values: ['icmpv6'] },
  ],
);

export const ETHERNET: readonly ProtocolSpec[] = [mac, vlan, stp, arp, rarp, ip, ipv6];
