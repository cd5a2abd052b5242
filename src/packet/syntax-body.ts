/** What every kind of readable frame is made of. */
import { parseIpv4, parseIpv6 } from '../protocols/addresses.js';
import { u16 } from '../protocols/datatypes.js';
import type { Payload } from './build.js';
import { fromHex } from './octets.js';
import type { Cursor, Expected } from './syntax-cursor.js';
import type { Given, Group } from './syntax-words.js';

/** What a head makes of its words; MAC addresses where they are part of it. */
export type Body = { readonly macs?: { readonly source?: string; readonly destination?: string } } & (
  | { readonly kind: 'ethernet'; readonly type: number; readonly octets: (given: Given) => Uint8Array }
  | {
      readonly kind: 'ip';
      readonly source: string;
      readonly destination: string;
      readonly payload: (given: Given) => Payload;
    }
);

export interface Head {
  readonly words: readonly Group[];
  /** Undefined when something was wrong: the cursor knows what. */
  readonly read: (cursor: Cursor) => Body | undefined;
}

/** Octets of the word `data`. */
export const dataOf = (given: Given) => fromHex(given.get('data') ?? '');

export const arrow: Expected<true> = { expects: '>', parse: (text) => (text === '>' ? true : undefined) };
export const address: Expected<string> = {
  expects: 'an IPv4 or IPv6 address',
  parse: (text) => parseIpv4(text) ?? parseIpv6(text),
};
export const endpoint: Expected<readonly [string, number]> = {
  expects: 'an address with a port, 10.0.0.5:80 or [fd00::1]:80',
  parse(text) {
    const [, six, four, port = ''] = /^(?:\[([^\]]+)\]|([^:]+)):(\w+)$/.exec(text) ?? [];
    const ip = six === undefined ? parseIpv4(four ?? '') : parseIpv6(six);
    const number = u16.parse(port);
    return ip === undefined || number === undefined ? undefined : [ip, Number(number)];
  },
};

/** `A > B`, of one family. */
export function pair<T>(
  cursor: Cursor,
  what: Expected<T>,
  ip: (end: T) => string,
): readonly [T, T] | undefined {
  const source = cursor.take(what);
  cursor.take(arrow);
  const family = (end: T) => ip(end).includes(':');
  const other: Expected<T> = {
    expects: `${what.expects}, of the family of the source`,
    parse(text) {
      const end = what.parse(text);
      const fits = end !== undefined && (source === undefined || family(end) === family(source));
      return fits ? end : undefined;
    },
  };
  const destination = cursor.take(other);
  return source === undefined || destination === undefined ? undefined : [source, destination];
}
