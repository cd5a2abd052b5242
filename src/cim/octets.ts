/**
 * Octet strings: canonical text ↔ octets, strict out and liberal in. Source: DSP0230 (base64 of the data only), DSP0004
 * (the four-octet length in front), and what servers really send: docs/cim.md, "Octet strings".
 */
import { Buffer } from 'node:buffer';
import {
  addressFromOctets,
  addressOctets,
  contiguousOnes,
  maskOctets,
  parseIpv4,
  parseIpv6,
  parseMac,
  parseMacMask,
} from '../protocols/addresses.js';
import type { OctetKind } from './rows.js';
import type { Parsed } from './scalars.js';

/** IP version of the instance an address stands in, where it says so. */
export type IpVersion = 4 | 6 | undefined;

interface Kind {
  readonly sizes: (version: IpVersion) => readonly number[];
  readonly fromText: (text: string, version: IpVersion) => string | undefined;
  readonly fromOctets: (octets: readonly number[]) => string | undefined;
  readonly toOctets: (canonical: string, version: IpVersion) => readonly number[];
  readonly expects: string;
}

const hex = (octets: readonly number[], separator: string) =>
  octets.map((octet) => octet.toString(16).padStart(2, '0')).join(separator);
const unhex = (digits: string) => [...Buffer.from(digits, 'hex')];
const macOctets = (canonical: string) => unhex(canonical.replaceAll(':', ''));

/** 20 octets are an IPv6 address with its scope: known, so that the message can say why it is refused. */
const addressSizes = (version: IpVersion) => (version === 4 ? [4] : version === 6 ? [16, 20] : [4, 16, 20]);

function prefixLength(text: string, version: IpVersion): string | undefined {
  const most = version === 4 ? 32 : 128;
  if (/^\d{1,3}$/.test(text)) return Number(text) <= most ? String(Number(text)) : undefined;
  const address = parseIpv4(text) ?? parseIpv6(text);
  return address === undefined ? undefined : KINDS.mask.fromOctets(addressOctets(address));
}

const KINDS: Readonly<Record<OctetKind, Kind>> = {
  mac: {
    sizes: () => [6],
    fromText: parseMac,
    fromOctets: (octets) => hex(octets, ':'),
    toOctets: macOctets,
    expects: 'a MAC address of 6 octets',
  },
  macmask: {
    sizes: () => [6],
    fromText: parseMacMask,
    fromOctets: (octets) => parseMacMask(hex(octets, ':')),
    toOctets: macOctets,
    expects: 'a MAC mask of 6 octets, ones then zeros',
  },
  address: {
    sizes: addressSizes,
    fromText: (text, version) =>
      (version === 6 ? undefined : parseIpv4(text)) ?? (version === 4 ? undefined : parseIpv6(text)),
    fromOctets: addressFromOctets,
    toOctets: addressOctets,
    expects: 'an IPv4 address of 4 octets or an IPv6 address of 16 (scoped ones of 20 have no native form)',
  },
  mask: {
    sizes: addressSizes,
    fromText: prefixLength,
    fromOctets: (octets) => (octets.length === 20 ? undefined : contiguousOnes(octets)?.toString()),
    toOctets: (canonical, version) => maskOctets(Number(canonical), version === 6 ? 16 : 4),
    expects: 'a mask of 4 or 16 octets, ones then zeros',
  },
  flowlabel: {
    sizes: () => [3],
    fromText: (text) => (/^0x[0-9a-f]{6}$/i.test(text) ? text.toLowerCase() : undefined),
    fromOctets: (octets) => `0x${hex(octets, '')}`,
    toOctets: (canonical) => unhex(canonical.slice(2)),
    expects: 'a flow label of 3 octets',
  },
};

/** Base64 of the data. `canonical` is text that `parseOctets` made. */
export function octetsToBase64(kind: OctetKind, canonical: string, version: IpVersion): string {
  return Buffer.from(octetsOf(kind, canonical, version)).toString('base64');
}

/** The octets themselves. */
export function octetsOf(kind: OctetKind, canonical: string, version: IpVersion): readonly number[] {
  return KINDS[kind].toOctets(canonical, version);
}

/** The octets with their number, itself counted, in the four octets before them: DSP0004, OctetString. */
export function octetsWithLength(kind: OctetKind, canonical: string, version: IpVersion): readonly number[] {
  const data = octetsOf(kind, canonical, version);
  return [0, 0, 0, data.length + 4, ...data];
}

/**
 * Canonical text of an octet string, given the text of its one element, or of several with an octet each, decimal or 0x. One
 * element may hold base64, hexadecimal digits (with or without 0x) or the address as people write it; a length in front is
 * dropped.
 */
export function parseOctets(kind: OctetKind, texts: readonly string[], version: IpVersion): Parsed<string> {
  const { sizes, fromText, fromOctets, expects } = KINDS[kind];
  const legal = sizes(version);
  const written = texts.length === 1 ? fromText(texts[0]!.trim(), version) : undefined;
  if (written !== undefined) return { value: written };
  const data = readings(texts.map((t) => t.trim()))
    .map((octets) => withoutLength(octets, legal))
    .find((octets) => octets !== undefined);
  const value = data && fromOctets(data);
  return value === undefined ? { expects } : { value };
}

const OCTET = /^(\d{1,3}|0x[0-9a-f]{1,2})$/i;

/** Every way to read the elements; no two of them have a legal size at once. */
function readings(texts: readonly string[]): readonly (readonly number[])[] {
  const [only] = texts;
  if (texts.length !== 1 || only === undefined)
    return texts.every((text) => OCTET.test(text) && Number(text) <= 255) ? [texts.map(Number)] : [];
  const digits = only.replace(/^0x/i, '');
  const packed = only.replace(/\s+/g, '');
  return [
    ...(/^([0-9a-fA-F]{2})+$/.test(digits) ? [unhex(digits)] : []),
    ...(/^[A-Za-z0-9+/]+={0,2}$/.test(packed) && packed.length % 4 === 0
      ? [[...Buffer.from(packed, 'base64')]]
      : []),
  ];
}

/** Octets of a legal size, the four-octet length (which counts itself) dropped where there is one. */
function withoutLength(octets: readonly number[], legal: readonly number[]): readonly number[] | undefined {
  const length = octets.slice(0, 4).reduce((sum, octet) => sum * 256 + octet, 0);
  if (octets.length > 4 && length === octets.length && legal.includes(octets.length - 4))
    return octets.slice(4);
  return legal.includes(octets.length) ? octets : undefined;
}
