/** Addresses and masks in canonical text. The only importer of ipaddr.js. */
import ipaddr from 'ipaddr.js';
import { IPV6_PATTERN } from './patterns.js';

const IPV6 = new RegExp(`^(${IPV6_PATTERN})$`);

/** Six octets of one or two hex digits → `52:54:00:12:34:56`. */
export function parseMac(text: string): string | undefined {
  if (!/^[0-9a-fA-F]{1,2}(:[0-9a-fA-F]{1,2}){5}$/.test(text)) return undefined;
  return text
    .split(':')
    .map((octet) => octet.padStart(2, '0').toLowerCase())
    .join(':');
}

/** A MAC mask: ones, then zeros. */
export function parseMacMask(text: string): string | undefined {
  const mask = parseMac(text);
  return mask !== undefined &&
    contiguousOnes(mask.split(':').map((octet) => Number.parseInt(octet, 16))) !== undefined
    ? mask
    : undefined;
}

/** The library throws and catches an error for what is none, which is slow. */
const QUAD = /^(?:0|[1-9]\d{0,2})(?:\.(?:0|[1-9]\d{0,2})){3}$/;

/** Dotted quad without leading zeros. */
export function parseIpv4(text: string): string | undefined {
  return QUAD.test(text) && ipaddr.IPv4.isValid(text) ? text : undefined;
}

/** RFC 5952 text. */
export function parseIpv6(text: string): string | undefined {
  if (!IPV6.test(text)) return undefined;
  return ipaddr.IPv6.parse(text).toRFC5952String();
}

/** 0–32, or a dotted mask of ones then zeros → the prefix length. */
export function parseIpv4Mask(text: string): string | undefined {
  return (
    parsePrefix(text, 32) ?? prefixOf(parseIpv4(text), (address) => ipaddr.IPv4.parse(address).toByteArray())
  );
}

/** 0–128, or an address of ones then zeros → the prefix length. */
export function parseIpv6Mask(text: string): string | undefined {
  return (
    parsePrefix(text, 128) ?? prefixOf(parseIpv6(text), (address) => ipaddr.IPv6.parse(address).toByteArray())
  );
}

function parsePrefix(text: string, most: number): string | undefined {
  return /^\d+$/.test(text) && Number(text) <= most ? String(Number(text)) : undefined;
}

function prefixOf(address: string | undefined, octets: (address: string) => number[]): string | undefined {
  const bits = address === undefined ? undefined : contiguousOnes(octets(address));
  return bits === undefined ? undefined : String(bits);
}

/** Number of leading ones, or undefined when a one follows a zero. Octets 0–255. */
export function contiguousOnes(octets: readonly number[]): number | undefined {
  const bits = octets.map((octet) => octet.toString(2).padStart(8, '0')).join('');
  const ones = bits.indexOf('0') === -1 ? bits.length : bits.indexOf('0');
  return bits.includes('1', ones) ? undefined : ones;
}

/** Octets of a canonical IPv4 or IPv6 address. */
export function addressOctets(address: string): readonly number[] {
  return address.includes(':') ? ipaddr.IPv6.parse(address).toByteArray() : address.split('.').map(Number);
}

/** Canonical address of 4 or 16 octets; undefined for any other count. */
export function addressFromOctets(octets: readonly number[]): string | undefined {
  if (octets.length !== 4 && octets.length !== 16) return undefined;
  const text = ipaddr.fromByteArray([...octets]).toString();
  return octets.length === 4 ? text : parseIpv6(text);
}

/** Octets of a mask of `length` leading ones in `size` octets. */
export function maskOctets(length: number, size: 4 | 16): readonly number[] {
  return Array.from({ length: size }, (_, index) => {
    const ones = Math.max(0, Math.min(8, length - index * 8));
    return 256 - 2 ** (8 - ones);
  });
}
