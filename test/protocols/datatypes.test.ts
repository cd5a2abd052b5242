import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as type from '../../src/protocols/datatypes.js';
import { PROTOCOLS } from '../../src/protocols/registry.js';
import type { Datatype } from '../../src/protocols/types.js';
import { literalOf } from '../support/literals.js';

/** Text → canonical text; undefined: refused. */
type Row = readonly [text: string, canonical: string | undefined];

const TABLES: Readonly<Record<string, readonly [Datatype, readonly Row[]]>> = {
  u8: [
    type.u8,
    [
      ['0', '0'],
      ['255', '255'],
      ['256', undefined],
      ['0xff', '255'],
      ['0XFF', '255'],
      ['ff', '255'],
      ['0x100', undefined],
      ['007', '7'],
      ['', undefined],
      ['-1', undefined],
      ['+1', undefined],
      [' 1', undefined],
      ['1 ', undefined],
      ['0x', undefined],
      ['1.0', undefined],
      ['1e1', undefined],
      ['x', undefined],
      ['12345678901', undefined],
    ],
  ],
  option: [
    type.number(1, 255),
    [
      ['0', undefined],
      ['1', '1'],
      ['0x0', undefined],
      ['255', '255'],
    ],
  ],
  u16: [
    type.u16,
    [
      ['65535', '65535'],
      ['65536', undefined],
      ['ffff', '65535'],
      ['10000', '10000'],
    ],
  ],
  u32: [
    type.u32,
    [
      ['4294967295', '4294967295'],
      ['4294967296', undefined],
      ['0xffffffff', '4294967295'],
    ],
  ],
  dscp: [
    type.dscp,
    [
      ['63', '63'],
      ['64', undefined],
      ['0x3f', '63'],
      ['0x40', undefined],
    ],
  ],
  vlanId: [
    type.vlanId,
    [
      ['4095', '4095'],
      ['4096', undefined],
      ['0x123', '291'],
    ],
  ],
  etherType: [
    type.etherType,
    [
      ['arp', 'arp'],
      ['ARP', 'arp'],
      ['0x806', 'arp'],
      ['2054', 'arp'],
      ['vlan', 'vlan'],
      ['0x835', '0x0835'],
      ['1535', undefined],
      ['1536', '0x0600'],
      ['600', undefined],
      ['5ff', undefined],
      ['6ff', '0x06ff'],
      ['65535', '0xffff'],
      ['65536', undefined],
      ['ipx', undefined],
    ],
  ],
  encapsulated: [
    type.encapsulated,
    [
      ['0x3c', undefined],
      ['rarp', 'rarp'],
    ],
  ],
  ipProtocol: [
    type.ipProtocol,
    [
      ['tcp', 'tcp'],
      ['6', 'tcp'],
      ['UDPlite', 'udplite'],
      ['33', '33'],
      ['256', undefined],
      ['icmpv6', 'icmpv6'],
      ['dccp', undefined],
    ],
  ],
  arpOpcode: [
    type.arpOpcode,
    [
      ['request', 'Request'],
      ['1', 'Request'],
      ['ARP_NAK', 'ARP_NAK'],
      ['10', '10'],
      ['65536', undefined],
    ],
  ],
  mac: [
    type.mac,
    [
      ['1:2:3:4:5:6', '01:02:03:04:05:06'],
      ['AA:BB:CC:DD:EE:FF', 'aa:bb:cc:dd:ee:ff'],
      ['1:2:3:4:5', undefined],
      ['1:2:3:4:5:6:7', undefined],
      ['1:2:3:4:5:100', undefined],
      ['01-02-03-04-05-06', undefined],
    ],
  ],
  macMask: [
    type.macMask,
    [
      ['ff:ff:ff:ff:ff:ff', 'ff:ff:ff:ff:ff:ff'],
      ['FF:FF:F8:0:0:0', 'ff:ff:f8:00:00:00'],
      ['0:0:0:0:0:0', '00:00:00:00:00:00'],
      ['ff:ff:00:ff:00:00', undefined],
      ['ff:ff:f1:0:0:0', undefined],
      ['f:0:0:0:0:0', undefined],
    ],
  ],
  ipv4: [
    type.ipv4,
    [
      ['10.1.2.3', '10.1.2.3'],
      ['0.0.0.0', '0.0.0.0'],
      ['255.255.255.255', '255.255.255.255'],
      ['10.1.2.256', undefined],
      ['10.1.2', undefined],
      ['010.1.2.3', undefined],
      ['10.1.2.3/24', undefined],
      ['::1', undefined],
    ],
  ],
  ipv4Mask: [
    type.ipv4Mask,
    [
      ['0', '0'],
      ['32', '32'],
      ['33', undefined],
      ['255.255.255.0', '24'],
      ['0.0.0.0', '0'],
      ['255.255.255.255', '32'],
      ['255.255.255.127', undefined],
      ['255.0.255.0', undefined],
      ['0x10', undefined],
    ],
  ],
  ipv6: [
    type.ipv6,
    [
      ['::', '::'],
      ['FE80::0:1', 'fe80::1'],
      ['1:2:3:4:5:6:7:8', '1:2:3:4:5:6:7:8'],
      ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
      ['a:0:0:b::', 'a:0:0:b::'],
      ['::ffff:10.1.2.3', '::ffff:a01:203'],
      ['1::2::3', undefined],
      ['fe80::1%eth0', undefined],
      ['12345::', undefined],
      ['1:2:3:4:5:6:7', undefined],
      ['10.1.2.3', undefined],
      ['::1/64', undefined],
    ],
  ],
  ipv6Mask: [
    type.ipv6Mask,
    [
      ['0', '0'],
      ['128', '128'],
      ['129', undefined],
      ['ffc0::', '10'],
      ['ffff:ffff::', '32'],
      ['::', '0'],
      ['ff0f::', undefined],
    ],
  ],
  bool: [
    type.bool,
    [
      ['TRUE', 'true'],
      ['yes', 'true'],
      ['1', 'true'],
      ['No', 'false'],
      ['0', 'false'],
      ['2', undefined],
      ['', undefined],
    ],
  ],
  comment: [
    type.comment,
    [
      ['a', 'a'],
      ['', undefined],
      ['x'.repeat(256), 'x'.repeat(256)],
      ['x'.repeat(257), undefined],
      ['\u{1f512}'.repeat(256), '\u{1f512}'.repeat(256)],
      ['$(rm -rf /) `x` "\'\\ %n <&>', '$(rm -rf /) `x` "\'\\ %n <&>'],
      ['two\nlines', undefined],
      ['tab\there', undefined],
      ['esc\u001b[0m', undefined],
      ['line\u2028separator', undefined],
      ['\u0085', undefined],
      ['lone \ud800 surrogate', undefined],
      ['\ufffe', undefined],
    ],
  ],
  ipset: [
    type.ipset,
    [
      ['tck_test', 'tck_test'],
      ['a b', 'a b'],
      ['a '.trimEnd(), 'a'],
      ['a ', undefined],
      [' a', undefined],
      ['-a', undefined],
      ['x'.repeat(31), 'x'.repeat(31)],
      ['x'.repeat(32), undefined],
      ['a;b', undefined],
    ],
  ],
  ipsetFlags: [
    type.ipsetFlags,
    [
      ['SRC', 'src'],
      ['dst,src', 'dst,src'],
      ['src, dst', 'src,dst'],
      ['src,src,src,src,src,src', 'src,src,src,src,src,src'],
      ['src,src,src,src,src,src,src', undefined],
      ['src,', undefined],
      ['', undefined],
      ['both', undefined],
    ],
  ],
  state: [
    type.state,
    [
      ['new', 'NEW'],
      ['RELATED, NEW', 'NEW,RELATED'],
      ['NEW,NONE', 'NONE'],
      ['INVALID,ESTABLISHED,RELATED,NEW', 'NEW,ESTABLISHED,RELATED,INVALID'],
      ['NEW,NEW', 'NEW'],
      ['', undefined],
      ['OLD', undefined],
      ['NEW ESTABLISHED', undefined],
    ],
  ],
  tcpFlags: [
    type.tcpFlags,
    [
      ['SYN/SYN,ACK', 'SYN/SYN,ACK'],
      ['ack,syn/none', 'SYN,ACK/NONE'],
      ['ALL/NONE', 'ALL/NONE'],
      ['FIN,SYN,RST,PSH,ACK,URG/ALL', 'ALL/ALL'],
      ['PSH/', 'PSH/NONE'],
      ['/', 'NONE/NONE'],
      ['SYN', undefined],
      ['SYN/ACK/URG', undefined],
      ['ECE/ECE', undefined],
    ],
  ],
};

const patternTakes = ({ pattern }: Datatype, text: string) => new RegExp(`^(?:${pattern})$`, 'u').test(text);

describe.each(Object.entries(TABLES))('%s', (_name, [datatype, rows]) => {
  it.each(rows)('%j → %j', (text, canonical) => {
    expect(datatype.parse(text)).toBe(canonical);
  });

  it('canonical text is a fixed point', () => {
    fc.assert(fc.property(literalOf(datatype), (text) => datatype.parse(text) === text));
  });

  it('the schema pattern takes the same texts', () => {
    const inXml = (text: string) => !/[\p{Cs}\ufffe\uffff]/u.test(text);
    const tableTexts = rows.map(([text]) => text).filter(inXml);
    const mutated = fc
      .tuple(
        fc.oneof(literalOf(datatype), fc.constantFrom(...tableTexts)),
        fc.nat(),
        fc.string({ maxLength: 2 }),
      )
      .map(([text, at, insert]) => {
        const cut = at % (text.length + 1);
        return text.slice(0, cut) + insert + text.slice(cut + (at % 2));
      })
      .filter(inXml);
    const contiguityUnknown = datatype.name === 'IPv6 mask';
    const agrees = (text: string) => {
      const parsed = datatype.parse(text) !== undefined;
      const taken = patternTakes(datatype, text);
      return contiguityUnknown && text.includes(':') ? taken || !parsed : parsed === taken;
    };
    expect(tableTexts.filter((text) => !agrees(text))).toEqual([]);
    fc.assert(fc.property(mutated, agrees));
  });
});

it('every type in use has a table here', () => {
  const tested = new Set(Object.values(TABLES).map(([{ name }]) => name));
  const used = new Set(PROTOCOLS.flatMap(({ attributes }) => attributes.map((a) => a.type.name)));
  expect([...used].filter((name) => !tested.has(name))).toEqual([]);
});

describe('what the tools are given', () => {
  it.each([
    [type.etherType, 'arp', '0x0806'],
    [type.etherType, '0x0835', '0x0835'],
    [type.ipProtocol, 'tcp', '6'],
    [type.arpOpcode, 'Request', '1'],
  ] as const)('%o %s → %s', (datatype, canonical, kernel) => {
    expect(datatype.kernel?.(canonical)).toBe(kernel);
  });
});
