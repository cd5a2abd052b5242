/** DHCP messages as UDP payload (RFC 2131 §2, RFC 2132): `udp({ sport: 67, dport: 68, data: dhcp({…}) })`. */
import { addressOctets, macOctets } from './octets.js';
import { frame, ipv4, udp } from './packets.js';

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
