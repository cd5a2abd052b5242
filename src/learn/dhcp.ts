/** DHCP messages as far as leases are concerned. Source: RFC 2131 §2 (fields), RFC 2132 §9 (options). */
import { macText, part, u8, u32 } from '../packet/octets.js';
import { addressFromOctets } from '../protocols/addresses.js';

export interface DhcpMessage {
  /** BOOTREQUEST 1, BOOTREPLY 2. */
  readonly op: number;
  /** DHCP message type (option 53). */
  readonly type: number;
  readonly clientMac: string;
  /** Undefined where the field is 0.0.0.0. */
  readonly clientAddress: string | undefined;
  readonly yourAddress: string | undefined;
  /** Option 50. */
  readonly requestedAddress: string | undefined;
  /** Option 54. */
  readonly server: string | undefined;
  /** Option 51, in seconds. */
  readonly leaseTime: number | undefined;
}

export const DHCP_TYPES = { decline: 4, ack: 5, release: 7 } as const;
/** Option 51 of a lease that does not end. */
export const FOREVER = 0xffffffff;

const COOKIE = 0x63825363;
const OPTIONS = 240;
const [PAD, END] = [0, 255];

/** The payload of a UDP datagram; undefined for anything that is no DHCP message of an Ethernet client. */
export function decodeDhcp(octets: Uint8Array): DhcpMessage | undefined {
  const [op, hardware, length] = [u8(octets, 0), u8(octets, 1), u8(octets, 2)];
  if (op === undefined || hardware !== 1 || length !== 6 || u32(octets, OPTIONS - 4) !== COOKIE)
    return undefined;
  const options = optionsOf(octets);
  const type = options.get(53);
  if (type?.length !== 1) return undefined;
  const time = options.get(51);
  return {
    op,
    type: type[0] ?? 0,
    clientMac: macText(octets.subarray(28, 34)),
    clientAddress: addressOf(part(octets, 12, 4)),
    yourAddress: addressOf(part(octets, 16, 4)),
    requestedAddress: addressOf(options.get(50)),
    server: addressOf(options.get(54)),
    leaseTime: time?.length === 4 ? u32(time, 0) : undefined,
  };
}

/** The first of each number; one that is cut off ends the list. */
function optionsOf(octets: Uint8Array): ReadonlyMap<number, Uint8Array> {
  const found = new Map<number, Uint8Array>();
  for (let at = OPTIONS; ; ) {
    const code = u8(octets, at);
    if (code === undefined || code === END) return found;
    if (code === PAD) {
      at += 1;
      continue;
    }
    const value = part(octets, at + 2, u8(octets, at + 1) ?? octets.length);
    if (value === undefined) return found;
    if (!found.has(code)) found.set(code, value);
    at += 2 + value.length;
  }
}

function addressOf(octets: Uint8Array | undefined): string | undefined {
  if (octets?.length !== 4 || octets.every((octet) => octet === 0)) return undefined;
  return addressFromOctets([...octets]);
}
