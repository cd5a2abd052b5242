import { describe, expect, it } from 'vitest';
import { addressOctets } from './octets.js';
import {
  arp,
  checksum,
  ETHERTYPE,
  frame,
  icmp,
  icmpv6,
  ipv4,
  ipv6,
  type Packet,
  tcp,
  udp,
} from './packets.js';

const SRC = '52:54:00:00:00:01';
const DST = '52:54:00:00:00:02';
const hex = ({ bytes }: Packet) => bytes.toString('hex');

describe('frames', () => {
  it('have addresses, tag and type in their places', () => {
    const packet = { type: ETHERTYPE.ipv4, bytes: Buffer.from('aabb', 'hex') };
    expect(frame({ src: SRC, dst: DST }, packet)).toBe(`5254000000025254000000010800aabb`);
    expect(frame({ src: SRC, dst: DST, vlan: 10 }, packet)).toBe(`5254000000025254000000018100000a0800aabb`);
  });

  it('carry ARP', () => {
    expect(hex(arp({ srcMac: SRC, srcIp: '10.0.0.1', dstIp: '10.0.0.2' }))).toBe(
      '00010800060400015254000000010a0000010000000000000a000002',
    );
  });
});

describe('checksums', () => {
  it('are those of RFC 1071 and of a captured header', () => {
    expect(checksum(Buffer.from('0001f203f4f5f6f7', 'hex'))).toBe(0x220d);
    expect(checksum(Buffer.from('45000073000040004011' + '0000' + 'c0a80001c0a800c7', 'hex'))).toBe(0xb861);
  });

  it.each([
    ['tcp', tcp({ sport: 1, dport: 2, data: 'odd' })],
    ['udp', udp({ sport: 1, dport: 2, data: 'odd' })],
    ['icmpv6', icmpv6({ type: 128, data: 'odd' })],
  ])('of %s cover the pseudo header: the sum over both is zero', (_name, segment) => {
    const v4 = ipv4({ src: '10.0.0.1', dst: '10.0.0.2' }, segment).bytes;
    const pseudo4 = [v4.subarray(12, 20), Buffer.from([0, segment.protocol]), length(v4.length - 20)];
    expect(checksum(Buffer.concat([...pseudo4, v4.subarray(20)]))).toBe(0);
    expect(checksum(v4.subarray(0, 20))).toBe(0);
    const v6 = ipv6({ src: 'fd00::1', dst: 'fd00::2' }, segment).bytes;
    const pseudo6 = [v6.subarray(8, 40), Buffer.from([0, 0]), length(v6.length - 40), Buffer.from([0, 0, 0])];
    expect(checksum(Buffer.concat([...pseudo6, Buffer.from([segment.protocol]), v6.subarray(40)]))).toBe(0);
    expect(v6.readUInt16BE(4)).toBe(v6.length - 40);
  });

  it('of ICMP covers the message alone', () => {
    const packet = ipv4({ src: '10.0.0.1', dst: '10.0.0.2' }, icmp({ type: 8 })).bytes;
    expect(checksum(packet.subarray(20))).toBe(0);
    expect(packet.subarray(20).toString('hex')).toBe('0800f7fd00010001');
  });
});

describe('addresses', () => {
  it.each([
    ['10.0.0.255', '0a0000ff'],
    ['fd00::1', `fd00${'00'.repeat(13)}01`],
    ['::', '00'.repeat(16)],
    ['1:2:3:4:5:6:7:8', '00010002000300040005000600070008'],
    ['::ffff:10.0.0.1', `${'00'.repeat(10)}ffff0a000001`],
  ])('%s', (address, octets) => expect(addressOctets(address).toString('hex')).toBe(octets));
});

function length(value: number): Buffer {
  return Buffer.from([value >> 8, value & 0xff]);
}
