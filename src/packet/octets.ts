/** Big-endian reads that answer undefined past the end, where the kernel's `skb_header_pointer` answers NULL; and writes. */

export function u8(octets: Uint8Array, at: number): number | undefined {
  return octets[at];
}

export function u16(octets: Uint8Array, at: number): number | undefined {
  const [high, low] = [octets[at], octets[at + 1]];
  return high === undefined || low === undefined ? undefined : high * 256 + low;
}

export function u32(octets: Uint8Array, at: number): number | undefined {
  const [high, low] = [u16(octets, at), u16(octets, at + 2)];
  return high === undefined || low === undefined ? undefined : high * 65536 + low;
}

/** Exactly `length` octets from `at`. */
export function part(octets: Uint8Array, at: number, length: number): Uint8Array | undefined {
  return at + length > octets.length ? undefined : octets.subarray(at, at + length);
}

/** Numbers are single octets. */
export function join(...parts: readonly (number | ArrayLike<number>)[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((each) => (typeof each === 'number' ? [each] : Array.from(each))));
}

/** `value` in `size` octets, the most significant first. */
export function bigEndian(value: number, size: 2 | 4 | 8): readonly number[] {
  return Array.from({ length: size }, (_, index) => Math.floor(value / 256 ** (size - 1 - index)) % 256);
}

/** `52:54:00:12:34:56` of six octets. */
export function macText(octets: Uint8Array): string {
  return Array.from(octets, (octet) => octet.toString(16).padStart(2, '0')).join(':');
}

/** Octets of a canonical MAC address. */
export function macOctets(mac: string): readonly number[] {
  return mac.split(':').map((octet) => Number.parseInt(octet, 16));
}

export function toHex(octets: Uint8Array): string {
  return Array.from(octets, (octet) => octet.toString(16).padStart(2, '0')).join('');
}

/** Pairs of hexadecimal digits, no blanks. */
export function fromHex(text: string): Uint8Array {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}
