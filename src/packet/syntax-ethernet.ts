/** The kinds of readable frames that are no IP packets: what follows their first word, and the octets it becomes. */
import { addressOctets, parseIpv4 } from '../protocols/addresses.js';
import { arpOpcode, ETHERTYPES, etherType, mac, u8 } from '../protocols/datatypes.js';
import { STP_GROUP } from '../protocols/ethernet.js';
import { STP_CONFIG, STP_HEADER } from './bodies.js';
import { bigEndian, join, macOctets } from './octets.js';
import { arrow, dataOf, type Head } from './syntax-body.js';
import type { Expected } from './syntax-cursor.js';
import { type Given, numberOf } from './syntax-words.js';

/** Shorter words for opcodes; of RARP those that are its own. */
const SHORT_OPCODES: Readonly<Record<'arp' | 'rarp', Readonly<Record<string, string>>>> = {
  arp: {},
  rarp: { request: 'Request_Reverse', reply: 'Reply_Reverse' },
};

/** RFC 826, RFC 903: `request 10.0.0.5 [MAC] > 10.0.0.9 [MAC]`; a request goes to everybody. */
function arp(name: 'arp' | 'rarp'): Head {
  const opcode: Expected<string> = {
    expects: arpOpcode.expects,
    parse: (text) => arpOpcode.parse(SHORT_OPCODES[name][text.toLowerCase()] ?? text),
  };
  const ipv4: Expected<string> = { expects: 'an IPv4 address', parse: parseIpv4 };
  return {
    words: ['ethernet', 'arp', 'data'],
    read(cursor) {
      const what = cursor.take(opcode);
      const sourceIp = cursor.take(ipv4);
      const sourceMac = cursor.maybe(mac);
      cursor.take(arrow);
      const targetIp = cursor.take(ipv4);
      const targetMac = cursor.maybe(mac);
      if (what === undefined || sourceIp === undefined || targetIp === undefined) return undefined;
      const number = Number(arpOpcode.kernel?.(what));
      const asks = number % 2 === 1 && number <= 5;
      const octets = (given: Given) =>
        join(
          bigEndian(numberOf(given, 'hwtype', 1), 2),
          bigEndian(Number(etherType.kernel?.(given.get('protocoltype') ?? 'ipv4')), 2),
          [6, 4],
          bigEndian(number, 2),
          macOctets(sourceMac ?? given.get('src-mac') ?? ''),
          addressOctets(sourceIp),
          macOctets(targetMac ?? (asks ? '00:00:00:00:00:00' : (given.get('dst-mac') ?? ''))),
          addressOctets(targetIp),
          dataOf(given),
        );
      return {
        kind: 'ethernet',
        type: ETHERTYPES[name],
        octets,
        macs: {
          ...(sourceMac === undefined ? {} : { source: sourceMac }),
          ...(asks
            ? { destination: 'ff:ff:ff:ff:ff:ff' }
            : targetMac === undefined
              ? {}
              : { destination: targetMac }),
        },
      };
    },
  };
}

/** IEEE 802.1D §9.3, in an 802.3 frame. */
const stp: Head = {
  words: ['ethernet', 'stp'],
  read(cursor) {
    const names: Readonly<Record<string, number>> = { config: STP_CONFIG, tcn: 0x80 };
    const type = cursor.take({
      expects: 'config, tcn or a number from 0 to 255',
      parse: (text) =>
        Object.hasOwn(names, text) ? names[text] : Number(u8.parse(text) ?? Number.NaN) || undefined,
    });
    if (type === undefined) return undefined;
    const octets = (given: Given) => join(STP_HEADER, type, type === STP_CONFIG ? configuration(given) : []);
    const length = STP_HEADER.length + 1 + (type === STP_CONFIG ? 31 : 0);
    return { kind: 'ethernet', type: length, octets, macs: { destination: STP_GROUP } };
  },
};

function configuration(given: Given): Uint8Array {
  const number = (word: string, size: 2 | 4 = 2) => bigEndian(numberOf(given, word, 0), size);
  const bridge = (word: string) => macOctets(given.get(word) ?? given.get('src-mac') ?? '');
  return join(
    numberOf(given, 'flags', 0),
    [...number('root-priority'), ...bridge('root-address'), ...number('root-cost', 4)],
    [...number('sender-priority'), ...bridge('sender-address'), ...number('port')],
    [...number('age'), ...number('max-age'), ...number('hello-time'), ...number('forward-delay')],
  );
}

/** Anything: `eth 0x0835 [SOURCE > DESTINATION]`. */
const eth: Head = {
  words: ['ethernet', 'data'],
  read(cursor) {
    const type = cursor.take(etherType);
    const source = cursor.maybe(mac);
    if (source !== undefined) cursor.take(arrow);
    const destination = source === undefined ? undefined : cursor.take(mac);
    if (type === undefined) return undefined;
    const macs = source === undefined || destination === undefined ? {} : { macs: { source, destination } };
    return { kind: 'ethernet', type: Number(etherType.kernel?.(type)), octets: dataOf, ...macs };
  },
};

export const ETHERNET_HEADS: Readonly<Record<string, Head>> = {
  arp: arp('arp'),
  rarp: arp('rarp'),
  stp,
  eth,
};
