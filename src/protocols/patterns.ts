/**
 * Regular expressions of attribute values, in the ground that XML Schema (libxml2) and JavaScript share: no anchors, no
 * groups that capture anything, no escapes but `\.`, `\-` and `\p{…}`. They go into schemas/*.rng.
 */

/** Sets of digits for classes; a value above 9 is a letter in either case. */
function digits(from: number, to: number): { numeric: string; letters: string } {
  const letter = (value: number, upper: boolean) => {
    const text = value.toString(16);
    return upper ? text.toUpperCase() : text;
  };
  const span = (a: string, b: string) => (a === b ? a : `${a}-${b}`);
  const low = Math.max(from, 10);
  return {
    numeric: from <= 9 ? span(String(from), String(Math.min(to, 9))) : '',
    letters:
      to >= 10 ? span(letter(low, false), letter(to, false)) + span(letter(low, true), letter(to, true)) : '',
  };
}

const classOf = (set: string) => (set.length === 1 ? set : `[${set}]`);
const repeat = (set: string, count: number) =>
  count === 0 ? '' : count === 1 ? classOf(set) : `${classOf(set)}{${count}}`;

interface Shape {
  readonly base: 10 | 16;
  /** Only texts with a letter among their digits: what cannot be read as decimal. */
  readonly needsLetter: boolean;
}

/** Alternatives for digit strings of one length from `low` to `high`, both of `places` digits. */
function sameLength(low: number, high: number, places: number, shape: Shape): string[] {
  if (places === 0) return shape.needsLetter ? [] : [''];
  const unit = shape.base ** (places - 1);
  const [first, last] = [Math.floor(low / unit), Math.floor(high / unit)];
  const branch = (a: number, b: number, lowRest: number, highRest: number): string[] => {
    const { numeric, letters } = digits(a, b);
    const rest = (needsLetter: boolean) =>
      sameLength(lowRest, highRest, places - 1, { ...shape, needsLetter });
    return [
      ...(numeric ? rest(shape.needsLetter).map((tail) => classOf(numeric) + tail) : []),
      ...(letters ? rest(false).map((tail) => classOf(letters) + tail) : []),
    ];
  };
  if (low === 0 && high === unit * shape.base - 1) {
    const { numeric, letters } = digits(0, shape.base - 1);
    const any = numeric + letters;
    if (!shape.needsLetter) return [repeat(any, places)];
    // The first letter stands behind so many numerals.
    return Array.from(
      { length: places },
      (_, at) => repeat(numeric, at) + classOf(letters) + repeat(any, places - 1 - at),
    );
  }
  if (first === last) return branch(first, first, low % unit, high % unit);
  return [
    ...branch(first, first, low % unit, unit - 1),
    ...(last - first > 1 ? branch(first + 1, last - 1, 0, unit - 1) : []),
    ...branch(last, last, 0, high % unit),
  ];
}

function range(min: number, max: number, shape: Shape): string {
  const alternatives: string[] = [];
  for (let places = 1, start = 0; start <= max; places += 1) {
    const end = shape.base ** places - 1;
    if (end >= min) alternatives.push(...sameLength(Math.max(min, start), Math.min(max, end), places, shape));
    start = end + 1;
  }
  return `0*(${alternatives.join('|')})`;
}

/** Whole numbers from `min` to `max` (min ≥ 0) in decimal, leading zeros allowed. */
export function decimalPattern(min: number, max: number): string {
  return range(min, max, { base: 10, needsLetter: false });
}

/** Numbers as the format writes them: decimal, `0x` and hexadecimal, or bare hexadecimal that is no decimal. */
export function numberPattern(min: number, max: number): string {
  const hex = range(min, max, { base: 16, needsLetter: false });
  return `${decimalPattern(min, max)}|0[xX]${hex}|${range(min, max, { base: 16, needsLetter: true })}`;
}

/** One of the words, in any case. */
export function wordPattern(words: readonly string[]): string {
  const anyCase = (word: string) => word.replace(/[a-z]/gi, (c) => `[${c.toLowerCase()}${c.toUpperCase()}]`);
  return words.map(anyCase).join('|');
}

/** 1 to `most` of the words, any case, separated by commas, spaces around each. */
export function wordListPattern(words: readonly string[], most?: number): string {
  const word = ` *(${wordPattern(words)}) *`;
  return `${word}(,${word})${most === undefined ? '*' : `{0,${most - 1}}`}`;
}

const OCTET = '(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])';
const HEX_OCTET = '[0-9a-fA-F]{1,2}';
export const MAC_PATTERN = `${HEX_OCTET}(:${HEX_OCTET}){5}`;
export const IPV4_PATTERN = `(${OCTET}\\.){3}${OCTET}`;

/** Eight groups, or fewer around one `::`; the last two may be a dotted quad (RFC 4291 §2.2). */
export const IPV6_PATTERN = (() => {
  const h = '[0-9a-fA-F]{1,4}';
  const compressed = [1, 2, 3, 4, 5, 6].map((n) => `(${h}:){1,${n}}(:${h}){1,${7 - n}}`);
  const mixed = [1, 2, 3, 4, 5].map((n) => `(${h}:){1,${n}}(:${h}){0,${5 - n}}:${IPV4_PATTERN}`);
  return [
    `(${h}:){7}${h}`,
    `(${h}:){1,7}:`,
    `:(:${h}){1,7}`,
    '::',
    ...compressed,
    `(${h}:){6}${IPV4_PATTERN}`,
    `:(:${h}){0,5}:${IPV4_PATTERN}`,
    ...mixed,
  ].join('|');
})();

/** Ones then zeros over `octets` octets, from the texts of full, partial (by leading ones) and zero octets. */
function maskPattern(
  octets: number,
  separator: string,
  text: { full: string; partial: readonly string[]; zero: string },
): string {
  const times = (unit: string, count: number) => (count === 0 ? '' : `(${unit}){${count}}`);
  const full = `${text.full}${separator}`;
  const partial = `(${[...text.partial, text.zero].join('|')})`;
  const cut = Array.from(
    { length: octets },
    (_, ones) => times(full, ones) + partial + times(separator + text.zero, octets - 1 - ones),
  );
  return [`(${full}){${octets - 1}}${text.full}`, ...cut].join('|');
}

/** `ff:ff:ff:00:00:00`: a MAC mask of ones, then zeros. */
export const MAC_MASK_PATTERN = maskPattern(6, ':', {
  full: '[fF]{2}',
  partial: ['80', '[cC]0', '[eE]0', '[fF][08cCeE]'],
  zero: '0{1,2}',
});
/** `255.255.240.0`. */
export const IPV4_MASK_PATTERN = maskPattern(4, '\\.', {
  full: '255',
  partial: ['128', '192', '224', '240', '248', '252', '254'],
  zero: '0',
});
