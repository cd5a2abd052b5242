import { describe, expect, it } from 'vitest';
import type { Lease, Wanted } from '../../src/app/ports.js';
import { observe, type Side } from '../../src/learn/observe.js';
import { answer, answer6, dhcp, dhcpv6, question, question6 } from '../support/dhcp.js';
import { arp, frame, icmpv6, ipv4, ipv6, raw, udp } from '../support/packets.js';

const MAC = '52:54:00:00:00:01';
const OTHER = '52:54:00:00:00:99';
const SERVER = { mac: '52:54:00:00:00:fe', ip: '10.0.0.1' };
const ROGUE = { mac: '52:54:00:00:00:fd', ip: '10.0.0.66' };
const NOW = 1_000_000;

const wants = (more: Partial<Wanted> = {}): Wanted => ({
  port: 'vnet0',
  mac: MAC,
  mode: 'any',
  variables: ['IP'],
  servers: [],
  leases: [],
  ...more,
});
const lease = (address: string, more: Partial<Lease> = {}): Lease => ({
  mac: MAC,
  variable: 'IP',
  address,
  from: 'dhcp',
  expires: undefined,
  ...more,
});
const hear = (wanted: Wanted, side: Side, hex: string) => observe(wanted, side, Buffer.from(hex, 'hex'), NOW);
const addresses = (leases: readonly Lease[] | undefined) =>
  leases?.map(({ variable, address }) => `${variable} ${address}`);

const hello = (src: string, from: string) =>
  frame({ src, dst: OTHER }, ipv4({ src: from, dst: '10.0.0.2' }, udp({ sport: 1, dport: 2 })));
const hello6 = (from: string) =>
  frame({ src: MAC, dst: OTHER }, ipv6({ src: from, dst: 'fd00::2' }, udp({ sport: 1, dport: 2 })));
const neighbour = (type: number, from: string, target: string) => {
  const octets = [type, 0, 0, 0, 0, 0, 0, 0];
  const address = target
    .split(':')
    .flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 255]);
  return frame(
    { src: MAC, dst: OTHER },
    ipv6({ src: from, dst: 'ff02::1' }, raw(58, Buffer.from([...octets, ...address]))),
  );
};
const who = (src: string, srcIp: string) =>
  frame({ src, dst: 'ff:ff:ff:ff:ff:ff' }, arp({ srcMac: src, srcIp, dstIp: '10.0.0.2' }));

describe('from packets', () => {
  it('takes the first IPv4 address of an IP packet or of ARP', () => {
    expect(hear(wants(), 'out', hello(MAC, '10.0.0.5'))).toEqual([lease('10.0.0.5', { from: 'any' })]);
    expect(addresses(hear(wants(), 'out', who(MAC, '10.0.0.6')))).toEqual(['IP 10.0.0.6']);
  });

  it.each([
    ['of another sender', hello(OTHER, '10.0.0.5')],
    ['without address (DHCP)', question({ type: 1, mac: MAC })],
    ['an ARP probe', who(MAC, '0.0.0.0')],
    ['of a multicast address', hello(MAC, '224.0.0.1')],
    ['of the loopback', hello(MAC, '127.0.0.1')],
    ['of class E', hello(MAC, '240.0.0.1')],
    ['of IPv6 where IPv4 is wanted', hello6('fd00::5')],
    ['cut off', hello(MAC, '10.0.0.5').slice(0, 50)],
    ['shorter than a header', '5254'],
  ])('learns nothing from a frame %s', (_, hex) => {
    expect(hear(wants(), 'out', hex)).toBeUndefined();
  });

  it('learns nothing from what others send to the guest, and nothing twice', () => {
    expect(hear(wants(), 'in', hello(MAC, '10.0.0.5'))).toBeUndefined();
    const known = wants({ leases: [lease('10.0.0.5', { from: 'any' })] });
    expect(hear(known, 'out', hello(MAC, '10.0.0.6'))).toBeUndefined();
  });

  it('takes an IPv6 address that is not link-local, from packets and from neighbour discovery', () => {
    const six = wants({ variables: ['IP', 'IPV6'] });
    expect(addresses(hear(six, 'out', hello6('fd00::5')))).toEqual(['IPV6 fd00::5']);
    expect(hear(six, 'out', hello6('fe80::5'))).toBeUndefined();
    const dad = neighbour(135, '::', 'fd00:0:0:0:0:0:0:7');
    expect(addresses(hear(six, 'out', dad))).toEqual(['IPV6 fd00::7']);
    // Asking for somebody else's address says nothing of one's own, but for the source.
    expect(addresses(hear(six, 'out', neighbour(135, 'fd00::5', 'fd00:0:0:0:0:0:0:7')))).toEqual([
      'IPV6 fd00::5',
    ]);
    expect(addresses(hear(six, 'out', neighbour(136, 'fe80::1', 'fd00:0:0:0:0:0:0:8')))).toEqual([
      'IPV6 fd00::8',
    ]);
    expect(
      hear(
        six,
        'out',
        frame({ src: MAC, dst: OTHER }, ipv6({ src: '::', dst: 'ff02::2' }, icmpv6({ type: 133 }))),
      ),
    ).toBeUndefined();
  });
});

describe('from DHCP', () => {
  const trusting = wants({ mode: 'dhcp', servers: [SERVER.ip] });
  const ack = { type: 5, mac: MAC, your: '10.0.0.5', lease: 60 };

  it('takes what a trusted server acknowledges, until it ends', () => {
    expect(hear(trusting, 'in', answer(SERVER, ack))).toEqual([lease('10.0.0.5', { expires: NOW + 60_000 })]);
    expect(hear(trusting, 'in', answer(SERVER, ack, 'ff:ff:ff:ff:ff:ff'))).toHaveLength(1);
    expect(hear(trusting, 'in', answer(SERVER, { ...ack, lease: 0xffffffff }))).toEqual([lease('10.0.0.5')]);
  });

  it('trusts every server where none is named', () => {
    expect(hear(wants({ mode: 'dhcp' }), 'in', answer(ROGUE, ack))).toHaveLength(1);
  });

  it.each([
    ['another server', 'in', answer(ROGUE, ack)],
    ['another server that claims to be the trusted one', 'in', answer(ROGUE, { ...ack, server: SERVER.ip })],
    ['the guest itself', 'out', answer({ ...SERVER, mac: MAC }, ack)],
    ['an offer', 'in', answer(SERVER, { ...ack, type: 2 })],
    ['a refusal', 'in', answer(SERVER, { ...ack, type: 6 })],
    ['an answer to another guest', 'in', answer(SERVER, { ...ack, mac: OTHER }, 'ff:ff:ff:ff:ff:ff')],
    ['an answer to a question for settings', 'in', answer(SERVER, { type: 5, mac: MAC })],
    ['any other packet', 'out', hello(MAC, '10.0.0.5')],
    ['a message that is cut off', 'in', answer(SERVER, ack).slice(0, 300)],
  ] as const)('learns nothing from %s', (_, side, hex) => {
    expect(hear(trusting, side, hex)).toBeUndefined();
  });

  it('keeps several addresses in their order, and renews one in its place', () => {
    const known = {
      ...trusting,
      leases: [lease('10.0.0.5', { expires: 1 }), lease('10.0.0.6', { expires: 2 })],
    };
    expect(hear(known, 'in', answer(SERVER, ack))).toEqual([
      lease('10.0.0.5', { expires: NOW + 60_000 }),
      lease('10.0.0.6', { expires: 2 }),
    ]);
    expect(addresses(hear(known, 'in', answer(SERVER, { ...ack, your: '10.0.0.7' })))).toEqual([
      'IP 10.0.0.5',
      'IP 10.0.0.6',
      'IP 10.0.0.7',
    ]);
  });

  it('gives up what the guest releases or declines, and only that', () => {
    const known = { ...trusting, leases: [lease('10.0.0.5'), lease('10.0.0.6')] };
    const release = { type: 7, mac: MAC, client: '10.0.0.5' };
    expect(addresses(hear(known, 'out', question(release, '10.0.0.5')))).toEqual(['IP 10.0.0.6']);
    expect(addresses(hear(known, 'out', question({ type: 4, mac: MAC, requested: '10.0.0.6' })))).toEqual([
      'IP 10.0.0.5',
    ]);
    expect(hear(known, 'out', question({ ...release, client: '10.0.0.9' }, '10.0.0.9'))).toBeUndefined();
    expect(hear(known, 'out', question(release, '10.0.0.5', OTHER))).toBeUndefined();
    expect(hear(known, 'in', question(release, '10.0.0.5'))).toBeUndefined();
  });

  it('is not confused by options that lie about their length', () => {
    const whole = dhcp({ ...ack, server: SERVER.ip });
    for (let at = 240; at < whole.length; at += 1) {
      const broken = Buffer.from(whole);
      broken[at] = 0xfe;
      const hex = frame(
        { src: SERVER.mac, dst: MAC },
        ipv4({ src: SERVER.ip, dst: '10.0.0.5' }, udp({ sport: 67, dport: 68, data: broken })),
      );
      expect(hear(trusting, 'in', hex)?.length ?? 0).toBeLessThanOrEqual(1);
    }
  });
});

describe('from DHCPv6', () => {
  const server = { mac: SERVER.mac, ip6: 'fe80::1' };
  const rogue = { mac: ROGUE.mac, ip6: 'fe80::66' };
  const trusting = wants({ mode: 'dhcp', variables: ['IPV6'], servers: ['10.0.0.1', 'fe80::1'] });
  const six = (address: string, expires?: number) => lease(address, { variable: 'IPV6', expires });
  const reply = { type: 7, addresses: [['fd00::5', 60]] } as const;

  it('takes every address of a reply, until it ends', () => {
    expect(hear(trusting, 'in', answer6(server, reply, MAC))).toEqual([six('fd00::5', NOW + 60_000)]);
    const two = {
      type: 7,
      association: 4,
      addresses: [
        ['fd00::5', 0xffffffff],
        ['fd00::6', 1],
      ],
    } as const;
    expect(hear(trusting, 'in', answer6(server, two, MAC))).toEqual([
      six('fd00::5'),
      six('fd00::6', NOW + 1000),
    ]);
  });

  it('trusts every server where none of IPv6 is named', () => {
    const wanted = { ...trusting, servers: ['10.0.0.1'] };
    expect(hear(wanted, 'in', answer6(rogue, reply, MAC))).toHaveLength(1);
  });

  it.each([
    ['another server', 'in', answer6(rogue, reply, MAC)],
    ['the guest itself', 'out', answer6({ ...server, mac: MAC }, reply, MAC)],
    ['an offer', 'in', answer6(server, { ...reply, type: 2 }, MAC)],
    ['an answer to another guest', 'in', answer6(server, reply, OTHER)],
    ['an answer without address', 'in', answer6(server, { type: 7 }, MAC)],
    ['a question', 'out', question6(MAC, { type: 3, addresses: [['fd00::5', 0]] })],
    ['a message that is cut off', 'in', answer6(server, reply, MAC).slice(0, 130)],
    [
      'DHCP of IPv4, which is not wanted',
      'in',
      answer(SERVER, { type: 5, mac: MAC, your: '10.0.0.5', lease: 60 }),
    ],
  ] as const)('learns nothing from %s', (_, side, hex) => {
    expect(hear(trusting, side, hex)).toBeUndefined();
  });

  it('gives up what the guest releases or declines, and what a server ends', () => {
    const known = { ...trusting, leases: [six('fd00::5'), six('fd00::6')] };
    for (const type of [8, 9]) {
      expect(addresses(hear(known, 'out', question6(MAC, { type, addresses: [['fd00::5', 0]] })))).toEqual([
        'IPV6 fd00::6',
      ]);
    }
    const ended = {
      type: 7,
      addresses: [
        ['fd00::6', 0],
        ['fd00::5', 60],
      ],
    } as const;
    expect(hear(known, 'in', answer6(server, ended, MAC))).toEqual([six('fd00::5', NOW + 60_000)]);
    expect(hear(known, 'out', question6(OTHER, { type: 8, addresses: [['fd00::5', 0]] }))).toBeUndefined();
  });

  it('is not confused by options that lie about their length', () => {
    const whole = dhcpv6(reply);
    for (let at = 4; at < whole.length; at += 1) {
      const broken = Buffer.from(whole);
      broken[at] = 0xfe;
      const segment = udp({ sport: 547, dport: 546, data: broken });
      const hex = frame({ src: server.mac, dst: MAC }, ipv6({ src: 'fe80::1', dst: 'fe80::5' }, segment));
      expect(hear(trusting, 'in', hex)?.length ?? 0).toBeLessThanOrEqual(1);
    }
  });
});
