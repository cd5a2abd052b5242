/** What Ethernet carries besides IP: ARP and RARP (RFC 826, RFC 903), and bridge protocol data units (IEEE 802.1D §9). */
import { macText, part, u8, u16, u32 } from './octets.js';

/** Fields that are not there, or cannot be where the rules look for them, are undefined. */
export interface Arp {
  readonly hardware: number;
  readonly protocol: number;
  readonly opcode: number;
  /** Addresses of IPv4 only. */
  readonly sourceIp: Uint8Array | undefined;
  readonly targetIp: Uint8Array | undefined;
  /** Addresses of Ethernet only. */
  readonly sourceMac: string | undefined;
  readonly targetMac: string | undefined;
}

const ETHERNET = 1;
const IPV4 = 0x0800;

/** Undefined for less than the eight octets that all of them have. */
export function decodeArp(octets: Uint8Array): Arp | undefined {
  const [hardware, protocol, opcode] = [u16(octets, 0), u16(octets, 2), u16(octets, 6)];
  const [hardwareLength, protocolLength] = [u8(octets, 4), u8(octets, 5)];
  if (hardware === undefined || protocol === undefined || opcode === undefined) return undefined;
  if (hardwareLength === undefined || protocolLength === undefined) return undefined;
  const [source, target] = [8, 8 + hardwareLength + protocolLength];
  const isIp = protocol === IPV4 && protocolLength === 4;
  const isEthernet = hardware === ETHERNET && hardwareLength === 6;
  const ip = (at: number) => (isIp ? part(octets, at + hardwareLength, 4) : undefined);
  const mac = (at: number) => {
    const found = isEthernet ? part(octets, at, 6) : undefined;
    return found && macText(found);
  };
  return {
    hardware,
    protocol,
    opcode,
    sourceIp: ip(source),
    targetIp: ip(target),
    sourceMac: mac(source),
    targetMac: mac(target),
  };
}

/** Fields of a configuration message. Numbers as they stand. */
export interface StpConfig {
  readonly flags: number;
  readonly rootPriority: number;
  readonly rootAddress: string;
  readonly rootCost: number;
  readonly senderPriority: number;
  readonly senderAddress: string;
  readonly port: number;
  readonly messageAge: number;
  readonly maxAge: number;
  readonly helloTime: number;
  readonly forwardDelay: number;
}

/** A BPDU as ebtables reads it. */
export interface Stp {
  readonly type: number;
  /** Undefined where it is cut off. */
  readonly config: StpConfig | undefined;
}

/** LLC header of STP, protocol identifier 0 and version 0: ebtables takes nothing else for STP. */
export const STP_HEADER = [0x42, 0x42, 0x03, 0, 0, 0] as const;
export const STP_CONFIG = 0;
const CONFIG_LENGTH = 31;

/**
 * Linux' ebt_stp counts one octet for the protocol identifier, which has two, so that it looks for every field one octet
 * before it: the version is its type, the type its flags, and so on (measured on 6.18: docs/explain.md). What it reads is
 * what rules match.
 */
export function decodeStp(octets: Uint8Array): Stp | undefined {
  if (STP_HEADER.some((octet, at) => octets[at] !== octet)) return undefined;
  const body = part(octets, STP_HEADER.length, CONFIG_LENGTH);
  return { type: STP_CONFIG, config: body && configOf(body) };
}

function configOf(body: Uint8Array): StpConfig {
  const number = (at: number) => u16(body, at) ?? 0;
  return {
    flags: u8(body, 0) ?? 0,
    rootPriority: number(1),
    rootAddress: macText(body.subarray(3, 9)),
    rootCost: u32(body, 9) ?? 0,
    senderPriority: number(13),
    senderAddress: macText(body.subarray(15, 21)),
    port: number(21),
    messageAge: number(23),
    maxAge: number(25),
    helloTime: number(27),
    forwardDelay: number(29),
  };
}
