/** The words that may follow the head of a readable frame: what each takes, and behind which heads it stands. */
import * as type from '../protocols/datatypes.js';
import type { Datatype } from '../protocols/types.js';
import { SCTP_CHUNKS, TCP_FLAGS } from './conntrack.js';

/** A type that only frames have. */
function own(name: string, expects: string, parse: (text: string) => string | undefined): Datatype {
  return { name, expects, parse, pattern: '' };
}

const hex = own('octets', 'hexadecimal digits in pairs', (text) =>
  /^([0-9a-fA-F]{2})+$/.test(text) ? text.toLowerCase() : undefined,
);

const ipOptions = own('IP options', '4 to 40 octets in hexadecimal, a multiple of four', (text) => {
  const octets = hex.parse(text);
  return octets !== undefined && octets.length % 8 === 0 && octets.length <= 80 ? octets : undefined;
});

const fragment = own('fragment', 'an offset in octets, a multiple of 8, with + when more follow', (text) => {
  const [, offset] = /^(\d{1,5})\+?$/.exec(text) ?? [];
  return offset !== undefined && Number(offset) % 8 === 0 && Number(offset) < 65536 ? text : undefined;
});

const EXTENSIONS = ['hop-by-hop', 'destination', 'routing', 'auth'];
const extensions = own('extension headers', `a comma list of ${EXTENSIONS.join(', ')}`, (text) =>
  text.split(',').every((word) => EXTENSIONS.includes(word)) ? text : undefined,
);

const chunk = own(
  'SCTP chunk',
  `a number from 0 to 255 or one of ${Object.keys(SCTP_CHUNKS).join(', ')}`,
  (text) => (Object.hasOwn(SCTP_CHUNKS, text) ? text : type.u8.parse(text)),
);

/** Groups of words; a head names those it takes. */
export const GROUPS = {
  ethernet: { 'src-mac': type.mac, 'dst-mac': type.mac },
  data: { data: hex },
  ip: {
    dscp: type.dscp,
    tos: type.u8,
    ttl: type.u8,
    fragment,
    'ip-options': ipOptions,
    via: extensions,
  },
  sum: { 'bad-checksum': undefined },
  tcp: {
    ...Object.fromEntries(Object.keys(TCP_FLAGS).map((flag) => [flag.toLowerCase(), undefined])),
    none: undefined,
    'tcp-option': type.number(2, 255),
  },
  sctp: { chunk },
  arp: { hwtype: type.u16, protocoltype: type.etherType },
  stp: {
    flags: type.u8,
    'root-priority': type.u16,
    'root-address': type.mac,
    'root-cost': type.u32,
    'sender-priority': type.u16,
    'sender-address': type.mac,
    port: type.u16,
    age: type.u16,
    'max-age': type.u16,
    'hello-time': type.u16,
    'forward-delay': type.u16,
  },
} as const satisfies Readonly<Record<string, Readonly<Record<string, Datatype | undefined>>>>;

export type Group = keyof typeof GROUPS;

/** What a word takes; undefined: nothing. */
export const WORDS: ReadonlyMap<string, Datatype | undefined> = new Map(
  Object.values(GROUPS).flatMap((group) => Object.entries<Datatype | undefined>(group)),
);

/** Canonical text by word, '' for one that takes nothing. */
export type Given = ReadonlyMap<string, string>;

export function numberOf(given: Given, word: string, otherwise: number): number {
  const text = given.get(word);
  return text === undefined ? otherwise : Number(text);
}
