/** Builders of frames with right lengths and checksums, from the outside in: `frame({…}, ipv4({…}, tcp({…})))`. */
import { addressOctets, macOctets } from './octets.js';

export const ETHERTYPE = { ipv4: 0x0800, arp: 0x0806, rarp: 0x8035, vlan: 0x8100, ipv6: 0x86dd } as const;
export const PROTOCOL = { icmp: 1, igmp: 2, tcp: 6, udp: 17, icmpv6: 58, sctp: 132, udplite: 136 } as const;

/** What an Ethernet frame carries. */
export interface Packet {
  readonly type: number;
  readonly bytes: Buffer;
}

/** What an IP packet carries; its checksum covers addresses of the packet around it (RFC 768, RFC 9293, RFC 8200 §8.1). */
export interface Segment {
  readonly protocol: number;
  bytes(pseudoHeader: (length: number) => Buffer): Buffer;
}

export interface FrameOptions {
  readonly src: string;
  readonly dst: string;
  /** VLAN identifier of an 802.1Q tag. */
  readonly vlan?: number;
}

/** The packet behind an 802.1Q tag: 16 bits of priority and VLAN. */
export function tagged(tag: number, { type, bytes }: Packet, kind: number = ETHERTYPE.vlan): Packet {
  return { type: kind, bytes: Buffer.concat([u16(tag), u16(type), bytes]) };
}

/** A frame as hex. Not padded to Ethernet's 60 octets: bridge netfilter cuts padding off, and it would come out another frame. */
export function frame({ src, dst, vlan }: FrameOptions, packet: Packet): string {
  const { type, bytes } = vlan === undefined ? packet : tagged(vlan, packet);
  return Buffer.concat([macOctets(dst), macOctets(src), u16(type), bytes]).toString('hex');
}

export interface ArpOptions {
  readonly opcode?: number;
  readonly srcMac: string;
  readonly srcIp: string;
  readonly dstMac?: string;
  readonly dstIp: string;
  /** ETHERTYPE.arp or .rarp. */
  readonly type?: number;
  readonly hardware?: number;
  readonly protocolType?: number;
}

/** RFC 826; a request unless told otherwise. */
export function arp(options: ArpOptions): Packet {
  const { opcode = 1, srcMac, srcIp, dstMac = '00:00:00:00:00:00', dstIp } = options;
  const { type = ETHERTYPE.arp, hardware = 1, protocolType = ETHERTYPE.ipv4 } = options;
  const head = [u16(hardware), u16(protocolType), Buffer.from([6, 4]), u16(opcode)];
  const ends = [macOctets(srcMac), addressOctets(srcIp), macOctets(dstMac), addressOctets(dstIp)];
  return { type, bytes: Buffer.concat([...head, ...ends]) };
}

export interface IpOptions {
  readonly src: string;
  readonly dst: string;
  /** The whole octet: DSCP times four. */
  readonly tos?: number;
  readonly ttl?: number;
}

export interface FragmentOptions {
  readonly id?: number;
  /** Flags and offset, 16 bits; "don't fragment" unless told otherwise. */
  readonly fragment?: number;
}

/** RFC 791, without options. */
export function ipv4(
  { src, dst, tos = 0, ttl = 64, id = 0, fragment = 0x4000 }: IpOptions & FragmentOptions,
  segment: Segment,
): Packet {
  const [from, to] = [addressOctets(src), addressOctets(dst)];
  const payload = segment.bytes((length) =>
    Buffer.concat([from, to, Buffer.from([0, segment.protocol]), u16(length)]),
  );
  const head = Buffer.concat([
    Buffer.from([0x45, tos]),
    u16(20 + payload.length),
    u16(id),
    u16(fragment),
    Buffer.from([ttl, segment.protocol, 0, 0]),
    from,
    to,
  ]);
  head.writeUInt16BE(checksum(head), 10);
  return { type: ETHERTYPE.ipv4, bytes: Buffer.concat([head, payload]) };
}

/** RFC 8200, without extension headers. */
export function ipv6({ src, dst, tos = 0, ttl = 64 }: IpOptions, segment: Segment): Packet {
  const [from, to] = [addressOctets(src), addressOctets(dst)];
  const payload = segment.bytes((length) =>
    Buffer.concat([from, to, u16(0), u16(length), Buffer.from([0, 0, 0, segment.protocol])]),
  );
  const first = Buffer.alloc(4);
  first.writeUInt32BE(0x60000000 + tos * 0x100000);
  const head = [first, u16(payload.length), Buffer.from([segment.protocol, ttl]), from, to];
  return { type: ETHERTYPE.ipv6, bytes: Buffer.concat([...head, payload]) };
}

export interface PortOptions {
  readonly sport: number;
  readonly dport: number;
  readonly data?: string | Buffer;
}

export interface TcpOptions extends PortOptions {
  /** As in the octet: FIN 1, SYN 2, RST 4, PSH 8, ACK 16, URG 32; a SYN unless told otherwise. */
  readonly flags?: number;
  readonly sequence?: number;
  readonly acknowledged?: number;
  /** TCP options, a multiple of four octets. */
  readonly options?: Buffer;
}

/** RFC 9293. */
export function tcp(given: TcpOptions): Segment {
  const {
    sport,
    dport,
    flags = 2,
    sequence = 0,
    acknowledged = 0,
    options = Buffer.alloc(0),
    data = '',
  } = given;
  const length = Buffer.from([(5 + options.length / 4) << 4, flags]);
  const head = Buffer.concat([u16(sport), u16(dport), u32(sequence), u32(acknowledged), length]);
  const bytes = Buffer.concat([head, u16(0xffff), u16(0), u16(0), options, octets(data)]);
  return { protocol: PROTOCOL.tcp, bytes: (pseudo) => withChecksum(bytes, 16, pseudo(bytes.length)) };
}

/** RFC 768. */
export function udp({ sport, dport, data = '' }: PortOptions): Segment {
  const payload = octets(data);
  const bytes = Buffer.concat([u16(sport), u16(dport), u16(8 + payload.length), u16(0), payload]);
  return { protocol: PROTOCOL.udp, bytes: (pseudo) => withChecksum(bytes, 6, pseudo(bytes.length)) };
}

export interface IcmpOptions {
  readonly type: number;
  readonly code?: number;
  readonly id?: number;
  readonly sequence?: number;
  readonly data?: string | Buffer;
}

/** RFC 792; an echo has type 8, its answer 0. */
export function icmp({ type, code = 0, id = 1, sequence = 1, data = '' }: IcmpOptions): Segment {
  const head = [Buffer.from([type, code, 0, 0]), u16(id), u16(sequence)];
  const bytes = Buffer.concat([...head, octets(data)]);
  return { protocol: PROTOCOL.icmp, bytes: () => withChecksum(bytes, 2, Buffer.alloc(0)) };
}

/** RFC 4443; an echo has type 128, its answer 129. */
export function icmpv6(options: IcmpOptions): Segment {
  const bytes = icmp(options).bytes(() => Buffer.alloc(0));
  bytes.writeUInt16BE(0, 2);
  return { protocol: PROTOCOL.icmpv6, bytes: (pseudo) => withChecksum(bytes, 2, pseudo(bytes.length)) };
}

/** Any other protocol, its octets as given. */
export function raw(protocol: number, bytes: Buffer): Segment {
  return { protocol, bytes: () => bytes };
}

function octets(data: string | Buffer): Buffer {
  return typeof data === 'string' ? Buffer.from(data) : data;
}

function withChecksum(bytes: Buffer, at: number, pseudoHeader: Buffer): Buffer {
  const whole = Buffer.from(bytes);
  const sum = checksum(Buffer.concat([pseudoHeader, whole]));
  // 0 means "none" to UDP (RFC 768); the other value of the same sum is as right for all.
  whole.writeUInt16BE(sum === 0 ? 0xffff : sum, at);
  return whole;
}

/** The Internet checksum (RFC 1071). */
export function checksum(bytes: Buffer): number {
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 2) sum += (bytes[at]! << 8) | (bytes[at + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

function u32(value: number): Buffer {
  return Buffer.concat([u16(value >>> 16), u16(value & 0xffff)]);
}

function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}
