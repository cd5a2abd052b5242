/** DHCP messages as UDP payload (RFC 2131 §2, RFC 2132): `udp({ sport: 67, dport: 68, data: dhcp({…}) })`. */
import { addressOctets, macOctets } from './octets.js';
import { frame, ipv4, ipv6, udp } from './packets.js';

export interface DhcpOptions {
  /** Discover 1, offer 2, request 3, decline 4, ack 5, nak 6, release 7, inform 8. */
  readonly type: number;
  readonly mac: string;
  readonly client?: string;
  readonly your?: string;
  readonly requested?: string;
  readonly server?: string;
  /** Seconds. */
  readonly lease?: number;
}

/** A reply where the type is one of a server's. */
export function dhcp(options: DhcpOptions): Buffer {
  const { type, mac, client = '0.0.0.0', your = '0.0.0.0', requested, server, lease } = options;
  const head = Buffer.alloc(236);
  head.set([[2, 5, 6].includes(type) ? 2 : 1, 1, 6, 0]);
  head.writeUInt32BE(0x12345678, 4);
  head.set(addressOctets(client), 12);
  head.set(addressOctets(your), 16);
  head.set(macOctets(mac), 28);
  const seconds = Buffer.alloc(4);
  seconds.writeUInt32BE(lease ?? 0);
  return Buffer.concat([
    head,
    Buffer.from([0x63, 0x82, 0x53, 0x63, 53, 1, type, 0]),
    option(50, requested && addressOctets(requested)),
    option(51, lease === undefined ? undefined : seconds),
    option(54, server && addressOctets(server)),
    Buffer.from([255]),
  ]);
}

function option(code: number, value: Uint8Array | '' | undefined): Buffer {
  return value ? Buffer.concat([Buffer.from([code, value.length]), value]) : Buffer.alloc(0);
}

const BROADCAST = 'ff:ff:ff:ff:ff:ff';

export interface Server {
  readonly mac: string;
  readonly ip: string;
}

/** A server's answer to the guest, as a frame. */
export function answer(server: Server, message: DhcpOptions, to = message.mac): string {
  const data = dhcp({ server: server.ip, ...message });
  const dst = message.your ?? '255.255.255.255';
  return frame(
    { src: server.mac, dst: to },
    ipv4({ src: server.ip, dst }, udp({ sport: 67, dport: 68, data })),
  );
}

/** What the guest says, as a frame. */
export function question(message: DhcpOptions, from = '0.0.0.0', src = message.mac): string {
  const ip = ipv4({ src: from, dst: '255.255.255.255' }, udp({ sport: 68, dport: 67, data: dhcp(message) }));
  return frame({ src, dst: BROADCAST }, ip);
}

export interface Dhcpv6Options {
  /** Solicit 1, advertise 2, request 3, renew 5, reply 7, release 8, decline 9. */
  readonly type: number;
  /** With the seconds each is valid. */
  readonly addresses?: readonly (readonly [address: string, valid: number])[];
  /** 3 for lasting addresses, 4 for temporary ones. */
  readonly association?: 3 | 4;
}

/** A message of DHCPv6 as UDP payload (RFC 8415 §8, §21.2 to §21.6), with a client identifier in front. */
export function dhcpv6({ type, addresses = [], association = 3 }: Dhcpv6Options): Buffer {
  const each = addresses.map(([address, valid]) => {
    const times = Buffer.alloc(8);
    times.writeUInt32BE(valid, 4);
    return option6(5, Buffer.concat([addressOctets(address), times]));
  });
  const head = Buffer.alloc(association === 3 ? 12 : 4);
  return Buffer.concat([
    Buffer.from([type, 1, 2, 3]),
    option6(1, Buffer.from([0, 3, 0, 1, 2, 0, 0, 0, 0, 9])),
    ...(each.length > 0 ? [option6(association, Buffer.concat([head, ...each]))] : []),
  ]);
}

function option6(code: number, value: Uint8Array): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt16BE(code);
  head.writeUInt16BE(value.length, 2);
  return Buffer.concat([head, value]);
}

/** A server's answer to the guest at its link-local address, as a frame. */
export function answer6(
  server: { readonly mac: string; readonly ip6: string },
  message: Dhcpv6Options,
  to: string,
): string {
  return frame(
    { src: server.mac, dst: to },
    ipv6({ src: server.ip6, dst: 'fe80::5' }, udp({ sport: 547, dport: 546, data: dhcpv6(message) })),
  );
}

/** What the guest says to all servers, as a frame. */
export function question6(mac: string, message: Dhcpv6Options, from = 'fe80::5'): string {
  return frame(
    { src: mac, dst: '33:33:00:01:00:02' },
    ipv6({ src: from, dst: 'ff02::1:2' }, udp({ sport: 546, dport: 547, data: dhcpv6(message) })),
  );
}
