/**
 * What one frame tells of a guest's addresses. Pure. Frames are seen on the port: `out` is what the guest sent, `in` what
 * the rules have let through to it; the guest can write anything into the former, nothing into the latter.
 * Source: libvirt's nwfilter format, "automatic IP address detection"; RFC 826, RFC 2131, RFC 8415, RFC 4861 §4.3, §4.4.
 */
import type { Learned, Lease, Wanted } from '../app/ports.js';
import { decodeArp } from '../packet/bodies.js';
import { decodeFrame, type Frame } from '../packet/frame.js';
import { checkIp, type IpPacket } from '../packet/ip.js';
import { u8, u16 } from '../packet/octets.js';
import { addressFromOctets } from '../protocols/addresses.js';
import { DHCP_TYPES, decodeDhcp, FOREVER } from './dhcp.js';
import { DHCPV6_TYPES, decodeDhcpv6 } from './dhcpv6.js';

export type Side = 'in' | 'out';

const TYPE = { arp: 0x0806, ipv4: 0x0800, ipv6: 0x86dd } as const;
const PROTOCOL = { udp: 17, icmpv6: 58 } as const;
const UDP_HEADER = 8;
const MIN_FRAME = 14;

/** All leases of the guest after the frame; undefined when it tells nothing new. `now` in milliseconds since 1970. */
export function observe(
  wanted: Wanted,
  side: Side,
  octets: Uint8Array,
  now: number,
): readonly Lease[] | undefined {
  if (octets.length < MIN_FRAME) return undefined;
  const frame = decodeFrame(octets);
  if (side === 'out' && frame.source !== wanted.mac) return undefined;
  return wanted.mode === 'any' ? fromPacket(wanted, side, frame) : fromDhcp(wanted, side, frame, now);
}

/** The first address of each kind that the guest uses. */
function fromPacket(wanted: Wanted, side: Side, frame: Frame): readonly Lease[] | undefined {
  if (side === 'in') return undefined;
  const found = addressIn(frame);
  if (!found || !wanted.variables.includes(found.variable)) return undefined;
  if (wanted.leases.some(({ variable, from }) => variable === found.variable && from === 'any'))
    return undefined;
  return [...wanted.leases, { mac: wanted.mac, ...found, from: 'any', expires: undefined }];
}

function addressIn(frame: Frame): { variable: Learned; address: string } | undefined {
  const source = frame.type === TYPE.arp ? decodeArp(frame.payload)?.sourceIp : undefined;
  if (frame.type === TYPE.arp) return usable('IP', source);
  const packet = packetIn(frame);
  if (packet?.version === 4) return usable('IP', packet.source);
  return packet && (usable('IPV6', announced(packet)) ?? usable('IPV6', packet.source));
}

/** The address a guest asks the others about before it uses it, or tells them of. */
function announced({ protocol, octets, transport }: IpPacket): Uint8Array | undefined {
  const [SOLICITATION, ADVERTISEMENT] = [135, 136];
  if (protocol !== PROTOCOL.icmpv6) return undefined;
  const type = u8(octets, transport);
  const unspecified = octets.subarray(8, 24).every((octet) => octet === 0);
  const isOwn = type === ADVERTISEMENT || (type === SOLICITATION && unspecified);
  return isOwn ? octets.subarray(transport + 8, transport + 24) : undefined;
}

/** Neither unspecified, loopback, multicast nor reserved; of IPv6 no link-local one, which every interface has besides. */
function usable(variable: Learned, octets: Uint8Array | undefined) {
  const [first, second = 0] = octets ?? [];
  if (octets === undefined || first === undefined || octets.every((octet) => octet === 0)) return undefined;
  if (octets.length !== (variable === 'IP' ? 4 : 16)) return undefined;
  const bad =
    variable === 'IP'
      ? first === 127 || first === 0 || first >= 224
      : first === 0 || first === 0xff || (first === 0xfe && second >> 6 === 2);
  const address = bad ? undefined : addressFromOctets([...octets]);
  return address === undefined ? undefined : { variable, address };
}

/** What a message of DHCP says of the guest's addresses. */
interface News {
  readonly given: readonly { readonly address: string; readonly seconds: number }[];
  readonly gone: readonly string[];
}

/** Client's and server's port. */
const PORTS = { 4: [68, 67], 6: [546, 547] } as const;
const VARIABLES = { 4: 'IP', 6: 'IPV6' } as const;
const NEWS = { 4: newsOfDhcp, 6: newsOfDhcpv6 } as const;

/** What a server gives the guest is added, what the guest gives back is taken away. */
function fromDhcp(wanted: Wanted, side: Side, frame: Frame, now: number): readonly Lease[] | undefined {
  const packet = packetIn(frame);
  if (packet?.protocol !== PROTOCOL.udp || packet.fragment !== undefined) return undefined;
  const variable = VARIABLES[packet.version];
  if (!wanted.variables.includes(variable)) return undefined;
  const udp = packet.octets.subarray(packet.transport);
  const ports = [u16(udp, 0), u16(udp, 2)];
  const [client, server] = side === 'out' ? ports : ports.toReversed();
  if (client !== PORTS[packet.version][0] || server !== PORTS[packet.version][1]) return undefined;
  if (side === 'in' && !isTrusted(addressFromOctets([...packet.source]) ?? '', wanted.servers))
    return undefined;

  const news = NEWS[packet.version](udp.subarray(UDP_HEADER), side, wanted.mac, frame);
  if (!news) return undefined;
  let leases = wanted.leases.filter(({ address }) => !news.gone.includes(address));
  for (const { address, seconds } of news.given) {
    const expires = seconds === FOREVER ? undefined : now + seconds * 1000;
    const lease: Lease = { mac: wanted.mac, variable, address, from: 'dhcp', expires };
    // A renewed lease keeps its place: the order of addresses is part of the rules.
    const at = leases.findIndex((known) => known.address === address);
    leases = at < 0 ? [...leases, lease] : leases.with(at, lease);
  }
  return news.given.length === 0 && leases.length === wanted.leases.length ? undefined : leases;
}

/** Where servers of its family are named, one of them. */
function isTrusted(address: string, servers: readonly string[]): boolean {
  const same = servers.filter((server) => server.includes(':') === address.includes(':'));
  return same.length === 0 || same.includes(address);
}

/** An ACK to the guest gives, its own RELEASE or DECLINE takes. */
function newsOfDhcp(octets: Uint8Array, side: Side, mac: string): News | undefined {
  const message = decodeDhcp(octets);
  if (message?.clientMac !== mac) return undefined;
  const { op, type, yourAddress: address, leaseTime: seconds = FOREVER } = message;
  if (side === 'in') {
    const isAck = op === 2 && type === DHCP_TYPES.ack && address !== undefined;
    return isAck ? { given: [{ address, seconds }], gone: [] } : undefined;
  }
  const gone = {
    [DHCP_TYPES.release]: message.clientAddress,
    [DHCP_TYPES.decline]: message.requestedAddress,
  }[type];
  return gone === undefined ? undefined : { given: [], gone: [gone] };
}

/** A REPLY to the guest gives, or takes what is valid no more; so do its own RELEASE and DECLINE. It has no MAC address in it: the frame's counts. */
function newsOfDhcpv6(octets: Uint8Array, side: Side, mac: string, frame: Frame): News | undefined {
  const message = decodeDhcpv6(octets);
  if (!message) return undefined;
  const { type, addresses } = message;
  const named = addresses.map(({ address }) => address);
  if (side === 'out') {
    const gives = type === DHCPV6_TYPES.release || type === DHCPV6_TYPES.decline;
    return gives ? { given: [], gone: named } : undefined;
  }
  if (type !== DHCPV6_TYPES.reply || frame.destination !== mac) return undefined;
  return {
    given: addresses.flatMap(({ address, valid }) => (valid === 0 ? [] : [{ address, seconds: valid }])),
    gone: addresses.flatMap(({ address, valid }) => (valid === 0 ? [address] : [])),
  };
}

function packetIn({ type, payload }: Frame): IpPacket | undefined {
  if (type === TYPE.ipv4) return checkIp(4, payload).packet;
  return type === TYPE.ipv6 ? checkIp(6, payload).packet : undefined;
}
