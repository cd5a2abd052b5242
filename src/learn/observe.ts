/**
 * What one frame tells of a guest's addresses. Pure. Frames are seen on the port: `out` is what the guest sent, `in` what
 * the rules have let through to it; the guest can write anything into the former, nothing into the latter.
 * Source: libvirt's nwfilter format, "automatic IP address detection"; RFC 826, RFC 2131, RFC 4861 §4.3, §4.4.
 */
import type { Learned, Lease, Wanted } from '../app/ports.js';
import { decodeArp } from '../packet/bodies.js';
import { decodeFrame, type Frame } from '../packet/frame.js';
import { checkIp, type IpPacket } from '../packet/ip.js';
import { u8, u16 } from '../packet/octets.js';
import { addressFromOctets } from '../protocols/addresses.js';
import { DHCP_TYPES, decodeDhcp, FOREVER } from './dhcp.js';

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

/** An ACK to the guest gives, its own RELEASE or DECLINE takes. */
function fromDhcp(wanted: Wanted, side: Side, frame: Frame, now: number): readonly Lease[] | undefined {
  const packet = packetIn(frame);
  const [client, server] = side === 'out' ? [0, 2] : [2, 0];
  if (packet?.version !== 4 || packet.protocol !== PROTOCOL.udp || packet.fragment !== undefined)
    return undefined;
  const udp = packet.octets.subarray(packet.transport);
  if (u16(udp, client) !== 68 || u16(udp, server) !== 67) return undefined;
  const message = decodeDhcp(udp.subarray(UDP_HEADER));
  if (!message || message.clientMac !== wanted.mac) return undefined;
  const { mac, leases } = wanted;
  const without = (address: string | undefined) => leases.filter((lease) => lease.address !== address);

  if (side === 'in') {
    const { op, type, yourAddress: address, leaseTime = FOREVER } = message;
    if (op !== 2 || type !== DHCP_TYPES.ack || address === undefined) return undefined;
    const from = addressFromOctets([...packet.source]) ?? '';
    if (wanted.servers.length > 0 && !wanted.servers.includes(from)) return undefined;
    const expires = leaseTime === FOREVER ? undefined : now + leaseTime * 1000;
    const lease: Lease = { mac, variable: 'IP', address, from: 'dhcp', expires };
    // A renewed lease keeps its place: the order of addresses is part of the rules.
    const at = leases.findIndex((known) => known.address === address);
    return at < 0 ? [...leases, lease] : leases.with(at, lease);
  }
  const gone = {
    [DHCP_TYPES.release]: message.clientAddress,
    [DHCP_TYPES.decline]: message.requestedAddress,
  }[message.type];
  const left = without(gone);
  return left.length === leases.length ? undefined : left;
}

function packetIn({ type, payload }: Frame): IpPacket | undefined {
  if (type === TYPE.ipv4) return checkIp(4, payload).packet;
  return type === TYPE.ipv6 ? checkIp(6, payload).packet : undefined;
}
