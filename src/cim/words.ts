/** Arrays and bit maps that neutral form writes as words: `NEW,ESTABLISHED`, `src,dst`, `SYN,ACK`. */
import type { PropertyRow } from './rows.js';

/** A bit map as its flags' names; `ALL` and `NONE` name the full and the empty set. */
export function bitsToWords(bits: readonly string[], value: number): string {
  const full = 2 ** bits.length - 1;
  if (value === full) return 'ALL';
  const names = bits.filter((_, index) => (value >> index) % 2 === 1);
  return names.length === 0 ? 'NONE' : names.join(',');
}

/** The bit map of a comma list of names; undefined when one is unknown. */
export function wordsToBits(bits: readonly string[], text: string): number | undefined {
  let value = 0;
  for (const word of split(text)) {
    const index = bits.findIndex((name) => name.toLowerCase() === word);
    if (word === 'all') value = 2 ** bits.length - 1;
    else if (index >= 0) value |= 1 << index;
    else if (word !== 'none') return undefined;
  }
  return value;
}

/** Numbers of an enumeration for a comma list of words; undefined when one is unknown. */
export function wordsToNumbers(row: PropertyRow, text: string): readonly number[] | undefined {
  const known = Object.entries(row.words ?? {});
  const numbers = split(text).map((word) => known.find(([, name]) => name.toLowerCase() === word)?.[0]);
  return numbers.includes(undefined) ? undefined : numbers.map(Number);
}

export function numbersToWords(row: PropertyRow, numbers: readonly number[]): string {
  return numbers.map((number) => row.words?.[number] ?? String(number)).join(',');
}

function split(text: string): readonly string[] {
  return text
    .trim()
    .split(/\s*,\s*/)
    .map((word) => word.toLowerCase());
}
