/** What a frame says, field by field, as far as any rule can ask; and the octets that say it. */
import { IP_PROTOCOLS } from '../../src/protocols/datatypes.js';
import { macOctets } from '../support/octets.js';
import { arp, ETHERTYPE, frame, ipv4, ipv6, type Packet, tagged } from '../support/packets.js';
import { segmentOf } from './segments.js';

/** A station of the lab by its addresses: those that test/support/netns.ts gives. */
export interface Party {
  readonly mac: string;
  readonly ip: string;
  readonly ip6: string;
}

export const HOST: Party = { mac: '52:54:00:77:00:01', ip: '10.77.0.1', ip6: 'fd77::1' };
export const WIRE: Party = { mac: '52:54:00:77:00:02', ip: '10.77.0.2', ip6: 'fd77::2' };
export const GUEST: Party = { mac: '52:54:00:77:00:0a', ip: '10.77.0.10', ip6: 'fd77::a' };

/** Numbers as in the packet, addresses as text. `data` is what the frame is known by when it arrives. */
export interface Facts {
  readonly srcMac: string;
  readonly dstMac: string;
  /** Of the frame, or of what is inside the tag. Below 0x600 it is no type: an LLC frame with a BPDU. */
  readonly etherType: number;
  /** 16 bits of an 802.1Q tag. */
  readonly tag?: number;
  readonly hardware: number;
  readonly protocolType: number;
  readonly opcode: number;
  readonly arpSrcMac: string;
  readonly arpDstMac: string;
  readonly arpSrcIp: string;
  readonly arpDstIp: string;
  readonly bpdu: Bpdu;
  readonly srcIp: string;
  readonly dstIp: string;
  readonly srcIp6: string;
  readonly dstIp6: string;
  readonly tos: number;
  readonly protocol: number;
  readonly srcPort: number;
  readonly dstPort: number;
  readonly flags: number;
  readonly sequence: number;
  readonly acknowledged: number;
  /** Kind of the one TCP option there is. */
  readonly tcpOption?: number;
  /** What follows an authentication header; 59 is nothing. */
  readonly behindAh: number;
  readonly icmpType: number;
  readonly icmpCode: number;
  readonly icmpId: number;
  readonly data: Buffer;
}

/** IEEE 802.1D §9.3.1. */
export interface Bpdu {
  readonly type: number;
  readonly flags: number;
  readonly rootPriority: number;
  readonly rootAddress: string;
  readonly rootCost: number;
  readonly senderPriority: number;
  readonly senderAddress: string;
  readonly port: number;
  readonly age: number;
  readonly maxAge: number;
  readonly helloTime: number;
  readonly forwardDelay: number;
}

const BPDU: Bpdu = {
  type: 0,
  flags: 0,
  rootPriority: 0x8000,
  rootAddress: '52:54:00:aa:00:01',
  rootCost: 4,
  senderPriority: 0x8000,
  senderAddress: '52:54:00:aa:00:02',
  port: 0x8001,
  age: 256,
  maxAge: 5120,
  helloTime: 512,
  forwardDelay: 3840,
};

/** An EtherType for experiments (IEEE 802). */
export const EXPERIMENTAL = 0x88b5;

/** A frame between two parties that says nothing particular. `number` makes it a flow of its own. */
export function plain(from: Party, to: Party, number: number): Facts {
  return {
    srcMac: from.mac,
    dstMac: to.mac,
    etherType: EXPERIMENTAL,
    hardware: 1,
    protocolType: ETHERTYPE.ipv4,
    opcode: 1,
    arpSrcMac: from.mac,
    arpDstMac: to.mac,
    arpSrcIp: from.ip,
    arpDstIp: to.ip,
    bpdu: BPDU,
    srcIp: from.ip,
    dstIp: to.ip,
    srcIp6: from.ip6,
    dstIp6: to.ip6,
    tos: 0,
    protocol: IP_PROTOCOLS.udp,
    srcPort: 20_000 + number,
    dstPort: 10_000 + number,
    flags: 2,
    sequence: 0,
    acknowledged: 0,
    behindAh: 59,
    icmpType: 8,
    icmpCode: 0,
    icmpId: 1 + number,
    data: token(number),
  };
}

/** What the frame of this number carries and is known by. */
export function token(number: number): Buffer {
  return Buffer.from([0x4e, 0x57, 0x47, number >> 16, number >> 8, number]);
}

/** Numbers of all tokens in a received frame: two of them where fragments were put together. */
export function tokensIn(hex: string): readonly number[] {
  return [...hex.matchAll(/4e5747([0-9a-f]{6})/g)]
    .filter(({ index }) => index % 2 === 0)
    .map(([, number = '']) => Number.parseInt(number, 16));
}

/** Source and destination changed places. */
export function mirrored(facts: Facts): Facts {
  return {
    ...facts,
    srcMac: facts.dstMac,
    dstMac: facts.srcMac,
    arpSrcMac: facts.arpDstMac,
    arpDstMac: facts.arpSrcMac,
    arpSrcIp: facts.arpDstIp,
    arpDstIp: facts.arpSrcIp,
    srcIp: facts.dstIp,
    dstIp: facts.srcIp,
    srcIp6: facts.dstIp6,
    dstIp6: facts.srcIp6,
    srcPort: facts.dstPort,
    dstPort: facts.srcPort,
  };
}

export function hexOf(facts: Facts): string {
  const packet = packetOf(facts);
  return frame(
    { src: facts.srcMac, dst: facts.dstMac },
    facts.tag === undefined ? packet : tagged(facts.tag, packet),
  );
}

/** What conntrack knows the packet by, in either direction; undefined for what it does not look at. */
export function flowOf(facts: Facts): string | undefined {
  const { etherType, tag, protocol } = facts;
  if (tag !== undefined || (etherType !== ETHERTYPE.ipv4 && etherType !== ETHERTYPE.ipv6)) return undefined;
  const [src, dst] = etherType === ETHERTYPE.ipv4 ? [facts.srcIp, facts.dstIp] : [facts.srcIp6, facts.dstIp6];
  const icmp = protocol === IP_PROTOCOLS.icmp || protocol === IP_PROTOCOLS.icmpv6;
  const ends = icmp
    ? [`${src} ${facts.icmpId}`, `${dst} ${facts.icmpId}`]
    : PORTED.has(protocol)
      ? [`${src} ${facts.srcPort}`, `${dst} ${facts.dstPort}`]
      : [src, dst];
  return [etherType, protocol, ...ends.sort()].join(' ');
}

const PORTED: ReadonlySet<number> = new Set([
  IP_PROTOCOLS.tcp,
  IP_PROTOCOLS.udp,
  IP_PROTOCOLS.udplite,
  IP_PROTOCOLS.sctp,
]);

function packetOf(facts: Facts): Packet {
  const { etherType, data } = facts;
  if (etherType < 0x600) return bpduOf(facts);
  if (etherType === ETHERTYPE.ipv4)
    return ipv4({ src: facts.srcIp, dst: facts.dstIp, tos: facts.tos }, segmentOf(facts));
  if (etherType === ETHERTYPE.ipv6)
    return ipv6({ src: facts.srcIp6, dst: facts.dstIp6, tos: facts.tos }, segmentOf(facts));
  if (etherType === ETHERTYPE.arp || etherType === ETHERTYPE.rarp) return arpOf(facts);
  if (etherType === ETHERTYPE.vlan)
    return tagged(5, { type: EXPERIMENTAL, bytes: Buffer.concat([Buffer.alloc(40), data]) });
  return { type: etherType, bytes: Buffer.concat([Buffer.alloc(40), data]) };
}

function arpOf(facts: Facts): Packet {
  const { bytes } = arp({
    opcode: facts.opcode,
    srcMac: facts.arpSrcMac,
    srcIp: facts.arpSrcIp,
    dstMac: facts.arpDstMac,
    dstIp: facts.arpDstIp,
    hardware: facts.hardware,
    protocolType: facts.protocolType,
  });
  return { type: facts.etherType, bytes: Buffer.concat([bytes, facts.data]) };
}

/** With the LLC header before it and its length in the place of the type (IEEE 802.2). */
function bpduOf({ bpdu, data }: Facts): Packet {
  const fixed = Buffer.alloc(35);
  fixed.writeUInt8(bpdu.type, 3);
  fixed.writeUInt8(bpdu.flags, 4);
  fixed.writeUInt16BE(bpdu.rootPriority, 5);
  macOctets(bpdu.rootAddress).copy(fixed, 7);
  fixed.writeUInt32BE(bpdu.rootCost, 13);
  fixed.writeUInt16BE(bpdu.senderPriority, 17);
  macOctets(bpdu.senderAddress).copy(fixed, 19);
  fixed.writeUInt16BE(bpdu.port, 25);
  fixed.writeUInt16BE(bpdu.age, 27);
  fixed.writeUInt16BE(bpdu.maxAge, 29);
  fixed.writeUInt16BE(bpdu.helloTime, 31);
  fixed.writeUInt16BE(bpdu.forwardDelay, 33);
  const bytes = Buffer.concat([Buffer.from('424203', 'hex'), fixed, data]);
  return { type: bytes.length, bytes };
}
