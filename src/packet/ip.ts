/**
 * An IP packet as Linux' bridge netfilter hands it to iptables and ip6tables: checked, and without what follows its end
 * (net/bridge/br_netfilter_hooks.c, br_netfilter_ipv6.c).
 */
import { internetChecksum } from './checksum.js';
import { findHeader } from './ipv6-headers.js';
import { u8, u16 } from './octets.js';

export interface IpPacket {
  readonly version: 4 | 6;
  /** From the IP header to the packet's end. */
  readonly octets: Uint8Array;
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
  /** TOS or traffic class: DSCP times four, and ECN. */
  readonly trafficClass: number;
  /** Undefined where extension headers lead nowhere. IPv6: nf_tables stops at AH, as if it were the payload. */
  readonly protocol: number | undefined;
  /** Offset of the payload that `protocol` names. */
  readonly transport: number;
  /** Of a fragment: where it stands in the whole, in octets; 0 for the first one. */
  readonly fragment: number | undefined;
}

export type Checked =
  | { readonly packet: IpPacket; readonly refused?: never }
  | { readonly refused: string; readonly packet?: never };

export const IP_TYPES: ReadonlyMap<number, 4 | 6> = new Map([
  [0x0800, 4],
  [0x86dd, 6],
]);

/** `refused`: bridge netfilter drops it before any rule. */
export function checkIp(version: 4 | 6, payload: Uint8Array): Checked {
  return version === 4 ? checkIpv4(payload) : checkIpv6(payload);
}

const MORE_FRAGMENTS = 0x2000;
const FRAGMENT_OFFSET = 0x1fff;

/** RFC 791 §3.1. Options are not looked at. */
function checkIpv4(payload: Uint8Array): Checked {
  const [first, total, fragment] = [u8(payload, 0), u16(payload, 2), u16(payload, 6)];
  if (payload.length < 20 || first === undefined || total === undefined || fragment === undefined)
    return { refused: 'the IPv4 header is cut off' };
  const header = (first & 15) * 4;
  if (first >> 4 !== 4 || header < 20) return { refused: 'this is no IPv4 header' };
  if (payload.length < header) return { refused: 'the IPv4 header is cut off' };
  if (internetChecksum(payload.subarray(0, header)) !== 0)
    return { refused: 'the checksum of the IPv4 header is wrong' };
  if (payload.length < total) return { refused: 'the packet is shorter than its IPv4 header says' };
  if (total < header) return { refused: 'the total length is less than the IPv4 header' };
  const isFragment = (fragment & (MORE_FRAGMENTS | FRAGMENT_OFFSET)) !== 0;
  return {
    packet: {
      version: 4,
      octets: payload.subarray(0, total),
      source: payload.subarray(12, 16),
      destination: payload.subarray(16, 20),
      trafficClass: u8(payload, 1) ?? 0,
      protocol: u8(payload, 9),
      transport: header,
      fragment: isFragment ? (fragment & FRAGMENT_OFFSET) * 8 : undefined,
    },
  };
}

const HEADER_V6 = 40;

/** RFC 8200 §3. */
function checkIpv6(payload: Uint8Array): Checked {
  const [first, length] = [u16(payload, 0), u16(payload, 4)];
  if (payload.length < HEADER_V6 || first === undefined || length === undefined)
    return { refused: 'the IPv6 header is cut off' };
  if (first >> 12 !== 6) return { refused: 'this is no IPv6 header' };
  if (payload.length < HEADER_V6 + length)
    return { refused: 'the packet is shorter than its IPv6 header says' };
  const octets = payload.subarray(0, HEADER_V6 + length);
  const found = findHeader(octets, undefined);
  const known = found.kind === 'found' ? found : undefined;
  return {
    packet: {
      version: 6,
      octets,
      source: payload.subarray(8, 24),
      destination: payload.subarray(24, 40),
      trafficClass: (first >> 4) & 255,
      protocol: known?.protocol,
      transport: known?.offset ?? 0,
      fragment: known?.fragment,
    },
  };
}
