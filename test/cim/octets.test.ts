import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { octetsToBase64, parseOctets } from '../../src/cim/octets.js';
import { addressFromOctets } from '../../src/protocols/addresses.js';

const value = (kind: Parameters<typeof parseOctets>[0], texts: string[], version?: 4 | 6) => {
  const parsed = parseOctets(kind, texts, version);
  return 'value' in parsed ? parsed.value : undefined;
};
const base64 = (...octets: number[]) => Buffer.from(octets).toString('base64');

describe('octet strings on the wire', () => {
  it('are base64 of the data alone, masks in full size', () => {
    expect(octetsToBase64('address', '10.1.2.0', 4)).toBe('CgECAA==');
    expect(octetsToBase64('mask', '24', 4)).toBe('////AA==');
    expect(octetsToBase64('mask', '24', 6)).toBe(base64(255, 255, 255, ...Array<number>(13).fill(0)));
    expect(octetsToBase64('mac', '52:54:00:12:34:56', undefined)).toBe('UlQAEjRW');
    expect(octetsToBase64('flowlabel', '0x012345', undefined)).toBe(base64(1, 0x23, 0x45));
  });

  it.each([
    ['base64', ['CgECAA==']],
    ['base64 broken over lines', ['\n  CgEC\n  AA==\n']],
    ['hexadecimal', ['0a010200']],
    ['hexadecimal with 0x', ['0x0A010200']],
    ['an octet per element', ['10', '1', '2', '0']],
    ['an octet per element after the length', ['0', '0', '0', '8', '10', '1', '2', '0']],
    ['base64 with the length', [base64(0, 0, 0, 8, 10, 1, 2, 0)]],
    ['hexadecimal with the length', ['000000080a010200']],
    ['the address as written', [' 10.1.2.0 ']],
  ])('are read from %s', (_, texts) => {
    expect(value('address', texts, 4)).toBe('10.1.2.0');
    expect(value('address', texts)).toBe('10.1.2.0');
  });

  it('prefers the reading of a legal size: 8 hexadecimal digits are also base64 of 6 octets', () => {
    expect(value('mac', ['525400123456'])).toBe('52:54:00:12:34:56');
    expect(value('mac', ['0a010200'])).toBe('d1:ad:35:d3:6d:34');
    expect(value('address', ['0a010200'], 4)).toBe('10.1.2.0');
  });

  it.each([
    ['an address of the other family', 'address', ['::1'], 4],
    ['an address of the other family', 'address', ['CgECAA=='], 6],
    ['a scoped IPv6 address of 20 octets', 'address', [base64(...Array<number>(20).fill(7))], 6],
    ['a mask with a hole', 'mask', [base64(255, 0, 255, 0)], 4],
    ['a mask of 4 octets for IPv6', 'mask', ['////AA=='], 6],
    ['a prefix length out of range', 'mask', ['33'], 4],
    ['a MAC mask with a hole', 'macmask', [base64(255, 0, 255, 0, 0, 0)], undefined],
    ['five octets', 'address', [base64(1, 2, 3, 4, 5)], 4],
    ['a number above 255', 'address', ['256', '1', '2', '0'], 4],
    ['nothing', 'address', [''], 4],
    ['a name', 'mac', ['gateway'], undefined],
  ] as const)('refuses %s', (_, kind, texts, version) => {
    expect(parseOctets(kind, texts, version)).toHaveProperty('expects');
  });

  it('20 octets whose first four say 20 are an address with its length', () => {
    const octets = [0, 0, 0, 20, 0xfd, ...Array<number>(14).fill(0), 1];
    expect(value('address', octets.map(String), 6)).toBe('fd00::1');
  });

  it('come back from base64 as they were', () => {
    const octet = fc.integer({ min: 0, max: 255 });
    const address = fc.oneof(
      fc.array(octet, { minLength: 4, maxLength: 4 }),
      // A first group of 0 could be a length; see the case above.
      fc.array(octet, { minLength: 16, maxLength: 16 }),
    );
    fc.assert(
      fc.property(address, (octets) => {
        const text = addressFromOctets(octets)!;
        const version = octets.length === 4 ? 4 : 6;
        expect(value('address', [octetsToBase64('address', text, version)], version)).toBe(text);
      }),
    );
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 128 }), (length) => {
        expect(value('mask', [octetsToBase64('mask', String(length), 6)], 6)).toBe(String(length));
      }),
    );
  });
});
