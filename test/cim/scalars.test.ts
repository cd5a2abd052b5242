import { describe, expect, it } from 'vitest';
import { property } from '../../src/cim/rows.js';
import { parseScalar } from '../../src/cim/scalars.js';

describe('scalars', () => {
  it.each([
    ['uint8', ' 17 ', 17],
    ['uint16', '+80', 80],
    ['uint16', '0x0806', 2054],
    ['sint16', '-700', -700],
    ['uint64', '18446744073709551615', 18446744073709551615n],
    ['boolean', 'TRUE', true],
    ['boolean', ' 0', false],
    ['string', ' kept as it is ', ' kept as it is '],
    ['datetime', ' 2024-01-01T00:00:00Z', '2024-01-01T00:00:00Z'],
  ] as const)('%s %j', (type, text, value) => {
    expect(parseScalar(property('P', type), text)).toEqual({ value });
  });

  it.each([
    ['uint8', '256'],
    ['uint8', '-1'],
    ['uint8', ''],
    ['uint16', '1.5'],
    ['uint16', '8O'],
    ['sint16', '32768'],
    ['uint64', '18446744073709551616'],
    ['boolean', 'yes'],
  ] as const)('%s is not %j', (type, text) => {
    expect(parseScalar(property('P', type), text)).toHaveProperty('expects');
  });

  it('keeps to the range, the length and the enumeration of its property', () => {
    expect(parseScalar(property('P', 'uint8', { max: 7 }), '8')).toEqual({ expects: 'a number from 0 to 7' });
    expect(parseScalar(property('P', 'string', { max: 3 }), 'four')).toEqual({
      expects: 'at most 3 characters',
    });
    expect(parseScalar(property('P', 'uint16', { values: { 1: 'A', 2: 'B' } }), '3')).toEqual({
      expects: 'one of 1, 2',
    });
  });
});
