/**
 * What connection tracking makes of a packet of a flow that it has not seen before: a new connection, or nothing of which
 * it can tell a connection (Linux net/netfilter/nf_conntrack_proto_*.c).
 */
import { IP_PROTOCOLS } from '../protocols/datatypes.js';
import { crc32c, internetChecksum, pseudoHeader } from './checksum.js';
import type { IpPacket } from './ip.js';
import { skipExtensions } from './ipv6-headers.js';
import { part, u8, u16, u32 } from './octets.js';

export const STATES = ['NEW', 'ESTABLISHED', 'RELATED', 'INVALID', 'UNTRACKED'] as const;
export type State = (typeof STATES)[number];

export interface Tracked {
  readonly state: 'NEW' | 'INVALID' | 'UNTRACKED';
  /** Why it is no new connection. */
  readonly why?: string;
}

/** The payload with all that its own check needs. */
interface Segment {
  readonly octets: Uint8Array;
  readonly packet: IpPacket;
  readonly protocol: number;
}

const NEW: Tracked = { state: 'NEW' };
const invalid = (why: string): Tracked => ({ state: 'INVALID', why });
const untracked = (why: string): Tracked => ({ state: 'UNTRACKED', why });

/** Of a whole packet, not of a fragment. */
export function trackedAsNew(packet: IpPacket): Tracked {
  const found =
    packet.version === 4
      ? { protocol: packet.protocol ?? 0, offset: packet.transport, later: false }
      : skipExtensions(packet.octets);
  if (found === undefined || found.later) return invalid('its headers lead to no payload');
  const octets = packet.octets.subarray(Math.min(found.offset, packet.octets.length));
  const check = PROTOCOLS[`${packet.version}/${found.protocol}`] ?? PROTOCOLS[found.protocol];
  return check === undefined ? NEW : check({ octets, packet, protocol: found.protocol });
}

const GRE = 47;

/** By protocol number, with the IP version before it where only that one has it; others are new, whatever they hold. */
const PROTOCOLS: Readonly<Record<string, (segment: Segment) => Tracked>> = {
  [IP_PROTOCOLS.tcp]: tcp,
  [IP_PROTOCOLS.udp]: udp,
  [IP_PROTOCOLS.udplite]: udplite,
  [IP_PROTOCOLS.sctp]: sctp,
  [GRE]: gre,
  [`4/${IP_PROTOCOLS.icmp}`]: icmp,
  [`6/${IP_PROTOCOLS.icmpv6}`]: icmpv6,
  [`6/${IP_PROTOCOLS.icmp}`]: () => FOREIGN,
  [`4/${IP_PROTOCOLS.icmpv6}`]: () => FOREIGN,
};

function sumIsWrong({ octets, packet, protocol }: Segment, covered = octets.length): boolean {
  const pseudo = pseudoHeader(packet.source, packet.destination, protocol, octets.length);
  return internetChecksum(pseudo, octets.subarray(0, covered)) !== 0;
}

const BAD_SUM = invalid('its checksum is wrong');
const SHORT = invalid('its header is cut off');
const FOREIGN = invalid('it is ICMP of the other family');

export const TCP_FLAGS = { FIN: 1, SYN: 2, RST: 4, PSH: 8, ACK: 16, URG: 32 } as const;
const { FIN, SYN, RST, ACK, URG } = TCP_FLAGS;
const COUNTED = FIN | SYN | RST | ACK | URG;
/** Flags that make sense together. */
const SENSIBLE: ReadonlySet<number> = new Set([
  SYN,
  SYN | URG,
  SYN | ACK,
  RST,
  RST | ACK,
  FIN | ACK,
  FIN | ACK | URG,
  ACK,
  ACK | URG,
]);

/** A SYN opens a connection; an ACK is taken for one that began before we looked (nf_conntrack_tcp_loose). */
function tcp(segment: Segment): Tracked {
  const { octets } = segment;
  const [offset, flags] = [u8(octets, 12), u8(octets, 13)];
  if (octets.length < 20 || offset === undefined || flags === undefined) return SHORT;
  const header = (offset >> 4) * 4;
  if (header < 20 || header > octets.length) return SHORT;
  if (sumIsWrong(segment)) return BAD_SUM;
  const counted = flags & COUNTED;
  if (!SENSIBLE.has(counted)) return invalid('its TCP flags make no sense together');
  const opens = counted === SYN || counted === (SYN | URG) || counted === ACK || counted === (ACK | URG);
  return opens ? NEW : invalid('its TCP flags belong to no new connection');
}

function udp(segment: Segment): Tracked {
  const [length, sum] = [u16(segment.octets, 4), u16(segment.octets, 6)];
  if (length === undefined || sum === undefined) return SHORT;
  if (length < 8 || length > segment.octets.length) return invalid('its UDP length is wrong');
  return sum !== 0 && sumIsWrong(segment) ? BAD_SUM : NEW;
}

/**
 * RFC 3828 §3.1: the length says how much the checksum covers, 0 all of it. Linux sums it with the protocol number of UDP,
 * so that a right checksum is wrong for it (measured on 6.18).
 */
function udplite(segment: Segment): Tracked {
  const [covered, sum] = [u16(segment.octets, 4), u16(segment.octets, 6)];
  if (covered === undefined || sum === undefined) return SHORT;
  const all = segment.octets.length;
  if ((covered !== 0 && covered < 8) || covered > all) return invalid('its checksum coverage is wrong');
  if (sum === 0) return invalid('it has no checksum');
  const asUdp = { ...segment, protocol: IP_PROTOCOLS.udp };
  return sumIsWrong(asUdp, covered === 0 ? all : covered) ? BAD_SUM : NEW;
}

/** RFC 9260 §3.2. */
export const SCTP_CHUNKS = {
  data: 0,
  init: 1,
  'init-ack': 2,
  sack: 3,
  heartbeat: 4,
  'heartbeat-ack': 5,
  abort: 6,
  shutdown: 7,
  'shutdown-ack': 8,
  error: 9,
  'cookie-echo': 10,
  'cookie-ack': 11,
  'shutdown-complete': 14,
} as const;

/** Chunks with which an association may begin to be seen. */
const SCTP_OPENS: ReadonlySet<number> = new Set([SCTP_CHUNKS.init, SCTP_CHUNKS.heartbeat]);

/** Of more than one chunk the first one is looked at. */
function sctp({ octets }: Segment): Tracked {
  const [tag, chunk, length] = [u32(octets, 4), u8(octets, 12), u16(octets, 14)];
  if (octets.length < 12) return SHORT;
  const blank = octets.slice();
  blank.fill(0, 8, 12);
  if (crc32c(blank).some((octet, index) => octets[8 + index] !== octet)) return BAD_SUM;
  if (chunk === undefined || length === undefined || part(octets, 12, length) === undefined)
    return invalid('it has no SCTP chunk');
  if (!SCTP_OPENS.has(chunk)) return invalid('its SCTP chunk begins no association');
  return chunk === SCTP_CHUNKS.init && tag !== 0 ? invalid('an SCTP INIT has the tag 0') : NEW;
}

/** RFC 2637 §4.1: version 1 is PPTP's, which carries PPP and nothing else. */
function gre({ octets }: Segment): Tracked {
  const [flags, carried] = [u16(octets, 0), u16(octets, 2)];
  if (flags === undefined || carried === undefined || (flags & 7) !== 1) return NEW;
  return carried === 0x880b ? NEW : invalid('GRE of version 1 carries PPP only');
}

/** Requests of echo, timestamp, information and mask. */
const ICMP_OPENS: ReadonlySet<number> = new Set([8, 13, 15, 17]);

function icmp({ octets }: Segment): Tracked {
  const type = u8(octets, 0);
  if (octets.length < 8 || type === undefined) return SHORT;
  if (internetChecksum(octets) !== 0) return BAD_SUM;
  return ICMP_OPENS.has(type) ? NEW : invalid(`ICMP type ${type} begins nothing`);
}

/** Echo and node information requests. */
const ICMPV6_OPENS: ReadonlySet<number> = new Set([128, 139]);
/** Multicast listener and neighbour discovery. */
const ICMPV6_UNTRACKED: ReadonlySet<number> = new Set([130, 131, 132, 133, 134, 135, 136, 143]);

function icmpv6(segment: Segment): Tracked {
  const { octets } = segment;
  const type = u8(octets, 0);
  if (octets.length < 8 || type === undefined) return SHORT;
  if (sumIsWrong(segment)) return BAD_SUM;
  if (ICMPV6_UNTRACKED.has(type)) return untracked(`ICMPv6 type ${type} is not tracked`);
  return ICMPV6_OPENS.has(type) ? NEW : invalid(`ICMPv6 type ${type} begins nothing`);
}
