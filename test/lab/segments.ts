/** What IP carries: each protocol with a body that conntrack finds well-formed. */
import { IP_PROTOCOLS } from '../../src/protocols/datatypes.js';
import { checksum, icmp, icmpv6, PROTOCOL, raw, type Segment, tcp, udp } from '../support/packets.js';
import type { Facts } from './facts.js';

export function segmentOf(facts: Facts): Segment {
  const { protocol, data } = facts;
  const ports = { sport: facts.srcPort, dport: facts.dstPort, data };
  const message = { type: facts.icmpType, code: facts.icmpCode, id: facts.icmpId, data };
  switch (protocol) {
    case IP_PROTOCOLS.tcp:
      return tcp({
        ...ports,
        flags: facts.flags,
        sequence: facts.sequence,
        acknowledged: facts.acknowledged,
        ...(facts.tcpOption === undefined ? {} : { options: tcpOptions(facts.tcpOption) }),
      });
    case IP_PROTOCOLS.udp:
      return udp(ports);
    case IP_PROTOCOLS.icmp:
      return icmp(message);
    case IP_PROTOCOLS.icmpv6:
      return icmpv6(message);
    case IP_PROTOCOLS.igmp:
      return igmp(data);
    case IP_PROTOCOLS.sctp:
      return sctp(facts);
    case IP_PROTOCOLS.udplite:
      return udplite(facts);
    case IP_PROTOCOLS.ah:
      return raw(protocol, Buffer.concat([Buffer.from([facts.behindAh]), AH, data]));
    case 0:
      return raw(protocol, Buffer.concat([HOP_BY_HOP, data]));
    default:
      return raw(protocol, Buffer.concat([portsOf(facts), Buffer.alloc(20), data]));
  }
}

/** Behind the next header: six words, a sequence number and no authentication data to speak of (RFC 4302 §2). */
const AH = Buffer.concat([Buffer.from([4, 0, 0, 0, 0, 1, 1, 0, 0, 0, 1]), Buffer.alloc(12)]);

/** Next header "none" and six octets of padding (RFC 8200 §4.3). */
const HOP_BY_HOP = Buffer.from([59, 0, 1, 4, 0, 0, 0, 0]);

/** One option and padding: two octets of kind and length, two of value; kind 1 is one octet alone (RFC 9293 §3.1). */
function tcpOptions(kind: number): Buffer {
  return kind === 1 ? Buffer.from([1, 1, 1, 1]) : Buffer.from([kind, 4, 0, 0]);
}

function portsOf({ srcPort, dstPort }: Facts): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt16BE(srcPort, 0);
  bytes.writeUInt16BE(dstPort, 2);
  return bytes;
}

/** A membership report (RFC 2236 §2). */
function igmp(data: Buffer): Segment {
  const bytes = Buffer.concat([Buffer.from([0x16, 0, 0, 0, 239, 1, 1, 1]), data]);
  bytes.writeUInt16BE(checksum(bytes), 2);
  return raw(PROTOCOL.igmp, bytes);
}

/** The checksum over all of it, which a coverage of 0 means (RFC 3828 §3.1). */
function udplite(facts: Facts): Segment {
  const bytes = Buffer.concat([portsOf(facts), Buffer.alloc(4), facts.data]);
  return {
    protocol: PROTOCOL.udplite,
    bytes: (pseudoHeader) => {
      const whole = Buffer.from(bytes);
      whole.writeUInt16BE(checksum(Buffer.concat([pseudoHeader(bytes.length), bytes])), 6);
      return whole;
    },
  };
}

/** An INIT chunk, which begins an association and must be alone, with the data as a parameter to skip (RFC 9260 §3.3.2). */
function sctp(facts: Facts): Segment {
  const parameter = Buffer.concat([Buffer.from([0x80, 0x77, 0, 4 + facts.data.length]), facts.data]);
  const padded = Buffer.concat([parameter, Buffer.alloc((4 - (parameter.length % 4)) % 4)]);
  const init = Buffer.from([
    1,
    0,
    0,
    20 + parameter.length,
    0,
    0,
    0,
    1,
    0,
    0,
    0x80,
    0,
    0,
    1,
    0,
    1,
    0,
    0,
    0,
    1,
  ]);
  const bytes = Buffer.concat([portsOf(facts), Buffer.alloc(8), init, padded]);
  bytes.writeUInt32LE(crc32c(bytes), 8);
  return raw(PROTOCOL.sctp, bytes);
}

/** RFC 9260 appendix A. */
export function crc32c(bytes: Buffer): number {
  let crc = 0xffffffff;
  for (const octet of bytes) {
    crc ^= octet;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0);
  }
  return ~crc >>> 0;
}
