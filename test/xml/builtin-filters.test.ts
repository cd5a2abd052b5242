/** filters/*.xml: valid, whole, and what libvirt's filters of these names do. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Filter, referencesOf, rulesOf } from '../../src/model/filter.js';
import { readFilter } from '../../src/xml/nwfilter-read.js';

const directory = join(import.meta.dirname, '../../filters');
const names = readdirSync(directory).map((file) => file.replace(/\.xml$/, ''));
const text = (name: string) => readFileSync(join(directory, `${name}.xml`), 'utf8');
const filters = new Map(names.map((name) => [name, readFilter(text(name), { source: name })]));

/** One line per entry, in order. */
function lines(filter: Filter): readonly string[] {
  return filter.entries.map((entry) => {
    if (entry.kind === 'filterref') {
      return ['see', entry.filter, ...entry.parameters.map((p) => `${p.name}=${p.value}`)].join(' ');
    }
    const tests = entry.matches.map((m) => `${m.negated ? '!' : ''}${m.attribute}=${m.value}`);
    return [entry.action, entry.direction, entry.priority, entry.protocol ?? '', ...tests].join(' ').trim();
  });
}

it('are those that libvirt has, and three of the first sketch', () => {
  expect(names.sort()).toEqual(
    [
      'allow-arp allow-dhcp allow-dhcp-server allow-dhcpv6 allow-dhcpv6-server allow-incoming-ipv4',
      'allow-incoming-ipv6 allow-ipv4 allow-ipv6 clean-traffic clean-traffic-gateway demofilter demofilter2 drop-all',
      'no-arp-ip-spoofing no-arp-mac-spoofing no-arp-spoofing no-ip-multicast no-ip-spoofing no-ipv6-multicast',
      'no-ipv6-spoofing no-mac-broadcast no-mac-spoofing no-other-l2-traffic no-other-rarp-traffic',
      'qemu-announce-self qemu-announce-self-rarp',
    ]
      .join(' ')
      .split(' '),
  );
});

it('are named as their files, each with a uuid of its own and a comment at its head', () => {
  expect([...filters].filter(([name, filter]) => filter.name !== name)).toEqual([]);
  expect(new Set([...filters.values()].map(({ uuid }) => uuid)).size).toBe(names.length);
  expect([...filters.values()].filter(({ uuid }) => uuid?.[14] !== '4')).toEqual([]);
  expect(names.filter((name) => !/^<!-- [\s\S]{10,}? -->\n<filter /.test(text(name)))).toEqual([]);
});

it('refer only to each other', () => {
  const referred = [...filters.values()].flatMap((filter) => referencesOf(filter).map((ref) => ref.filter));
  expect(referred.filter((name) => !filters.has(name))).toEqual([]);
});

it('ask for no variables but the known ones', () => {
  const values = [...filters.values()].flatMap((f) =>
    rulesOf(f).flatMap((r) => r.matches.map((m) => m.value)),
  );
  const variables = new Set(values.filter((value) => value.startsWith('$')));
  expect([...variables].sort()).toEqual(['$DHCPSERVER', '$GATEWAY_MAC', '$IP', '$IPV6', '$MAC']);
});

describe('say what they should', () => {
  it.each([
    [
      'clean-traffic',
      'root 0',
      'see no-mac-spoofing',
      'see no-ip-spoofing',
      'accept out -650 mac protocolid=ipv4',
      'see allow-incoming-ipv4',
      'see no-arp-spoofing',
      'accept inout -500 mac protocolid=arp',
      'see no-other-l2-traffic',
      'see qemu-announce-self',
    ],
    [
      'clean-traffic-gateway',
      'root 0',
      'see no-mac-spoofing',
      'see no-ip-spoofing',
      'see no-arp-spoofing',
      'accept inout -500 mac protocolid=arp',
      'accept in 500 mac srcmacaddr=$GATEWAY_MAC',
      'accept out 500 mac dstmacaddr=$GATEWAY_MAC',
      'see no-other-l2-traffic',
      'see qemu-announce-self',
    ],
    ['no-mac-spoofing', 'mac -800', 'return out 500 mac srcmacaddr=$MAC', 'drop out 500 mac'],
    [
      'no-ip-spoofing',
      'ipv4-ip -710',
      'return out 100 ip srcipaddr=0.0.0.0 protocol=udp',
      'return out 500 ip srcipaddr=$IP',
      'drop out 1000',
    ],
    [
      'no-ipv6-spoofing',
      'ipv6-ip -610',
      'return out 100 ipv6 srcipaddr=fe80:: srcipmask=10 protocol=udp',
      'return out 500 ipv6 srcipaddr=$IPV6',
      'drop out 1000',
    ],
    ['no-arp-mac-spoofing', 'arp-mac -520', 'return out 350 arp arpsrcmacaddr=$MAC', 'drop out 1000'],
    ['no-arp-ip-spoofing', 'arp-ip -510', 'return out 400 arp arpsrcipaddr=$IP', 'drop out 1000'],
    [
      'allow-dhcp',
      'ipv4 -700',
      'accept out 100 ip srcipaddr=0.0.0.0 dstipaddr=255.255.255.255 protocol=udp srcportstart=68 dstportstart=67',
      'accept in 100 ip protocol=udp srcportstart=67 dstportstart=68',
    ],
    [
      'qemu-announce-self',
      'root 0',
      'accept out 500 mac protocolid=0x0835',
      'see qemu-announce-self-rarp',
      'see no-other-rarp-traffic',
    ],
    ['no-mac-broadcast', 'ipv4 -700', 'drop out 500 mac dstmacaddr=ff:ff:ff:ff:ff:ff'],
    ['no-ip-multicast', 'ipv4 -700', 'drop out 500 ip dstipaddr=224.0.0.0 dstipmask=4'],
    ['no-ipv6-multicast', 'ipv6 -600', 'drop out 500 ipv6 dstipaddr=ff00:: dstipmask=8'],
    ['no-other-rarp-traffic', 'rarp -400', 'drop inout 1000'],
    ['drop-all', 'root 0', 'drop inout 1000'],
    [
      'demofilter',
      'root 0',
      'see no-arp-spoofing',
      'see no-mac-spoofing',
      'see no-ip-spoofing',
      'see no-mac-broadcast',
      'see allow-dhcp-server DHCPSERVER=10.3.2.1',
      'see allow-arp',
      'see no-other-l2-traffic',
    ],
  ])('%s', (name, chain, ...expected) => {
    const filter = filters.get(name)!;
    expect(`${filter.chain} ${filter.priority}`).toBe(chain);
    expect(lines(filter)).toEqual(expected);
  });
});
