/** For one test of a rule: what just meets it and what just misses it, as changes to a frame. */
import { ARP_OPCODES, ETHERTYPES, IP_PROTOCOLS } from '../../src/protocols/datatypes.js';
import { addressOctets, macOctets } from '../support/octets.js';
import type { Bpdu, Facts } from './facts.js';

export interface Change {
  readonly name: string;
  readonly change: (facts: Facts) => Facts;
}

export interface Edges {
  readonly hits: readonly Change[];
  readonly misses: readonly Change[];
}

/** The edges of one test. `values`: canonical text of its parts, undefined where the rule has none. */
export type EdgesOf = (values: readonly (string | undefined)[], sets: Sets) => Edges;

/** Members of the host's IP sets by name. */
export type Sets = Readonly<Record<string, readonly string[]>>;

/** Every packet meets it. */
export const ALWAYS: Edges = { hits: [{ name: '', change: (facts) => facts }], misses: [] };

type FieldOf<T> = Exclude<{ [K in keyof Facts]: Facts[K] extends T ? K : never }[keyof Facts], undefined>;
type Field = FieldOf<number>;
type TextField = FieldOf<string>;

const set = (change: Partial<Facts>, name: string): Change => ({
  name,
  change: (facts) => ({ ...facts, ...change }),
});

/** How a value is put into a frame. */
type Put<T> = (value: T) => Change;

const put =
  (field: Field): Put<number> =>
  (value) =>
    set({ [field]: value }, `${field} ${value}`);
const putText =
  (field: TextField): Put<string> =>
  (value) =>
    set({ [field]: value }, `${field} ${value}`);
const putBpdu =
  <K extends keyof Bpdu>(field: K): Put<Bpdu[K]> =>
  (value) => ({
    name: `${field} ${value}`,
    change: (facts) => ({ ...facts, bpdu: { ...facts.bpdu, [field]: value } }),
  });
const putTag = (low: number, mask: number): Put<number> => {
  return (value) => ({
    name: `tag ${value}`,
    change: (facts) => ({ ...facts, tag: ((facts.tag ?? 0) & ~mask) | (value << low) }),
  });
};

/** From `first` to `last`; the misses lie right beside, within 0 and `max`. */
function span(first: number, last: number, max: number, to: Put<number>): Edges {
  const beside = [last + 1, first - 1].filter((value) => value >= 0 && value <= max);
  const inside = first === last ? [first] : [first, last, Math.floor((first + last) / 2)];
  return { hits: [...new Set(inside)].map(to), misses: beside.map(to) };
}

const NAMES: ReadonlyMap<string, number> = new Map(
  [ETHERTYPES, ARP_OPCODES, IP_PROTOCOLS].flatMap((table) => Object.entries(table)),
);
const numberOf = (text: string) => NAMES.get(text) ?? Number(text);

/** One number, by name or in digits. */
function single(to: Put<number>, max: number): EdgesOf {
  return ([text]) => span(numberOf(text!), numberOf(text!), max, to);
}

/** `S`, `S:E` or `0:E`. */
function range(to: Put<number>, max: number): EdgesOf {
  return ([start, end]) => span(Number(start ?? 0), Number(end ?? start), max, to);
}

/** An address of `size` bits under a mask of so many ones. */
function prefixed(address: bigint, ones: number, size: number, to: Put<bigint>): Edges {
  const free = BigInt(size - ones);
  const other = address ^ 1n;
  const last = address | ((1n << free) - 1n);
  return {
    hits: [address, ...(free > 0n ? [other, last] : [])].map(to),
    misses: ones === 0 ? [] : [to(address ^ (1n << free))],
  };
}

const asNumber = (octets: Buffer) => BigInt(`0x${octets.toString('hex')}`);
const octetsOf = (value: bigint, size: number) =>
  Buffer.from(value.toString(16).padStart(size / 4, '0'), 'hex');
const macText = (value: bigint) =>
  octetsOf(value, 48)
    .toString('hex')
    .replace(/(..)(?!$)/g, '$1:');
const ipText = (value: bigint) => octetsOf(value, 32).join('.');
const ip6Text = (value: bigint) =>
  octetsOf(value, 128)
    .toString('hex')
    .replace(/(....)(?!$)/g, '$1:');

/** Ones of a mask written as octets. */
const onesOf = (mask: string) => asNumber(macOctets(mask)).toString(2).replaceAll('0', '').length;

function mac(to: Put<string>): EdgesOf {
  return ([address, mask]) =>
    prefixed(asNumber(macOctets(address!)), mask === undefined ? 48 : onesOf(mask), 48, (value) =>
      to(macText(value)),
    );
}

type Version = readonly [size: 32 | 128, text: (value: bigint) => string];
const V4: Version = [32, ipText];
const V6: Version = [128, ip6Text];

function ip(field: TextField, [size, text]: Version): EdgesOf {
  return ([address, mask]) =>
    prefixed(asNumber(addressOctets(address!)), Number(mask ?? size), size, (value) =>
      putText(field)(text(value)),
    );
}

function ipSpan(field: TextField, [, text]: Version): EdgesOf {
  return ([from, to]) => {
    const [first, last] = [from!, to ?? from!].map((end) => asNumber(addressOctets(end)));
    const at = (value: bigint) => putText(field)(text(value));
    return { hits: [at(first!), at(last!)], misses: [at(first! - 1n), at(last! + 1n)] };
  };
}

/** DSCP in the upper six bits; the lower two are another matter (RFC 3168). The bare number is a miss unless it is 0. */
const dscp: EdgesOf = ([text]) => {
  const value = Number(text);
  const to = put('tos');
  const misses = [(value + 1) << 2, (value - 1) << 2, value].filter(
    (tos) => tos >= 0 && tos < 256 && tos >> 2 !== value,
  );
  return { hits: [to(value << 2), to((value << 2) | 1)], misses: misses.map(to) };
};

const FLAGS = ['FIN', 'SYN', 'RST', 'PSH', 'ACK', 'URG'];
const bitsOf = (text: string) =>
  text === 'ALL'
    ? 63
    : text.split(',').reduce((bits, word) => bits | (FLAGS.includes(word) ? 1 << FLAGS.indexOf(word) : 0), 0);

/** Each flag that is looked at turned over is a miss, one that is not looked at a hit. */
const flags: EdgesOf = ([text]) => {
  const [mask = '', wanted = ''] = text!.split('/');
  const turned = (looked: boolean) =>
    FLAGS.map((_, bit) => 1 << bit)
      .filter((bit) => ((bitsOf(mask) & bit) !== 0) === looked)
      .map((bit) => put('flags')(bitsOf(wanted) ^ bit));
  return { hits: [put('flags')(bitsOf(wanted)), ...turned(false).slice(0, 2)], misses: turned(true) };
};

const tcpOption: EdgesOf = ([text]) => {
  const kind = Number(text);
  const none: Change = {
    name: 'no option',
    change: ({ tcpOption: _, ...facts }) => facts,
  };
  return {
    hits: [set({ tcpOption: kind }, `option ${kind}`)],
    misses: [none, set({ tcpOption: kind === 255 ? 254 : kind + 1 }, 'another option')],
  };
};

const icmpAt = (type: number, code: number) =>
  set({ icmpType: type, icmpCode: code }, `type ${type} code ${code}`);

/** A type and perhaps a code. */
const icmpType: EdgesOf = ([typeText, codeText]) => {
  const type = Number(typeText);
  const beside = (value: number) => (value === 255 ? 254 : value + 1);
  if (codeText === undefined)
    return { hits: [icmpAt(type, 0), icmpAt(type, 1)], misses: [icmpAt(beside(type), 0)] };
  const code = Number(codeText);
  return { hits: [icmpAt(type, code)], misses: [icmpAt(beside(type), code), icmpAt(type, beside(code))] };
};

/** Types and codes as ranges: T1 to T2 and C1 to C2. Without a start 0, without an end the start, without both all. */
const icmpRanges: EdgesOf = ([type, typeEnd, code, codeEnd]) => {
  const bounds = (start: string | undefined, end: string | undefined): readonly [number, number] =>
    start === undefined && end === undefined ? [0, 255] : [Number(start ?? 0), Number(end ?? start)];
  const [t1, t2] = bounds(type, typeEnd);
  const [c1, c2] = bounds(code, codeEnd);
  const types = span(t1, t2, 255, (value) => icmpAt(value, c1));
  const codes = span(c1, c2, 255, (value) => icmpAt(t1, value));
  return { hits: [...types.hits, ...codes.hits.slice(1)], misses: [...types.misses, ...codes.misses] };
};

const gratuitous: EdgesOf = ([wanted]) => {
  const same: Change = { name: 'gratuitous', change: (facts) => ({ ...facts, arpDstIp: facts.arpSrcIp }) };
  const other: Change = { name: 'not gratuitous', change: (facts) => facts };
  return wanted === 'true' ? { hits: [same], misses: [other] } : { hits: [other, same], misses: [] };
};

/** Members are IPv4 addresses. */
const matchSet: EdgesOf = ([name, sides], sets) => {
  const [member = '10.77.0.99'] = sets[name!] ?? [];
  const fields = (sides ?? 'src').split(',').map((side) => (side === 'src' ? 'srcIp' : 'dstIp') as TextField);
  const [field = 'srcIp'] = fields;
  const stranger = ipText(asNumber(addressOctets(member)) ^ 0x80n);
  return { hits: [putText(field)(member)], misses: [putText(field)(stranger)] };
};

const NUMBER16 = 65535;
const bpduNumber = (
  field: 'rootPriority' | 'senderPriority' | 'port' | 'age' | 'maxAge' | 'helloTime' | 'forwardDelay',
) => range(putBpdu(field), NUMBER16);

/** By the option that the protocol tables spell the test with. */
export const EDGES: Readonly<Record<string, EdgesOf>> = {
  '-s': mac(putText('srcMac')),
  '-d': mac(putText('dstMac')),
  '-p': single(put('etherType'), NUMBER16),
  '--vlan-id': single(putTag(0, 0xfff), 4095),
  '--vlan-encap': single(put('etherType'), NUMBER16),
  '--stp-type': single(putBpdu('type'), 255),
  '--stp-flags': single(putBpdu('flags'), 255),
  '--stp-root-prio': bpduNumber('rootPriority'),
  '--stp-root-addr': mac(putBpdu('rootAddress')),
  '--stp-root-cost': range(putBpdu('rootCost'), 2 ** 32 - 1),
  '--stp-sender-prio': bpduNumber('senderPriority'),
  '--stp-sender-addr': mac(putBpdu('senderAddress')),
  '--stp-port': bpduNumber('port'),
  '--stp-msg-age': bpduNumber('age'),
  '--stp-max-age': bpduNumber('maxAge'),
  '--stp-hello-time': bpduNumber('helloTime'),
  '--stp-forward-delay': bpduNumber('forwardDelay'),
  '--arp-htype': single(put('hardware'), NUMBER16),
  '--arp-ptype': single(put('protocolType'), NUMBER16),
  '--arp-opcode': single(put('opcode'), NUMBER16),
  '--arp-mac-src': mac(putText('arpSrcMac')),
  '--arp-mac-dst': mac(putText('arpDstMac')),
  '--arp-ip-src': ip('arpSrcIp', V4),
  '--arp-ip-dst': ip('arpDstIp', V4),
  '--arp-gratuitous': gratuitous,
  '--ip-source': ip('srcIp', V4),
  '--ip-destination': ip('dstIp', V4),
  '--ip-protocol': single(put('protocol'), 255),
  '--ip-source-port': range(put('srcPort'), NUMBER16),
  '--ip-destination-port': range(put('dstPort'), NUMBER16),
  '--ip-tos': dscp,
  '--ip6-source': ip('srcIp6', V6),
  '--ip6-destination': ip('dstIp6', V6),
  '--ip6-source-port': range(put('srcPort'), NUMBER16),
  '--ip6-destination-port': range(put('dstPort'), NUMBER16),
  '--ip6-protocol': single(put('protocol'), 255),
  '--ip6-icmp-type': icmpRanges,
  '--source': ip('srcIp', V4),
  '--destination': ip('dstIp', V4),
  '--src-range': ipSpan('srcIp', V4),
  '--dst-range': ipSpan('dstIp', V4),
  '--dscp': dscp,
  '--mac-source': mac(putText('srcMac')),
  '--sport': range(put('srcPort'), NUMBER16),
  '--dport': range(put('dstPort'), NUMBER16),
  '--tcp-flags': flags,
  '--tcp-option': tcpOption,
  '--icmp-type': icmpType,
  '--icmpv6-type': icmpType,
  '--match-set': matchSet,
  // Frames have no count of connections: the conversations of the rule show it.
  '--connlimit-above': () => ALWAYS,
};

/** The IP-layer options of IPv6 look at other fields under the same name. */
export const EDGES_IPV6: Readonly<Record<string, EdgesOf>> = {
  '--source': ip('srcIp6', V6),
  '--destination': ip('dstIp6', V6),
  '--src-range': ipSpan('srcIp6', V6),
  '--dst-range': ipSpan('dstIp6', V6),
};
