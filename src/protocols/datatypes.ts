/**
 * The attribute types. Source: libvirt's nwfilter format, "attribute value data types"; where its parser is laxer than
 * its schema (silent cuts, any text as boolean) the schema's reading holds.
 */
import { parseIpv4, parseIpv4Mask, parseIpv6, parseIpv6Mask, parseMac, parseMacMask } from './addresses.js';
import * as pattern from './patterns.js';
import type { Datatype } from './types.js';

/** Decimal, else hexadecimal with or without 0x (so `ff` is 255). */
function parseNumber(text: string, min: number, max: number): number | undefined {
  const value = /^\d+$/.test(text)
    ? Number(text)
    : /^(0[xX])?[0-9a-fA-F]+$/.test(text)
      ? Number.parseInt(text, 16)
      : Number.NaN;
  return value >= min && value <= max ? value : undefined;
}

/** A whole number from `min` to `max`; canonical in decimal. */
export function number(min: number, max: number): Datatype {
  return {
    name: `number ${min}–${max}`,
    parse: (text) => parseNumber(text, min, max)?.toString(),
    expects: `a number from ${min} to ${max}`,
    pattern: pattern.numberPattern(min, max),
  };
}

/** A number some of whose values have names; the name is canonical where there is one. */
function named(options: {
  name: string;
  names: Readonly<Record<string, number>>;
  min: number;
  max: number;
  format: (value: number) => string;
  kernel: (value: number) => string;
}): Datatype {
  const byName = new Map(Object.entries(options.names).map(([name, value]) => [name.toLowerCase(), value]));
  const byValue = new Map(Object.entries(options.names).map(([name, value]) => [value, name]));
  const numberOf = (text: string) =>
    byName.get(text.toLowerCase()) ?? parseNumber(text, options.min, options.max);
  const parse = (text: string) => {
    const value = numberOf(text);
    return value === undefined ? undefined : (byValue.get(value) ?? options.format(value));
  };
  const list = Object.keys(options.names);
  return {
    name: options.name,
    parse,
    kernel: (canonical) => options.kernel(numberOf(canonical)!),
    expects: `a number from ${options.min} to ${options.max} or one of ${list.join(', ')}`,
    pattern: `${pattern.numberPattern(options.min, options.max)}|${pattern.wordPattern(list)}`,
  };
}

const hex4 = (value: number) => `0x${value.toString(16).padStart(4, '0')}`;

export const u8 = number(0, 255);
export const u16 = number(0, 65535);
/** ebtables reads `--arp-ptype` as hexadecimal whether or not it says 0x, and takes decimal for the rest. */
export const arpProtocolType: Datatype = { ...u16, kernel: (canonical) => hex4(Number(canonical)) };
export const u32 = number(0, 4294967295);
export const dscp = number(0, 63);
export const vlanId = number(0, 4095);

export const ETHERTYPES = { arp: 0x0806, rarp: 0x8035, ipv4: 0x0800, ipv6: 0x86dd, vlan: 0x8100 } as const;
export const etherType = named({
  name: 'ethertype',
  names: ETHERTYPES,
  min: 0x600,
  max: 0xffff,
  format: hex4,
  kernel: hex4,
});
/** Inside a VLAN tag; libvirt's parser takes it from 0x3c on, the tools and its schema from 0x600. */
export const encapsulated = { ...etherType, name: 'encapsulated ethertype' };

export const IP_PROTOCOLS = {
  tcp: 6,
  udp: 17,
  udplite: 136,
  esp: 50,
  ah: 51,
  icmp: 1,
  igmp: 2,
  sctp: 132,
  icmpv6: 58,
} as const;
export const ipProtocol = named({
  name: 'IP protocol',
  names: IP_PROTOCOLS,
  min: 0,
  max: 255,
  format: String,
  kernel: String,
});

export const ARP_OPCODES = {
  Request: 1,
  Reply: 2,
  Request_Reverse: 3,
  Reply_Reverse: 4,
  DRARP_Request: 5,
  DRARP_Reply: 6,
  DRARP_Error: 7,
  InARP_Request: 8,
  ARP_NAK: 9,
} as const;
export const arpOpcode = named({
  name: 'ARP opcode',
  names: ARP_OPCODES,
  min: 0,
  max: 65535,
  format: String,
  kernel: String,
});

export const mac: Datatype = {
  name: 'MAC',
  parse: parseMac,
  expects: 'a MAC address',
  pattern: pattern.MAC_PATTERN,
};
export const macMask: Datatype = {
  name: 'MAC mask',
  parse: parseMacMask,
  expects: 'a MAC mask of ones, then zeros',
  pattern: pattern.MAC_MASK_PATTERN,
};
export const ipv4: Datatype = {
  name: 'IPv4 address',
  parse: parseIpv4,
  expects: 'an IPv4 address',
  pattern: pattern.IPV4_PATTERN,
};
export const ipv4Mask: Datatype = {
  name: 'IPv4 mask',
  parse: parseIpv4Mask,
  expects: 'a prefix length from 0 to 32 or a dotted mask',
  pattern: `${pattern.decimalPattern(0, 32)}|${pattern.IPV4_MASK_PATTERN}`,
};
export const ipv6: Datatype = {
  name: 'IPv6 address',
  parse: parseIpv6,
  expects: 'an IPv6 address',
  pattern: pattern.IPV6_PATTERN,
};
export const ipv6Mask: Datatype = {
  name: 'IPv6 mask',
  parse: parseIpv6Mask,
  expects: 'a prefix length from 0 to 128 or an IPv6 mask',
  pattern: `${pattern.decimalPattern(0, 128)}|${pattern.IPV6_PATTERN}`,
};

const BOOLEANS: Readonly<Record<string, string>> = {
  true: 'true',
  yes: 'true',
  '1': 'true',
  false: 'false',
  no: 'false',
  '0': 'false',
};
export const bool: Datatype = {
  name: 'boolean',
  parse: (text) => BOOLEANS[text.toLowerCase()],
  expects: 'true or false',
  pattern: pattern.wordPattern(Object.keys(BOOLEANS)),
};

/**
 * Up to 256 printable characters. Control characters could forge a line in a listing; lone surrogates, U+FFFE and U+FFFF
 * cannot stand in XML at all.
 */
export const comment: Datatype = {
  name: 'comment',
  parse: (text) => (/^[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}\ufffe\uffff]{1,256}$/u.test(text) ? text : undefined),
  expects: 'one line of 1 to 256 characters',
  pattern: '[^\\p{Cc}\\p{Zl}\\p{Zp}]{1,256}',
};

export const ipset: Datatype = {
  name: 'IP set',
  parse: (text) =>
    /^[A-Za-z0-9_.:+][A-Za-z0-9_.:+ -]{0,30}$/.test(text) && text === text.trim() ? text : undefined,
  expects: 'the name of an IP set, at most 31 of A-Z a-z 0-9 _ . : + - and space',
  pattern: '[A-Za-z0-9_.:+]([A-Za-z0-9_.:+ \\-]{0,29}[A-Za-z0-9_.:+\\-])?',
};

const withoutSpaces = (text: string) => text.replace(/^ +| +$/g, '');

/** A comma list of known words, any case. `order`: canonical order, without repetition; else as written. */
function words(
  text: string,
  known: readonly string[],
  options: { ordered: boolean },
): readonly string[] | undefined {
  const found = text
    .split(',')
    .map((word) => known.find((k) => k.toLowerCase() === withoutSpaces(word).toLowerCase()));
  if (found.includes(undefined)) return undefined;
  return options.ordered ? known.filter((word) => found.includes(word)) : (found as string[]);
}

const SIDES = ['src', 'dst'] as const;
export const ipsetFlags: Datatype = {
  name: 'IP set flags',
  parse: (text) => {
    const found = words(text, SIDES, { ordered: false });
    return found && found.length <= 6 ? found.join(',') : undefined;
  },
  expects: 'one to six of src and dst, separated by commas',
  pattern: pattern.wordListPattern(SIDES, 6),
};

const STATES = ['NEW', 'ESTABLISHED', 'RELATED', 'INVALID', 'NONE'] as const;
export const state: Datatype = {
  name: 'connection state',
  parse: (text) => {
    const found = words(text, STATES, { ordered: true });
    return found?.includes('NONE') ? 'NONE' : found?.join(',');
  },
  expects: 'a comma list of NEW, ESTABLISHED, RELATED and INVALID, or NONE',
  pattern: pattern.wordListPattern(STATES),
};

const TCP_FLAGS = ['FIN', 'SYN', 'RST', 'PSH', 'ACK', 'URG'] as const;
const TCP_FLAG_WORDS = [...TCP_FLAGS, 'ALL', 'NONE'] as const;
const TCP_FLAGS_SIDE = `( *|${pattern.wordListPattern(TCP_FLAG_WORDS)})`;

/** One side of MASK/FLAGS; `ALL` and `NONE` are the canonical names of the full and the empty set. */
function tcpFlagSet(text: string): string | undefined {
  const found = withoutSpaces(text) === '' ? [] : words(text, TCP_FLAG_WORDS, { ordered: true });
  if (found === undefined) return undefined;
  const flags = found.includes('ALL') ? TCP_FLAGS : found.filter((word) => word !== 'NONE');
  if (flags.length === 0) return 'NONE';
  return flags.length === TCP_FLAGS.length ? 'ALL' : flags.join(',');
}

export const tcpFlags: Datatype = {
  name: 'TCP flags',
  parse: (text) => {
    const [mask, flags, ...rest] = text.split('/');
    if (mask === undefined || flags === undefined || rest.length > 0) return undefined;
    const sides = [tcpFlagSet(mask), tcpFlagSet(flags)];
    return sides.includes(undefined) ? undefined : sides.join('/');
  },
  expects: 'MASK/FLAGS, each a comma list of FIN, SYN, RST, PSH, ACK, URG, ALL or NONE',
  pattern: `${TCP_FLAGS_SIDE}/${TCP_FLAGS_SIDE}`,
};
