/** Frames as people write them: hexadecimal, or words: `[vlan ID[/PRIORITY]] KIND … [WORD [VALUE]]…` (docs/explain.md). */
import { fail, throwIfAny } from '../model/errors.js';
import { addressOctets } from '../protocols/addresses.js';
import { ETHERTYPES, number, vlanId } from '../protocols/datatypes.js';
import {
  type EthernetHeader,
  type Extension,
  ethernet,
  type IpHeader,
  ipv4Packet,
  ipv6Packet,
  summed,
} from './build.js';
import { fromHex, macOctets } from './octets.js';
import type { Body, Head } from './syntax-body.js';
import { Cursor, type Expected } from './syntax-cursor.js';
import { ETHERNET_HEADS } from './syntax-ethernet.js';
import { IP_HEADS } from './syntax-ip.js';
import { type Given, GROUPS, numberOf, WORDS } from './syntax-words.js';

/** MAC addresses of a frame that names none. */
export interface Ends {
  readonly source: string;
  readonly destination: string;
}

export const HEADS: Readonly<Record<string, Head>> = { ...IP_HEADS, ...ETHERNET_HEADS };

const HEX = /^(?:[0-9a-f]{2}[\s:]*){14,}$/i;

const head: Expected<readonly [string, Head]> = {
  expects: `one of vlan, ${Object.keys(HEADS).join(', ')}`,
  parse(text) {
    const found = Object.hasOwn(HEADS, text) ? HEADS[text] : undefined;
    return found && [text, found];
  },
};

/** Octets of the frame. Errors: VALUE, each word that is wrong. */
export function readFrame(text: string, ends: Ends): Uint8Array {
  if (HEX.test(text.trim())) return fromHex(text.replace(/[\s:]/g, ''));
  const cursor = new Cursor(text);
  const tag = readTag(cursor);
  const kind = cursor.take(head);
  if (kind === undefined) throw fail('VALUE', cursor.faults[0]?.message ?? '');
  const body = kind[1].read(cursor);
  const given = readWords(cursor, kind);
  if (body?.kind === 'ip') refuseOtherFamily(cursor, given, body.source);
  throwIfAny(cursor.faults);
  // Without a body there was a fault.
  return body === undefined ? new Uint8Array() : built(body, given, tag, ends);
}

const tagged: Expected<NonNullable<EthernetHeader['tag']>> = {
  expects: 'a VLAN ID from 0 to 4095, with a priority as in 5/3 if need be',
  parse(text) {
    const [id = '', priority = '0', ...more] = text.split('/');
    const numbers = [vlanId.parse(id), number(0, 7).parse(priority)].map((each) => Number(each));
    const [vlan = Number.NaN, level = Number.NaN] = numbers;
    return numbers.some(Number.isNaN) || more.length > 0 ? undefined : { id: vlan, priority: level };
  },
};

function readTag(cursor: Cursor): EthernetHeader['tag'] {
  if (cursor.peek !== 'vlan') return undefined;
  cursor.skip();
  return cursor.take(tagged);
}

function readWords(cursor: Cursor, [name, { words }]: readonly [string, Head]): Given {
  const allowed = new Set(words.flatMap((group) => Object.keys(GROUPS[group])));
  const given = new Map<string, string>();
  for (let word = cursor.peek; word !== undefined; word = cursor.peek) {
    if (!allowed.has(word)) {
      cursor.complain(`does not belong here: behind ${name} may stand ${[...allowed].join(', ')}`);
      cursor.skip();
      continue;
    }
    if (given.has(word)) cursor.complain('stands there twice');
    cursor.skip();
    const type = WORDS.get(word);
    given.set(word, type === undefined ? '' : (cursor.take(type) ?? ''));
  }
  return given;
}

const ONE_FAMILY: Readonly<Record<string, 4 | 6>> = { 'ip-options': 4, via: 6 };

function refuseOtherFamily(cursor: Cursor, given: Given, source: string): void {
  const version = source.includes(':') ? 6 : 4;
  for (const [word, family] of Object.entries(ONE_FAMILY)) {
    if (!given.has(word) || family === version) continue;
    cursor.faults.push({ code: 'VALUE', message: `${word} is of IPv${family}, and this is IPv${version}` });
  }
}

function built(body: Body, words: Given, tag: EthernetHeader['tag'], ends: Ends): Uint8Array {
  const source = words.get('src-mac') ?? body.macs?.source ?? ends.source;
  const group = body.kind === 'ip' ? groupMac(addressOctets(body.destination)) : undefined;
  const destination = words.get('dst-mac') ?? body.macs?.destination ?? group ?? ends.destination;
  const given: Given = new Map([...words, ['src-mac', source], ['dst-mac', destination]]);
  const header = { source: macOctets(source), destination: macOctets(destination), tag };
  if (body.kind === 'ethernet') return ethernet({ ...header, type: body.type }, body.octets(given));
  const ip = ipHeader(body, given);
  const payload = body.payload(given);
  const octets = summed(payload, ip, given.has('bad-checksum'));
  return ip.source.length === 4
    ? ethernet({ ...header, type: ETHERTYPES.ipv4 }, ipv4Packet(ip, payload.protocol, octets))
    : ethernet({ ...header, type: ETHERTYPES.ipv6 }, ipv6Packet(ip, payload.protocol, octets));
}

function ipHeader({ source, destination }: Extract<Body, { kind: 'ip' }>, given: Given): IpHeader {
  const [, offset, more] = /^(\d+)(\+?)$/.exec(given.get('fragment') ?? '') ?? [];
  const via = given.get('via');
  return {
    source: addressOctets(source),
    destination: addressOctets(destination),
    trafficClass: numberOf(given, 'tos', numberOf(given, 'dscp', 0) * 4),
    ttl: numberOf(given, 'ttl', 64),
    options: fromHex(given.get('ip-options') ?? ''),
    extensions: via === undefined ? [] : (via.split(',') as Extension[]),
    fragment: offset === undefined ? undefined : { offset: Number(offset), more: more === '+' },
  };
}

/** Where a packet for a group goes on Ethernet (RFC 1112 §6.4, RFC 2464 §7); undefined for one receiver. */
function groupMac(address: readonly number[]): string | undefined {
  const [first = 0] = address;
  const text = (octets: readonly number[]) =>
    octets.map((octet) => octet.toString(16).padStart(2, '0')).join(':');
  if (address.every((octet) => octet === 255)) return text(Array<number>(6).fill(255));
  if (address.length === 4 && first >> 4 === 14)
    return text([0x01, 0x00, 0x5e, (address[1] ?? 0) & 127, ...address.slice(2)]);
  return address.length === 16 && first === 255 ? text([0x33, 0x33, ...address.slice(12)]) : undefined;
}
