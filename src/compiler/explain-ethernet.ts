/** The tests of ebtables, as the kernel's ebt_* modules make them (Linux net/bridge/netfilter). */
import { decodeArp, decodeStp, type StpConfig } from '../packet/bodies.js';
import { skipExtensions } from '../packet/ipv6-headers.js';
import { macOctets, part, u8, u16 } from '../packet/octets.js';
import { addressOctets, maskOctets } from '../protocols/addresses.js';
import { agrees, compared, type Evaluator, inRange, isInterface, type Seen } from './explain-seen.js';

const first = (args: readonly string[]) => args[0] ?? '';

const number =
  (read: (seen: Seen) => number | undefined): Evaluator =>
  (args, seen) =>
    compared(read(seen), (value) => value === Number(first(args)));

const range =
  (read: (seen: Seen) => number | undefined): Evaluator =>
  (args, seen) =>
    compared(read(seen), (value) => inRange(first(args), value));

function isMac(text: string, mac: string): boolean {
  const [value = '', mask] = text.split('/');
  return agrees(macOctets(mac), macOctets(value), mask === undefined ? undefined : macOctets(mask));
}

const mac =
  (read: (seen: Seen) => string | undefined): Evaluator =>
  (args, seen) =>
    compared(read(seen), (value) => isMac(first(args), value));

/** `A` or `A/LENGTH`, of either family. */
export function isAddress(text: string, octets: Uint8Array): boolean {
  const [address = '', length] = text.split('/');
  const value = addressOctets(address);
  const size = value.length === 4 ? 4 : 16;
  return agrees(octets, value, length === undefined ? undefined : maskOctets(Number(length), size));
}

const address =
  (read: (seen: Seen) => Uint8Array | undefined): Evaluator =>
  (args, seen) =>
    compared(read(seen), (value) => isAddress(first(args), value));

const arp = ({ frame }: Seen) => decodeArp(frame.payload);

const stp =
  (matches: (config: StpConfig, text: string) => boolean): Evaluator =>
  (args, { frame }) =>
    compared(decodeStp(frame.payload)?.config, (config) => matches(config, first(args)));

const IPV4_HEADER = 20;
const IPV6_HEADER = 40;
/** What ebtables reads of a payload, whichever of it a test wants. */
const READ = 4;

/** A field of the IPv4 header. */
const ipv4 = ({ frame }: Seen, at: number, length: number): Uint8Array | undefined =>
  part(frame.payload, 0, IPV4_HEADER)?.subarray(at, at + length);

const ipv6 = ({ frame }: Seen, at: number, length: number): Uint8Array | undefined =>
  part(frame.payload, 0, IPV6_HEADER)?.subarray(at, at + length);

const payloadOfIpv6 = ({ frame: { payload } }: Seen) =>
  payload.length < IPV6_HEADER ? undefined : skipExtensions(payload);

/** The first octets of what an IPv4 packet carries, but for later fragments. */
function startOfIpv4(seen: Seen): Uint8Array | undefined {
  const { payload } = seen.frame;
  const [head, fragment] = [u8(payload, 0), u16(payload, 6)];
  if (head === undefined || fragment === undefined || (fragment & 0x1fff) !== 0) return undefined;
  return part(payload, (head & 15) * 4, READ);
}

function startOfIpv6(seen: Seen): Uint8Array | undefined {
  const found = payloadOfIpv6(seen);
  return found && part(seen.frame.payload, found.offset, READ);
}

const port = (start: (seen: Seen) => Uint8Array | undefined, at: number): Evaluator =>
  range((seen) => {
    const octets = start(seen);
    return octets && u16(octets, at);
  });

/** `T1:T2/C1:C2`. */
const icmpRanges: Evaluator = (args, seen) =>
  compared(startOfIpv6(seen), ([type = 0, code = 0]) => {
    const [types = '', codes = ''] = first(args).split('/');
    return inRange(types, type) && inRange(codes, code);
  });

export const ETHERNET_TESTS: Readonly<Record<string, Evaluator>> = {
  '-i': (args, { from }) => isInterface(first(args), from),
  '-o': (args, { to }) => isInterface(first(args), to),
  '-p': number(({ frame }) => frame.type),
  '-s': mac(({ frame }) => frame.source),
  '-d': mac(({ frame }) => frame.destination),

  '--vlan-id': number(({ frame }) => frame.tag?.id),
  '--vlan-encap': number(({ frame }) => frame.tag?.encapsulated),

  '--arp-htype': number((seen) => arp(seen)?.hardware),
  '--arp-ptype': number((seen) => arp(seen)?.protocol),
  '--arp-opcode': number((seen) => arp(seen)?.opcode),
  '--arp-mac-src': mac((seen) => arp(seen)?.sourceMac),
  '--arp-mac-dst': mac((seen) => arp(seen)?.targetMac),
  '--arp-ip-src': address((seen) => arp(seen)?.sourceIp),
  '--arp-ip-dst': address((seen) => arp(seen)?.targetIp),
  '--arp-gratuitous': (_, seen) => {
    const { sourceIp, targetIp } = arp(seen) ?? {};
    if (sourceIp === undefined || targetIp === undefined) return 'never';
    return agrees(sourceIp, [...targetIp], undefined);
  },

  '--stp-type': number(({ frame }) => decodeStp(frame.payload)?.type),
  '--stp-flags': stp(({ flags }, text) => flags === Number(text)),
  '--stp-root-prio': stp(({ rootPriority }, text) => inRange(text, rootPriority)),
  '--stp-root-addr': stp(({ rootAddress }, text) => isMac(text, rootAddress)),
  '--stp-root-cost': stp(({ rootCost }, text) => inRange(text, rootCost)),
  '--stp-sender-prio': stp(({ senderPriority }, text) => inRange(text, senderPriority)),
  '--stp-sender-addr': stp(({ senderAddress }, text) => isMac(text, senderAddress)),
  '--stp-port': stp((config, text) => inRange(text, config.port)),
  '--stp-msg-age': stp(({ messageAge }, text) => inRange(text, messageAge)),
  '--stp-max-age': stp(({ maxAge }, text) => inRange(text, maxAge)),
  '--stp-hello-time': stp(({ helloTime }, text) => inRange(text, helloTime)),
  '--stp-forward-delay': stp(({ forwardDelay }, text) => inRange(text, forwardDelay)),

  '--ip-source': address((seen) => ipv4(seen, 12, 4)),
  '--ip-destination': address((seen) => ipv4(seen, 16, 4)),
  '--ip-protocol': number((seen) => ipv4(seen, 9, 1)?.[0]),
  '--ip-tos': number((seen) => ipv4(seen, 1, 1)?.[0]),
  '--ip-source-port': port(startOfIpv4, 0),
  '--ip-destination-port': port(startOfIpv4, 2),

  '--ip6-source': address((seen) => ipv6(seen, 8, 16)),
  '--ip6-destination': address((seen) => ipv6(seen, 24, 16)),
  '--ip6-protocol': number((seen) => payloadOfIpv6(seen)?.protocol),
  '--ip6-source-port': port(startOfIpv6, 0),
  '--ip6-destination-port': port(startOfIpv6, 2),
  '--ip6-icmp-type': icmpRanges,
};
