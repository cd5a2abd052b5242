/** The checksums that decide what connection tracking makes of a packet. */
import { bigEndian, join } from './octets.js';

/** The Internet checksum (RFC 1071): 0 over data that carries its own right one. */
export function internetChecksum(...parts: readonly Uint8Array[]): number {
  let sum = 0;
  for (const octets of parts) {
    for (let at = 0; at < octets.length; at += 2) sum += (octets[at] ?? 0) * 256 + (octets[at + 1] ?? 0);
  }
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x10000);
  return ~sum & 0xffff;
}

/** RFC 9293 §3.1 for IPv4, RFC 8200 §8.1 for IPv6: the addresses decide which. Of even length. */
export function pseudoHeader(
  source: Uint8Array,
  destination: Uint8Array,
  protocol: number,
  length: number,
): Uint8Array {
  return source.length === 4
    ? join(source, destination, 0, protocol, bigEndian(length, 2))
    : join(source, destination, bigEndian(length, 4), 0, 0, 0, protocol);
}

/** CRC-32C (RFC 9260 appendix A), as SCTP writes it: the least significant octet first. */
export function crc32c(octets: Uint8Array): readonly number[] {
  let crc = 0xffffffff;
  for (const octet of octets) {
    crc ^= octet;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0);
  }
  return bigEndian(~crc >>> 0, 4).toReversed();
}
