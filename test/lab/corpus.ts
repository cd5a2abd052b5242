/** Frames that every filter is asked about, whatever its rules are: the same list for each, in both directions. */
import { ETHERTYPES, IP_PROTOCOLS } from '../../src/protocols/datatypes.js';
import { STP_GROUP } from '../../src/protocols/ethernet.js';
import { conversations } from './conversations.js';
import { fragmentScenarios, related } from './corpus-packets.js';
import { type Facts, GUEST, HOST, type Party, plain, WIRE } from './facts.js';
import { type Route, type Scenario, step } from './scenario.js';

type Row = readonly [name: string, change: Partial<Facts> | ((from: Party, to: Party) => Partial<Facts>)];

const BROADCAST = 'ff:ff:ff:ff:ff:ff';
const STRANGER: Party = { mac: '52:54:00:77:00:63', ip: '10.77.0.99', ip6: 'fd77::63' };
const NOWHERE = '00:00:00:00:00:00';
const { arp, rarp, ipv4, ipv6 } = ETHERTYPES;

const ARP: readonly Row[] = [
  ['request', { etherType: arp, dstMac: BROADCAST, arpDstMac: NOWHERE }],
  ['answer', { etherType: arp, opcode: 2 }],
  ['gratuitous', ({ ip }) => ({ etherType: arp, dstMac: BROADCAST, arpDstIp: ip, arpDstMac: NOWHERE })],
  ['probe', { etherType: arp, dstMac: BROADCAST, arpSrcIp: '0.0.0.0', arpDstMac: NOWHERE }],
  ['with another IP address', { etherType: arp, arpSrcIp: STRANGER.ip }],
  ['with another MAC address', { etherType: arp, arpSrcMac: STRANGER.mac }],
  ['from another MAC address', { etherType: arp, srcMac: STRANGER.mac }],
  ["with the receiver's IP address", (_, { ip }) => ({ etherType: arp, arpSrcIp: ip })],
  ['of another hardware', { etherType: arp, hardware: 12 }],
  ['of another protocol', { etherType: arp, protocolType: ipv6 }],
  ['InARP', { etherType: arp, opcode: 8 }],
  ['RARP request', { etherType: rarp, opcode: 3 }],
  ['RARP answer', { etherType: rarp, opcode: 4 }],
  [
    "RARP, QEMU's announcement",
    ({ mac }) => ({
      etherType: rarp,
      dstMac: BROADCAST,
      opcode: 3,
      arpSrcMac: mac,
      arpDstMac: mac,
      arpSrcIp: '0.0.0.0',
      arpDstIp: '0.0.0.0',
    }),
  ],
  ["QEMU's announcement of old", { etherType: 0x0835, dstMac: BROADCAST }],
];

const PROTOCOLS = [...Object.entries(IP_PROTOCOLS), ['DCCP', 33], ['GRE', 47], ['OSPF', 89]] as const;

const IPV4: readonly Row[] = [
  ...PROTOCOLS.map(([name, protocol]): Row => [name, { protocol }]),
  ['from another address', { srcIp: STRANGER.ip }],
  ['from another MAC address', { srcMac: STRANGER.mac }],
  ["from the receiver's address", (_, { ip }) => ({ srcIp: ip })],
  ['DHCP asked', { srcIp: '0.0.0.0', dstIp: '255.255.255.255', dstMac: BROADCAST, srcPort: 68, dstPort: 67 }],
  ['DHCP answered', { srcPort: 67, dstPort: 68 }],
  ['UDP from nowhere', { srcIp: '0.0.0.0' }],
  ['TCP from nowhere', { srcIp: '0.0.0.0', protocol: 6 }],
  ['multicast', { dstIp: '224.0.0.1', dstMac: '01:00:5e:00:00:01' }],
  ['multicast of a site', { dstIp: '239.1.2.3', dstMac: '01:00:5e:01:02:03' }],
  ['broadcast', { dstIp: '10.77.0.255', dstMac: BROADCAST }],
  ['unicast to the broadcast MAC address', { dstMac: BROADCAST }],
  ...[22, 53, 80, 443].map((dstPort): Row => [`TCP to port ${dstPort}`, { protocol: 6, dstPort }]),
  ...[53, 123].map((dstPort): Row => [`UDP to port ${dstPort}`, { dstPort }]),
  ...[1, 10, 46, 63].map((dscp): Row => [`DSCP ${dscp}`, { tos: dscp << 2 }]),
  ['ECN alone', { tos: 3 }],
  ['TOS octet 0x3f', { tos: 0x3f }],
];

const TCP: readonly Row[] = [
  ['none', 0],
  ['FIN', 1],
  ['SYN', 2],
  ['RST', 4],
  ['SYN FIN', 3],
  ['ACK', 16],
  ['SYN ACK', 18],
  ['RST ACK', 20],
  ['PSH ACK', 24],
  ['FIN PSH URG', 41],
  ['all', 63],
].map(([name, flags]) => [name as string, { etherType: ipv4, protocol: 6, flags: flags as number }]);

const ICMP: readonly Row[] = [0, 3, 4, 5, 8, 9, 10, 11, 12, 13, 14, 17, 18, 255].map((icmpType) => [
  `type ${icmpType}`,
  { etherType: ipv4, protocol: 1, icmpType },
]);

const IPV6: readonly Row[] = [
  ...PROTOCOLS.map(([name, protocol]): Row => [name, { protocol, icmpType: 128 }]),
  // 253 is for experiments (RFC 3692).
  ['something behind AH', { protocol: IP_PROTOCOLS.ah, behindAh: 253 }],
  ['hop-by-hop options', { protocol: 0 }],
  ['from another address', { srcIp6: STRANGER.ip6 }],
  ['from another MAC address', { srcMac: STRANGER.mac }],
  ['from a link-local address', { srcIp6: 'fe80::1' }],
  [
    'DHCPv6 asked',
    { srcIp6: 'fe80::1', dstIp6: 'ff02::1:2', dstMac: '33:33:00:01:00:02', srcPort: 546, dstPort: 547 },
  ],
  ['DHCPv6 answered', { srcIp6: 'fe80::2', dstIp6: 'fe80::1', srcPort: 547, dstPort: 546 }],
  ['multicast', { dstIp6: 'ff02::1', dstMac: '33:33:00:00:00:01' }],
  ['TCP to port 80', { protocol: 6, dstPort: 80 }],
  ['DSCP 46', { tos: 46 << 2 }],
  ...[1, 2, 3, 4, 129, 130, 131, 132, 133, 134, 135, 136, 137, 255].map(
    (icmpType): Row => [`ICMPv6 type ${icmpType}`, { protocol: 58, icmpType }],
  ),
];

const TAGGED: readonly Row[] = [
  ['IPv4 in VLAN 10', { tag: 10, etherType: ipv4 }],
  ['IPv4 in VLAN 0, priority 5', { tag: 5 << 13, etherType: ipv4 }],
  ['IPv4 in VLAN 291', { tag: 291, etherType: ipv4 }],
  ['IPv4 from another address in VLAN 10', { tag: 10, etherType: ipv4, srcIp: STRANGER.ip }],
  ['ARP in VLAN 10', { tag: 10, etherType: arp }],
  ['ARP with another IP address in VLAN 10', { tag: 10, etherType: arp, arpSrcIp: STRANGER.ip }],
  ['IPv6 in VLAN 10', { tag: 10, etherType: ipv6 }],
  ['unknown in VLAN 10', { tag: 10 }],
  ['two tags', { tag: 10, etherType: ETHERTYPES.vlan }],
  ['a provider tag', { etherType: 0x88a8 }],
];

const OTHER: readonly Row[] = [
  ['unknown', {}],
  ['unknown, broadcast', { dstMac: BROADCAST }],
  ['unknown, multicast', { dstMac: '01:00:5e:00:00:77' }],
  ['unknown, from another MAC address', { srcMac: STRANGER.mac }],
  ['LLDP', { etherType: 0x88cc }],
  ['EAPOL', { etherType: 0x888e }],
  ['PPPoE', { etherType: 0x8864 }],
  ['MPLS', { etherType: 0x8847 }],
  ['BPDU', { etherType: 0, dstMac: STP_GROUP }],
  ['BPDU to a station', { etherType: 0 }],
];

const GROUPS: Readonly<Record<string, readonly Row[]>> = {
  arp: ARP,
  ipv4: within(IPV4, { etherType: ipv4 }),
  tcp: TCP,
  icmp: ICMP,
  ipv6: within(IPV6, { etherType: ipv6 }),
  tagged: TAGGED,
  other: OTHER,
};

function within(rows: readonly Row[], base: Partial<Facts>): readonly Row[] {
  return rows.map(([name, change]) => [
    name,
    (from, to) => ({ ...base, ...(typeof change === 'function' ? change(from, to) : change) }),
  ]);
}

const ENDS: Readonly<Record<Route, readonly [Party, Party]>> = {
  out: [GUEST, WIRE],
  in: [WIRE, GUEST],
  up: [GUEST, HOST],
  down: [HOST, GUEST],
};

/** Frames numbered from 1 on. */
export function corpus(): readonly Scenario[] {
  let next = 1;
  const number = () => next++;
  const rows = (Object.entries(ENDS) as [Route, readonly [Party, Party]][]).flatMap(([route, [from, to]]) =>
    Object.entries(GROUPS).flatMap(([group, list]) =>
      list.flatMap(([name, change]): readonly Scenario[] => {
        const at = number();
        const facts = {
          ...plain(from, to, at),
          ...(typeof change === 'function' ? change(from, to) : change),
        };
        if (route === 'up' && !isForHost(facts)) return [];
        return [{ group: `${group} ${route}`, steps: [step(route, name, facts, at)] }];
      }),
    ),
  );
  return [...rows, ...talks(number), ...fragmentScenarios(number), ...related(number)];
}

/** What is for all stations is not for the host alone; what claims to be from nowhere or from the host itself it never takes. */
function isForHost({ dstMac, srcIp, dstIp6 }: Facts): boolean {
  return dstMac === HOST.mac && srcIp !== '0.0.0.0' && srcIp !== HOST.ip && !dstIp6.startsWith('fe80:');
}

function talks(number: () => number): readonly Scenario[] {
  const kinds: readonly (readonly [string, Partial<Facts>])[] = [
    ['tcp', { etherType: ipv4, protocol: 6 }],
    ['udp', { etherType: ipv4, protocol: 17 }],
    ['icmp', { etherType: ipv4, protocol: 1 }],
    ['tcp6', { etherType: ipv6, protocol: 6 }],
    ['udp6', { etherType: ipv6, protocol: 17 }],
    ['icmp6', { etherType: ipv6, protocol: 58, icmpType: 128 }],
  ];
  return kinds.flatMap(([name, change]) => [
    ...conversations('out', (at) => ({ ...plain(GUEST, WIRE, at), ...change }), `talk ${name} out`, number),
    ...conversations('in', (at) => ({ ...plain(WIRE, GUEST, at), ...change }), `talk ${name} in`, number),
  ]);
}
