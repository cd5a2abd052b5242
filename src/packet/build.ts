/** Frames from the inside out, with right lengths and checksums. Numbers in host order, addresses as octets. */
import { crc32c, internetChecksum, pseudoHeader } from './checksum.js';
import { EXTENSION } from './ipv6-headers.js';
import { bigEndian, join } from './octets.js';

export type Octets = ArrayLike<number>;

export interface EthernetHeader {
  readonly source: Octets;
  readonly destination: Octets;
  readonly type: number;
  readonly tag?: { readonly id: number; readonly priority: number } | undefined;
}

/** Not padded to Ethernet's 60 octets. */
export function ethernet({ source, destination, type, tag }: EthernetHeader, payload: Octets): Uint8Array {
  const tagged = tag === undefined ? [] : [0x81, 0, ...bigEndian(tag.priority * 0x2000 + tag.id, 2)];
  return join(destination, source, tagged, bigEndian(type, 2), payload);
}

/** Where in a payload its checksum stands, and what it is summed over. */
export interface Sum {
  readonly at: number;
  readonly kind: 'internet' | 'with-addresses' | 'crc32c';
}

export interface IpHeader {
  readonly source: Octets;
  readonly destination: Octets;
  readonly trafficClass: number;
  readonly ttl: number;
  /** Octets of IPv4 options, a multiple of four. */
  readonly options: Octets;
  /** IPv6 extension headers, outermost first. */
  readonly extensions: readonly Extension[];
  readonly fragment: { readonly offset: number; readonly more: boolean } | undefined;
}

export type Extension = 'hop-by-hop' | 'destination' | 'routing' | 'auth';

export interface Payload {
  readonly protocol: number;
  readonly octets: Uint8Array;
  readonly sum: Sum | undefined;
}

/** The payload with its checksum; a wrong one where asked for. */
export function summed(payload: Payload, header: IpHeader, wrong: boolean): Uint8Array {
  const { octets, sum, protocol } = payload;
  if (sum === undefined) return octets;
  const whole = octets.slice();
  const pseudo = pseudoHeader(join(header.source), join(header.destination), protocol, octets.length);
  const value =
    sum.kind === 'crc32c'
      ? crc32c(whole)
      : bigEndian(
          // 0 is "none" to UDP (RFC 768); the other 0 of the same sum is as right for all.
          internetChecksum(...(sum.kind === 'internet' ? [whole] : [pseudo, whole])) || 0xffff,
          2,
        );
  whole.set(value, sum.at);
  if (wrong) whole[sum.at] = (whole[sum.at] ?? 0) ^ 0xff;
  return whole;
}

const MORE = 0x2000;
const DO_NOT_FRAGMENT = 0x4000;

/** RFC 791 §3.1. */
export function ipv4Packet(header: IpHeader, protocol: number, payload: Octets): Uint8Array {
  const { source, destination, trafficClass, ttl, options, fragment } = header;
  const length = 20 + options.length;
  const place = fragment === undefined ? DO_NOT_FRAGMENT : fragment.offset / 8 + (fragment.more ? MORE : 0);
  const head = join(
    0x40 + length / 4,
    trafficClass,
    bigEndian(length + payload.length, 2),
    [0, 1],
    bigEndian(place, 2),
    [ttl, protocol, 0, 0],
    source,
    destination,
    options,
  );
  head.set(bigEndian(internetChecksum(head), 2), 10);
  return join(head, payload);
}

/** Number and octets behind the next header's number, of each extension header as short as it can be (RFC 8200 §4, RFC 4302). */
const EXTENSIONS: Readonly<Record<Extension, readonly [number: number, rest: readonly number[]]>> = {
  'hop-by-hop': [EXTENSION.hopByHop, [0, 1, 4, 0, 0, 0, 0]],
  destination: [EXTENSION.destination, [0, 1, 4, 0, 0, 0, 0]],
  routing: [EXTENSION.routing, [0, 4, 0, 0, 0, 0, 0]],
  auth: [EXTENSION.auth, [4, 0, 0, 0, 0, 1, 1, 0, 0, 0, 1, ...Array<number>(12).fill(0)]],
};

/** RFC 8200 §3. */
export function ipv6Packet(header: IpHeader, protocol: number, payload: Octets): Uint8Array {
  const { source, destination, trafficClass, ttl, extensions, fragment } = header;
  let [next, rest]: [number, Uint8Array] = [protocol, join(payload)];
  if (fragment !== undefined) {
    rest = join(next, 0, bigEndian(fragment.offset + Number(fragment.more), 2), [0, 0, 0, 1], rest);
    next = EXTENSION.fragment;
  }
  for (const name of extensions.toReversed()) {
    const [number, body] = EXTENSIONS[name];
    rest = join(next, body, rest);
    next = number;
  }
  const first = bigEndian(0x60000000 + trafficClass * 0x100000, 4);
  return join(first, bigEndian(rest.length, 2), next, ttl, source, destination, rest);
}
