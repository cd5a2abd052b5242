/** Canonical literals of every attribute type, edges first. */
import fc from 'fast-check';
import { ARP_OPCODES, ETHERTYPES, IP_PROTOCOLS } from '../../src/protocols/datatypes.js';
import type { Datatype } from '../../src/protocols/types.js';

const edges = (min: number, max: number) =>
  fc.oneof(fc.constantFrom(min, max), fc.integer({ min, max })).map(String);

const octet = (text: number) => text.toString(16).padStart(2, '0');
const macOf = (octets: readonly number[]) => octets.map(octet).join(':');

const mac = fc
  .oneof(
    fc.constantFrom([0, 0, 0, 0, 0, 0], [255, 255, 255, 255, 255, 255], [1, 0x80, 0xc2, 0, 0, 0]),
    fc.array(fc.integer({ min: 0, max: 255 }), { minLength: 6, maxLength: 6 }),
  )
  .map(macOf);

const macMask = fc
  .integer({ min: 0, max: 48 })
  .map((ones) =>
    macOf(Array.from({ length: 6 }, (_, i) => 256 - 2 ** (8 - Math.max(0, Math.min(8, ones - i * 8))))),
  );

/** Printable text of every kind that could hurt: quotes, shell, markup, formats, non-ASCII. */
const hostile = fc.constantFrom(
  ...'\'"`$\\;|&<>(){}[]*?!#%~=-+,./: \u00a0äß漢\u200d\u202e\u{1f512}%s%n]]>--',
  '$IP',
  '&amp;',
  ']]>',
  '-j ACCEPT',
  'COMMIT',
  '$HOME ',
);
const comment = fc
  .array(fc.oneof(hostile, fc.string({ unit: 'grapheme-ascii', maxLength: 8 })), {
    minLength: 1,
    maxLength: 20,
  })
  .map((parts) => parts.join(''))
  .filter((text) => text !== '');

const subset = (words: readonly string[]) => fc.subarray([...words], { minLength: 1 });
const FLAGS = ['FIN', 'SYN', 'RST', 'PSH', 'ACK', 'URG'];
const flagSet = fc.oneof(
  fc.constantFrom('ALL', 'NONE'),
  fc.subarray(FLAGS, { minLength: 1, maxLength: FLAGS.length - 1 }).map((flags) => flags.join(',')),
);

const canonicalBy = (arbitrary: fc.Arbitrary<string>, datatype: Datatype) =>
  arbitrary.map((text) => datatype.parse(text) ?? `not ${datatype.name}: ${text}`);

const etherType = (datatype: Datatype) =>
  canonicalBy(fc.oneof(fc.constantFrom(...Object.keys(ETHERTYPES)), edges(0x600, 0xffff)), datatype);

/** Literals by `Datatype.name`. Where canonical text has rules of its own the type's parser writes it. */
const BY_NAME: Readonly<Record<string, (datatype: Datatype) => fc.Arbitrary<string>>> = {
  'number 0–255': () => edges(0, 255),
  'number 1–255': () => edges(1, 255),
  'number 0–65535': () => edges(0, 65535),
  'number 0–4294967295': () => edges(0, 4294967295),
  'number 0–63': () => edges(0, 63),
  'number 0–4095': () => edges(0, 4095),
  ethertype: etherType,
  'encapsulated ethertype': etherType,
  'IP protocol': (datatype) =>
    canonicalBy(fc.oneof(fc.constantFrom(...Object.keys(IP_PROTOCOLS)), edges(0, 255)), datatype),
  'ARP opcode': (datatype) =>
    canonicalBy(fc.oneof(fc.constantFrom(...Object.keys(ARP_OPCODES)), edges(0, 65535)), datatype),
  MAC: () => mac,
  'MAC mask': () => macMask,
  'IPv4 address': () => fc.ipV4(),
  'IPv4 mask': () => edges(0, 32),
  'IPv6 address': (datatype) => canonicalBy(fc.ipV6(), datatype),
  'IPv6 mask': () => edges(0, 128),
  boolean: () => fc.constantFrom('true', 'false'),
  comment: () => comment,
  'IP set': () => fc.stringMatching(/^[A-Za-z0-9_.:+]([A-Za-z0-9_.:+ -]{0,29}[A-Za-z0-9_.:+-])?$/),
  'IP set flags': () =>
    fc.array(fc.constantFrom('src', 'dst'), { minLength: 1, maxLength: 6 }).map((flags) => flags.join(',')),
  'connection state': () =>
    fc.oneof(
      fc.constant('NONE'),
      subset(['NEW', 'ESTABLISHED', 'RELATED', 'INVALID']).map((states) => states.join(',')),
    ),
  'TCP flags': () => fc.tuple(flagSet, flagSet).map((sides) => sides.join('/')),
};

/** Canonical literals of a type; every type of the protocol tables has a row above. */
export function literalOf(datatype: Datatype): fc.Arbitrary<string> {
  const make = BY_NAME[datatype.name];
  if (!make) throw new Error(`test/support/literals.ts has no row for the type "${datatype.name}"`);
  return make(datatype);
}
