import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NwgateError } from '../../src/model/errors.js';
import { describeFrame } from '../../src/packet/describe.js';
import { decodeFrame } from '../../src/packet/frame.js';
import { toHex } from '../../src/packet/octets.js';
import { HEADS, readFrame } from '../../src/packet/syntax.js';
import { WORDS } from '../../src/packet/syntax-words.js';
import * as packets from '../support/packets.js';

const ENDS = { source: '52:54:00:00:00:01', destination: '52:54:00:00:00:02' };
const hex = (text: string) => toHex(readFrame(text, ENDS));
const MACS = { src: ENDS.source, dst: ENDS.destination };
const [SRC, DST] = ['10.0.0.5', '10.0.0.9'];

/** As the builders of the tests make it, but for what those leave at zero (the IP identification). */
const plain = (frame: string) => frame.replace(/^(.{36})0001/, '$10000').replace(/^(.{48}).{4}/, '$1----');

describe('readFrame', () => {
  it.each([
    [`udp ${SRC}:53 > ${DST}:1024 data 6869`, packets.udp({ sport: 53, dport: 1024, data: 'hi' })],
    [`icmp echo-request ${SRC} > ${DST}`, packets.icmp({ type: 8 })],
    [`icmp 3/1 ${SRC} > ${DST}`, packets.icmp({ type: 3, code: 1 })],
  ])('%s', (text, segment) => {
    expect(plain(hex(text))).toBe(plain(packets.frame(MACS, packets.ipv4({ src: SRC, dst: DST }, segment))));
  });

  it('udp and icmp of IPv6', () => {
    const [src, dst] = ['fd00::5', 'fd00::9'];
    const six = (segment: packets.Segment) =>
      packets.frame(MACS, packets.ipv6({ src, dst, tos: 184 }, segment));
    expect(hex(`udp [${src}]:53 > [${dst}]:1024 dscp 46`)).toBe(six(packets.udp({ sport: 53, dport: 1024 })));
    expect(hex(`icmp echo-request ${src} > ${dst} tos 184`)).toBe(six(packets.icmpv6({ type: 128 })));
  });

  it('arp', () => {
    const arp = packets.arp({ srcMac: ENDS.source, srcIp: SRC, dstIp: DST });
    expect(hex(`arp request ${SRC} > ${DST}`)).toBe(
      packets.frame({ ...MACS, dst: 'ff:ff:ff:ff:ff:ff' }, arp),
    );
    const reply = packets.arp({
      opcode: 2,
      srcMac: '52:54:00:00:00:07',
      srcIp: SRC,
      dstMac: ENDS.destination,
      dstIp: DST,
    });
    expect(hex(`vlan 5 arp reply ${SRC} 52:54:00:00:00:07 > ${DST}`)).toBe(
      packets.frame({ src: '52:54:00:00:00:07', dst: ENDS.destination, vlan: 5 }, reply),
    );
  });

  it('hexadecimal, with or without colons and blanks', () => {
    const text = packets.frame(MACS, packets.arp({ srcMac: ENDS.source, srcIp: SRC, dstIp: DST }));
    expect(hex(text)).toBe(text);
    expect(hex(` ${text.toUpperCase().replace(/..(?=.)/g, '$&:')}\n`)).toBe(text);
    expect(hex(text.replace(/.{4}/g, '$& '))).toBe(text);
  });

  it.each([
    `tcp ${SRC}:1234 > ${DST}:25 syn`,
    `tcp [fd00::5]:1234 > [fd00::9]:25 fin ack`,
    `vlan 5 udp ${SRC}:1 > ${DST}:2`,
    `sctp ${SRC}:1 > ${DST}:2`,
    `icmp 8 ${SRC} > ${DST}`,
    `icmp 3/1 ${SRC} > ${DST}`,
    `ip esp ${SRC} > ${DST}`,
    `ip 47 fd00::5 > fd00::9`,
    `arp request ${SRC} 52:54:00:00:00:01 > ${DST} 00:00:00:00:00:00`,
    `rarp reply_reverse ${SRC} 52:54:00:00:00:01 > ${DST} 52:54:00:00:00:02`,
    `stp config src-mac 52:54:00:00:00:01`,
    `eth 0x0835 52:54:00:00:00:01 > 52:54:00:00:00:02`,
  ])('is told in the same words: %s', (text) => {
    expect(describeFrame(decodeFrame(readFrame(text, ENDS)))).toBe(text);
  });

  it('sends groups to their Ethernet address', () => {
    expect(hex(`udp ${SRC}:1 > 239.129.2.3:2`).slice(0, 12)).toBe('01005e010203');
    expect(hex(`udp ${SRC}:1 > 255.255.255.255:2`).slice(0, 12)).toBe('ffffffffffff');
    expect(hex(`udp [fd00::5]:1 > [ff02::fb]:2`).slice(0, 12)).toBe('3333000000fb');
  });

  it.each([
    ['', /^the frame ends where a word must be one of vlan, tcp/],
    ['tpc 10.0.0.5:1 > 10.0.0.9:2', /^word 1, "tpc", must be one of/],
    ['tcp 10.0.0.5 > 10.0.0.9:2', /^word 2, "10.0.0.5", must be an address with a port/],
    ['tcp 10.0.0.5:1 10.0.0.9:2', /^word 3, "10.0.0.9:2", must be >/],
    ['tcp 10.0.0.5:1 > [fd00::1]:2', /^word 4, .* of the family of the source/],
    ['tcp 10.0.0.5:1 > 10.0.0.9:2 sin', /^word 5, "sin", does not belong here: behind tcp may stand/],
    ['udp 10.0.0.5:1 > 10.0.0.9:2 syn', /^word 5, "syn", does not belong here/],
    ['tcp 10.0.0.5:1 > 10.0.0.9:2 ttl', /^the frame ends where a word must be a number from 0 to 255/],
    ['tcp 10.0.0.5:1 > 10.0.0.9:2 ttl 1 ttl 2', /^word 7, "ttl", stands there twice/],
    ['tcp 10.0.0.5:1 > 10.0.0.9:2 via auth', /via is of IPv6, and this is IPv4/],
    ['vlan 4096 eth 0x0800', /^word 2, "4096", must be a VLAN ID/],
    ['icmp neighbour-solicitation 10.0.0.5 > 10.0.0.9', /IPv4 has no neighbour-solicitation/],
  ])('refuses %j', (text, message) => expect(() => readFrame(text, ENDS)).toThrow(message));

  it('tells all that is wrong at once', () => {
    const error = (() => {
      try {
        readFrame('vlan 9999 tcp 10.0.0.5 > 10.0.0.300:1 sin ttl x', ENDS);
      } catch (caught) {
        return caught as NwgateError;
      }
      throw new Error('it was taken');
    })();
    expect(error.faults.map(({ code }) => code)).toEqual(Array(5).fill('VALUE'));
  });

  it('takes any text, or refuses it as a value', () => {
    const word = fc.oneof(
      fc.constantFrom(
        ...Object.keys(HEADS),
        ...WORDS.keys(),
        'vlan',
        '>',
        '1',
        '8+',
        '10.0.0.5',
        '10.0.0.5:1',
        '[::1]:2',
        'fe80::1',
      ),
      fc.string({ maxLength: 6 }),
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 12 }), (words) => {
        try {
          expect(readFrame(words.join(' '), ENDS).length).toBeGreaterThanOrEqual(14);
        } catch (error) {
          if (!(error instanceof NwgateError)) throw error;
          expect(error.code).toBe('VALUE');
        }
      }),
      { numRuns: 2000 },
    );
  });
});
