/** DHCPv6 messages as far as leases are concerned. Source: RFC 8415 §7.3 (types), §8 (format), §21 (options). */
import { part, u8, u16, u32 } from '../packet/octets.js';
import { addressFromOctets } from '../protocols/addresses.js';

export interface Dhcpv6Message {
  readonly type: number;
  /** Of the associations for addresses, with the time each is valid, in seconds; 0: no more. */
  readonly addresses: readonly { readonly address: string; readonly valid: number }[];
}

export const DHCPV6_TYPES = { reply: 7, release: 8, decline: 9 } as const;

/** Codes of the options that are looked into, and how much stands in them before the options of their own. */
const [IA_NA, IA_TA, IA_ADDRESS] = [3, 4, 5];
const HEAD = { [IA_NA]: 12, [IA_TA]: 4 } as const;
/** Octets of an address, its preferred and its valid lifetime. */
const ADDRESS_HEAD = 24;

/** The payload of a UDP datagram between client and server; undefined for anything that is too short for one. */
export function decodeDhcpv6(octets: Uint8Array): Dhcpv6Message | undefined {
  const type = u8(octets, 0);
  if (type === undefined || octets.length < 4) return undefined;
  const associations = optionsOf(octets.subarray(4)).flatMap(({ code, value }) => {
    const head = code === IA_NA || code === IA_TA ? HEAD[code] : undefined;
    return head === undefined ? [] : optionsOf(value.subarray(head));
  });
  const addresses = associations.flatMap(({ code, value }) => {
    const [octetsOf, valid] = [part(value, 0, 16), u32(value, ADDRESS_HEAD - 4)];
    const address = code === IA_ADDRESS && octetsOf ? addressFromOctets([...octetsOf]) : undefined;
    return address === undefined || valid === undefined ? [] : [{ address, valid }];
  });
  return { type, addresses };
}

/** In their order; one that is cut off ends the list. */
function optionsOf(octets: Uint8Array): readonly { readonly code: number; readonly value: Uint8Array }[] {
  const found: { code: number; value: Uint8Array }[] = [];
  for (let at = 0; ; ) {
    const [code, length] = [u16(octets, at), u16(octets, at + 2)];
    const value = length === undefined ? undefined : part(octets, at + 4, length);
    if (code === undefined || value === undefined) return found;
    found.push({ code, value });
    at += 4 + value.length;
  }
}
