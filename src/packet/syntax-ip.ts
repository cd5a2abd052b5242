/** The kinds of readable frames that are IP packets: what follows their first word, and the payload it becomes. */
import { IP_PROTOCOLS, ipProtocol, u8 } from '../protocols/datatypes.js';
import type { Payload, Sum } from './build.js';
import { SCTP_CHUNKS, TCP_FLAGS } from './conntrack.js';
import { bigEndian, join } from './octets.js';
import { address, dataOf, endpoint, type Head, pair } from './syntax-body.js';
import type { Expected } from './syntax-cursor.js';
import type { Given, Group } from './syntax-words.js';

/** A protocol with ports. */
function withPorts(
  name: 'tcp' | 'udp' | 'udplite' | 'sctp',
  words: readonly Group[],
  sum: Sum,
  rest: (given: Given) => Uint8Array,
): Head {
  return {
    words: ['ethernet', 'ip', 'sum', 'data', ...words],
    read(cursor) {
      const ends = pair(cursor, endpoint, ([ip]) => ip);
      if (ends === undefined) return undefined;
      const [[source, from], [destination, to]] = ends;
      const payload = (given: Given): Payload => ({
        protocol: IP_PROTOCOLS[name],
        octets: join(bigEndian(from, 2), bigEndian(to, 2), rest(given)),
        sum,
      });
      return { kind: 'ip', source, destination, payload };
    },
  };
}

/** RFC 9293 §3.1. A SYN unless flags are named; each option is given room for nothing but its length. */
function tcpRest(given: Given): Uint8Array {
  const named = Object.entries(TCP_FLAGS).filter(([name]) => given.has(name.toLowerCase()));
  const flags = named.reduce((sum, [, bit]) => sum | bit, 0);
  const option = given.get('tcp-option');
  const options = option === undefined ? [] : [Number(option), 2, 1, 0];
  const length = ((20 + options.length) / 4) << 4;
  const set = named.length === 0 && !given.has('none') ? TCP_FLAGS.SYN : flags;
  return join(
    bigEndian(1, 4),
    bigEndian(0, 4),
    length,
    set,
    [0xff, 0xff, 0, 0, 0, 0],
    options,
    dataOf(given),
  );
}

/** RFC 768 and, with the length as coverage, RFC 3828. */
function udpRest(given: Given): Uint8Array {
  const data = dataOf(given);
  return join(bigEndian(8 + data.length, 2), [0, 0], data);
}

/** RFC 9260 §3: one chunk, of an INIT with the fields it cannot do without. */
function sctpRest(given: Given): Uint8Array {
  const name = given.get('chunk') ?? 'init';
  const type = Object.hasOwn(SCTP_CHUNKS, name)
    ? SCTP_CHUNKS[name as keyof typeof SCTP_CHUNKS]
    : Number(name);
  const init = type === SCTP_CHUNKS.init || type === SCTP_CHUNKS['init-ack'];
  const body = init
    ? join(bigEndian(1, 4), bigEndian(65535, 4), [0, 1, 0, 1], bigEndian(1, 4))
    : dataOf(given);
  const tag = type === SCTP_CHUNKS.init ? 0 : 1;
  return join(bigEndian(tag, 4), bigEndian(0, 4), type, 0, bigEndian(4 + body.length, 2), body);
}

const ICMP_NAMES: Readonly<Record<string, readonly [four: number | undefined, six: number | undefined]>> = {
  'echo-request': [8, 128],
  'echo-reply': [0, 129],
  unreachable: [3, 1],
  'time-exceeded': [11, 3],
  redirect: [5, 137],
  'router-solicitation': [10, 133],
  'router-advertisement': [9, 134],
  'neighbour-solicitation': [undefined, 135],
  'neighbour-advertisement': [undefined, 136],
};

const icmpType: Expected<{ type: string; code: number }> = {
  expects: `a type, or a type and a code as 3/1: a number or one of ${Object.keys(ICMP_NAMES).join(', ')}`,
  parse(text) {
    const [type = '', code = '0', ...more] = text.split('/');
    const known = Object.hasOwn(ICMP_NAMES, type) ? type : u8.parse(type);
    const number = u8.parse(code);
    if (known === undefined || number === undefined || more.length > 0) return undefined;
    return { type: known, code: Number(number) };
  },
};

/** RFC 792 or RFC 4443, as the addresses say. */
const icmp: Head = {
  words: ['ethernet', 'ip', 'sum', 'data'],
  read(cursor) {
    const what = cursor.take(icmpType);
    const ends = pair(cursor, address, (ip) => ip);
    if (what === undefined || ends === undefined) return undefined;
    const [source, destination] = ends;
    const six = source.includes(':');
    const named = ICMP_NAMES[what.type]?.[six ? 1 : 0];
    const type = named ?? Number(what.type);
    if (Number.isNaN(type)) {
      cursor.faults.push({ code: 'VALUE', message: `ICMP of IPv4 has no ${what.type}` });
      return undefined;
    }
    const payload = (given: Given): Payload => ({
      protocol: six ? IP_PROTOCOLS.icmpv6 : IP_PROTOCOLS.icmp,
      octets: join(type, what.code, [0, 0, 0, 1, 0, 1], dataOf(given)),
      sum: { at: 2, kind: six ? 'with-addresses' : 'internet' },
    });
    return { kind: 'ip', source, destination, payload };
  },
};

/** A protocol whose payload nothing looks into. */
function opaque(protocol: number | undefined, start: (given: Given) => Uint8Array): Head {
  return {
    words: ['ethernet', 'ip', 'data'],
    read(cursor) {
      const text = protocol === undefined ? cursor.take(ipProtocol) : String(protocol);
      const ends = pair(cursor, address, (ip) => ip);
      if (text === undefined || ends === undefined) return undefined;
      const number = Number(ipProtocol.kernel?.(text) ?? text);
      const payload = (given: Given): Payload => ({ protocol: number, octets: start(given), sum: undefined });
      return { kind: 'ip', source: ends[0], destination: ends[1], payload };
    },
  };
}

/** RFC 4302 §2 over the data, as a header of its own. */
const ahStart = (given: Given) =>
  join(59, 4, [0, 0], bigEndian(256, 4), bigEndian(1, 4), Array<number>(12).fill(0), dataOf(given));

export const IP_HEADS: Readonly<Record<string, Head>> = {
  tcp: withPorts('tcp', ['tcp'], { at: 16, kind: 'with-addresses' }, tcpRest),
  udp: withPorts('udp', [], { at: 6, kind: 'with-addresses' }, udpRest),
  udplite: withPorts('udplite', [], { at: 6, kind: 'with-addresses' }, udpRest),
  sctp: withPorts('sctp', ['sctp'], { at: 8, kind: 'crc32c' }, sctpRest),
  icmp,
  igmp: opaque(IP_PROTOCOLS.igmp, dataOf),
  esp: opaque(IP_PROTOCOLS.esp, dataOf),
  ah: opaque(IP_PROTOCOLS.ah, ahStart),
  ip: opaque(undefined, dataOf),
};
