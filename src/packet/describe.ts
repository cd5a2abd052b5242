/** A frame in one line, for people: as near to what `readFrame` takes as its content allows. */
import { addressFromOctets } from '../protocols/addresses.js';
import { ARP_OPCODES, ETHERTYPES, IP_PROTOCOLS } from '../protocols/datatypes.js';
import { decodeArp, decodeStp, STP_CONFIG, STP_HEADER } from './bodies.js';
import { TCP_FLAGS } from './conntrack.js';
import { FIRST_TYPE, type Frame } from './frame.js';
import { checkIp, IP_TYPES, type IpPacket } from './ip.js';
import { u8, u16 } from './octets.js';

const nameOf = (names: Readonly<Record<string, number>>, value: number) =>
  Object.entries(names).find(([, number]) => number === value)?.[0];

const PORTS = new Set<string | undefined>(['tcp', 'udp', 'udplite', 'sctp']);

/** `tcp 10.0.0.5:1234 > 10.0.0.9:25 syn`; a frame whose inside cannot be read is told by its type. */
export function describeFrame(frame: Frame): string {
  if (frame.tag !== undefined) {
    const inner: Frame = { ...frame, type: frame.tag.encapsulated, tag: undefined };
    return `vlan ${frame.tag.id} ${describeFrame(inner)}`;
  }
  return (
    bodyOf(frame) ??
    `eth 0x${frame.type.toString(16).padStart(4, '0')} ${frame.source} > ${frame.destination}`
  );
}

function bodyOf(frame: Frame): string | undefined {
  const version = IP_TYPES.get(frame.type);
  const packet = version === undefined ? undefined : checkIp(version, frame.payload).packet;
  if (packet !== undefined) return packetText(packet);
  if (frame.type === ETHERTYPES.arp || frame.type === ETHERTYPES.rarp) return arpText(frame);
  if (frame.type >= FIRST_TYPE || decodeStp(frame.payload) === undefined) return undefined;
  const type = u8(frame.payload, STP_HEADER.length) ?? STP_CONFIG;
  return `stp ${type === STP_CONFIG ? 'config' : type} src-mac ${frame.source}`;
}

function packetText(packet: IpPacket): string {
  const { protocol, octets, transport, fragment } = packet;
  const [source, destination] = [addressOf(packet.source), addressOf(packet.destination)];
  const name = protocol === undefined ? undefined : nameOf(IP_PROTOCOLS, protocol);
  if (fragment !== undefined) {
    return `ip ${name ?? protocol ?? 'unknown'} ${source} > ${destination} fragment ${fragment}`;
  }
  const [from, to] = [u16(octets, transport), u16(octets, transport + 2)];
  if (PORTS.has(name) && from !== undefined && to !== undefined) {
    const end = (address: string, port: number) =>
      address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
    const flags = name === 'tcp' ? flagsOf(u8(octets, transport + 13) ?? 0) : '';
    return `${name} ${end(source, from)} > ${end(destination, to)}${flags}`;
  }
  const [type, code] = [u8(octets, transport), u8(octets, transport + 1)];
  if (name?.startsWith('icmp') && type !== undefined && code !== undefined)
    return `icmp ${type}${code === 0 ? '' : `/${code}`} ${source} > ${destination}`;
  return `ip ${name ?? protocol ?? 'unknown'} ${source} > ${destination}`;
}

const addressOf = (octets: Uint8Array) => addressFromOctets([...octets]) ?? '';

function flagsOf(octet: number): string {
  const set = Object.entries(TCP_FLAGS).filter(([, bit]) => (octet & bit) !== 0);
  return set.length === 0 ? ' none' : set.map(([name]) => ` ${name.toLowerCase()}`).join('');
}

function arpText({ type, payload }: Frame): string | undefined {
  const arp = decodeArp(payload);
  if (arp?.sourceIp === undefined || arp.targetIp === undefined) return undefined;
  const kind = type === ETHERTYPES.arp ? 'arp' : 'rarp';
  const opcode = nameOf(ARP_OPCODES, arp.opcode)?.toLowerCase() ?? arp.opcode;
  const end = (ip: Uint8Array, mac: string | undefined) => [addressOf(ip), mac].join(' ').trimEnd();
  return `${kind} ${opcode} ${end(arp.sourceIp, arp.sourceMac)} > ${end(arp.targetIp, arp.targetMac)}`;
}
