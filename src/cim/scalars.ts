/** Scalar values as text, both ways. Source: DSP0230 (lexical forms); wider on input: see docs/cim.md. */
import type { Scalar } from './instance.js';
import type { CimType, PropertyRow } from './rows.js';

/** Ranges of the integer types. */
const RANGES: Readonly<Partial<Record<CimType, readonly [bigint, bigint]>>> = {
  uint8: [0n, 0xffn],
  uint16: [0n, 0xffffn],
  uint32: [0n, 0xffff_ffffn],
  uint64: [0n, 0xffff_ffff_ffff_ffffn],
  sint8: [-0x80n, 0x7fn],
  sint16: [-0x8000n, 0x7fffn],
  sint32: [-0x8000_0000n, 0x7fff_ffffn],
  sint64: [-0x8000_0000_0000_0000n, 0x7fff_ffff_ffff_ffffn],
};

/** What `parseScalar` makes of text: the value, or what the text should have been. */
export type Parsed<T> = { readonly value: T } | { readonly expects: string };

/**
 * One value of the row's type. Numbers are decimal with an optional sign, or hexadecimal with 0x, surrounding space ignored;
 * booleans true, false, 1, 0 in any case. 64-bit integers come out as bigint, the others as number.
 */
export function parseScalar(row: PropertyRow, text: string): Parsed<Scalar> {
  if (row.type === 'boolean') return parseBoolean(text);
  const range = RANGES[row.type];
  if (!range) return parseText(row, text);
  const least = row.min === undefined ? range[0] : BigInt(row.min);
  const most = row.max === undefined ? range[1] : BigInt(row.max);
  const clean = text.trim();
  const value = /^([+-]?\d{1,20}|0[xX][0-9a-fA-F]{1,16})$/.test(clean)
    ? BigInt(clean.replace(/^\+/, ''))
    : undefined;
  if (value === undefined || value < least || value > most)
    return { expects: `a number from ${least} to ${most}` };
  const known = row.values && !row.bits ? row.values[Number(value)] !== undefined : true;
  if (!known) return { expects: `one of ${Object.keys(row.values ?? {}).join(', ')}` };
  return { value: row.type.endsWith('64') ? value : Number(value) };
}

function parseBoolean(text: string): Parsed<boolean> {
  const word = text.trim().toLowerCase();
  if (word === 'true' || word === '1') return { value: true };
  if (word === 'false' || word === '0') return { value: false };
  return { expects: 'true or false' };
}

function parseText(row: PropertyRow, text: string): Parsed<string> {
  if (row.type === 'datetime') return { value: text.trim() };
  if (row.max !== undefined && text.length > row.max) return { expects: `at most ${row.max} characters` };
  return { value: text };
}

/** The lexical form WS-CIM sends. */
export function formatScalar(value: Scalar): string {
  return String(value);
}
