/**
 * The tests of iptables and ip6tables, as the kernel makes them for the nf_tables variant: ports and flags by nf_tables
 * itself, which passes over what it cannot read, the others by xt_* modules, some of which drop that.
 */
import { TCP_FLAGS } from '../packet/conntrack.js';
import type { IpPacket } from '../packet/ip.js';
import { EXTENSION, findHeader } from '../packet/ipv6-headers.js';
import { part, u8, u16 } from '../packet/octets.js';
import { addressOctets } from '../protocols/addresses.js';
import { IP_PROTOCOLS } from '../protocols/datatypes.js';
import { isAddress } from './explain-ethernet.js';
import { type Answer, compared, type Evaluator, inRange, isInterface, type Seen } from './explain-seen.js';
import { matchesU32 } from './explain-u32.js';
import type { ChainRule } from './ruleset.js';

const first = (args: readonly string[]) => args[0] ?? '';

/** A test of the packet. */
const of =
  (test: (packet: IpPacket, text: string) => Answer): Evaluator =>
  (args, { packet }) =>
    packet === undefined ? 'never' : test(packet, first(args));

/** `start` octets of the payload that all of the extension's tests read; xt_* modules drop what has less. */
const ofXt = (start: number, test: (octets: Uint8Array, text: string) => Answer): Evaluator =>
  of((packet, text) => {
    if (isLater(packet)) return 'never';
    const octets = payloadOf(packet);
    return octets.length < start ? 'hotdrop' : test(octets, text);
  });

const isLater = ({ fragment }: IpPacket) => fragment !== undefined && fragment > 0;

/**
 * Where nf_tables looks for ports and flags. It does so in later fragments too, whose data it takes for a header (and of
 * IPv6, where it knows no offset then, the IP header itself): measured on 6.18.
 */
const payloadOf = ({ octets, transport }: IpPacket) => octets.subarray(Math.min(transport, octets.length));

const TCP_HEADER = 20;
const SCTP_HEADER = 12;
const ICMP_HEADER = 8;
/** xt_tcp drops a fragment that would overwrite the flags. */
const EVIL_OFFSET = 8;

/** With `--tcp-option` in it all TCP tests of a rule are xt_tcp's. */
const isXt = ({ tests }: ChainRule) => tests.some(({ option }) => option === '--tcp-option');

const tcpOf =
  (test: (octets: Uint8Array, text: string) => Answer): Evaluator =>
  (args, { packet }, rule) => {
    if (packet === undefined) return 'never';
    const octets = payloadOf(packet);
    const text = args.join(' ');
    if (!isXt(rule)) return test(octets, text);
    if (isLater(packet)) return packet.version === 4 && packet.fragment === EVIL_OFFSET ? 'hotdrop' : 'never';
    return octets.length < TCP_HEADER ? 'hotdrop' : test(octets, text);
  };

/** `--sport` and `--dport` mean the protocol that the rule selects. */
const port =
  (at: number): Evaluator =>
  (args, seen, rule) => {
    const protocol = rule.tests.find(({ option }) => option === '-p')?.args[0];
    const matches = (octets: Uint8Array, text: string) =>
      compared(u16(octets, at), (value) => inRange(text, value));
    if (protocol === 'sctp') return ofXt(SCTP_HEADER, matches)(args, seen, rule);
    if (protocol === 'tcp') return tcpOf(matches)(args, seen, rule);
    return of((packet, text) => matches(payloadOf(packet), text))(args, seen, rule);
  };

const FLAG_SETS: Readonly<Record<string, number>> = { ...TCP_FLAGS, ALL: 63, NONE: 0 };

function flagBits(text: string): number {
  return text.split(',').reduce((bits, name) => bits | (FLAG_SETS[name] ?? 0), 0);
}

/** `MASK FLAGS`. */
const flags = tcpOf((octets, text) => {
  const [mask = '', set = ''] = text.split(' ');
  return compared(u8(octets, 13), (value) => (value & flagBits(mask)) === flagBits(set));
});

const tcpOption = tcpOf((octets, text) => {
  const length = (octets[12] ?? 0) >> 4;
  if (length * 4 < TCP_HEADER) return 'hotdrop';
  const options = part(octets, TCP_HEADER, length * 4 - TCP_HEADER);
  if (options === undefined) return 'hotdrop';
  for (let at = 0; at < options.length; ) {
    const kind = options[at] ?? 0;
    if (kind === Number(text)) return true;
    at += kind < 2 ? 1 : options[at + 1] || 1;
  }
  return false;
});

/** `T` or `T/C`. */
const icmpType = ofXt(ICMP_HEADER, ([type, code], text) => {
  const [wanted, wantedCode] = text.split('/').map(Number);
  return type === wanted && (wantedCode === undefined || code === wantedCode);
});

/** `F-T` */
const addressRange = (read: (packet: IpPacket) => Uint8Array): Evaluator =>
  of((packet, text) => {
    const [from = [], to = []] = text.split('-').map((end) => addressOctets(end));
    const value = read(packet);
    return compareOctets(from, value) <= 0 && compareOctets(value, to) <= 0;
  });

function compareOctets(a: ArrayLike<number>, b: ArrayLike<number>): number {
  for (let at = 0; at < a.length; at += 1) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

const address = (read: (packet: IpPacket) => Uint8Array): Evaluator =>
  of((packet, text) => isAddress(text, read(packet)));

const ANY: ReadonlySet<string> = new Set(['all', '0']);

const protocol = of((packet, text) => {
  if (ANY.has(text)) return true;
  const number = (IP_PROTOCOLS as Readonly<Record<string, number>>)[text] ?? Number(text);
  return compared(packet.protocol, (value) => value === number);
});

/** The only extension that a rule names without an option: AH of IPv6 (ip6t_ah). */
const extension = of(({ octets }, text) => {
  if (text !== 'ah') return 'never';
  const found = findHeader(octets, EXTENSION.auth);
  return found.kind === 'broken' ? 'hotdrop' : found.kind === 'found';
});

const hasConnection = ({ connection: { state } }: Seen) => state !== 'INVALID' && state !== 'UNTRACKED';

export const PACKET_TESTS: Readonly<Record<string, Evaluator>> = {
  '-p': protocol,
  '-m': extension,
  '--source': address(({ source }) => source),
  '--destination': address(({ destination }) => destination),
  '--sport': port(0),
  '--dport': port(2),
  '--tcp-flags': flags,
  '--tcp-option': tcpOption,
  '--icmp-type': icmpType,
  '--icmpv6-type': icmpType,
  'u32 --u32': of(({ octets }, text) => matchesU32(text, octets)),
  'mac --mac-source': (args, { frame }) => frame.source === first(args),
  'iprange --src-range': addressRange(({ source }) => source),
  'iprange --dst-range': addressRange(({ destination }) => destination),
  'dscp --dscp': of(({ trafficClass }, text) => trafficClass >> 2 === Number(text)),

  'conntrack --ctstate': (args, { connection }) => first(args).split(',').includes(connection.state),
  // Asked alone of a packet without a connection it never matches.
  'conntrack --ctdir': (args, seen) =>
    hasConnection(seen) ? seen.connection.reply === (first(args) === 'Reply') : 'never',

  'set --match-set': ([set = '', flagList = ''], { known }) =>
    known.sets.get(set) ?? { ask: 'set', set, flags: flagList },
  'connlimit --connlimit-above': (args, { known }) => {
    const limit = Number(first(args));
    return known.connections === undefined ? { ask: 'connections', limit } : known.connections > limit;
  },

  'physdev --physdev-in': (args, { from }) => isInterface(first(args), from),
  'physdev --physdev-is-bridged': (_, { bridged }) => bridged,
  '--physdev-out': (args, { to }) => isInterface(first(args), to),
};
