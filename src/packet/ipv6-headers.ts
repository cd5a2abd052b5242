/**
 * The two walks of Linux over IPv6 extension headers (RFC 8200 §4), which differ in fragments and in AH: what they find is
 * what rules match.
 */
import { u8, u16 } from './octets.js';

export const EXTENSION = {
  hopByHop: 0,
  routing: 43,
  fragment: 44,
  auth: 51,
  none: 59,
  destination: 60,
} as const;

const EXTENSIONS: ReadonlySet<number> = new Set(Object.values(EXTENSION));
const IPV6_HEADER = 40;

/** Offset of a fragment in octets: the upper 13 bits count eights. */
const OFFSET = 0xfff8;
const MORE = 1;

function lengthOf(header: number, length: number): number {
  if (header === EXTENSION.fragment) return 8;
  return header === EXTENSION.auth ? (length + 2) * 4 : (length + 1) * 8;
}

export type FoundHeader =
  | {
      readonly kind: 'found';
      readonly protocol: number;
      readonly offset: number;
      readonly fragment: number | undefined;
    }
  | { readonly kind: 'absent' }
  /** An extension header is cut off. */
  | { readonly kind: 'broken' };

/**
 * As ip6tables looks (ipv6_find_hdr): for the payload, at which nf_tables counts AH as well, or for one extension header.
 * Octets from the IPv6 header on.
 */
export function findHeader(octets: Uint8Array, wanted: number | undefined): FoundHeader {
  let header = u8(octets, 6) ?? EXTENSION.none;
  let at = IPV6_HEADER;
  let fragment: number | undefined;
  for (;;) {
    if (header === wanted) return { kind: 'found', protocol: header, offset: at, fragment };
    const ends = !EXTENSIONS.has(header) || header === EXTENSION.none;
    if (ends && wanted !== undefined) return { kind: 'absent' };
    if (ends) return { kind: 'found', protocol: header, offset: at, fragment };
    const [next, length] = [u8(octets, at), u8(octets, at + 1)];
    if (next === undefined || length === undefined) return { kind: 'broken' };
    if (header === EXTENSION.fragment) {
      const field = u16(octets, at + 2);
      if (field === undefined) return { kind: 'broken' };
      // Neither an offset nor more to come: a whole packet (RFC 6946).
      if ((field & (OFFSET | MORE)) !== 0) fragment = field & OFFSET;
      if ((field & OFFSET) !== 0) {
        const named = !EXTENSIONS.has(next) || next === EXTENSION.none;
        if (wanted !== undefined || !named) return { kind: 'absent' };
        return { kind: 'found', protocol: next, offset: 0, fragment };
      }
    } else if (header === EXTENSION.auth && wanted === undefined) {
      return { kind: 'found', protocol: header, offset: at, fragment };
    }
    at += lengthOf(header, length);
    header = next;
  }
}

export interface Skipped {
  readonly protocol: number;
  readonly offset: number;
  /** The headers end in a fragment that is not the first. */
  readonly later: boolean;
}

/** As ebtables and connection tracking look (ipv6_skip_exthdr); undefined where nothing follows or something is cut off. */
export function skipExtensions(octets: Uint8Array): Skipped | undefined {
  let header = u8(octets, 6);
  let at = IPV6_HEADER;
  while (header !== undefined && EXTENSIONS.has(header)) {
    if (header === EXTENSION.none) return undefined;
    const [next, length] = [u8(octets, at), u8(octets, at + 1)];
    if (next === undefined || length === undefined) return undefined;
    if (header === EXTENSION.fragment) {
      const field = u16(octets, at + 2);
      if (field === undefined) return undefined;
      if ((field & OFFSET) !== 0) return { protocol: header, offset: at, later: true };
    }
    at += lengthOf(header, length);
    header = next;
  }
  return header === undefined ? undefined : { protocol: header, offset: at, later: false };
}
