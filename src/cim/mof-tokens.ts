/** MOF text → tokens. Source: DSP0004 Annex A (lexical elements and literals). */
import { fail } from '../model/errors.js';
import { printable } from '../model/names.js';
import type { Position } from '../xml/element.js';

export type TokenKind = 'string' | 'number' | 'alias' | 'word' | 'mark' | 'end';

export interface Token {
  readonly kind: TokenKind;
  /** Of a string its content, of an integer its decimal digits, else as written. */
  readonly text: string;
  readonly at: Position;
}

const TOKEN =
  /(?<blank>\s+|\/\/[^\n]*|\/\*[\s\S]*?\*\/)|(?<string>"[^"\\\r\n]*(?:\\.[^"\\\r\n]*)*")|(?<number>[+-]?\d[\w.]*)|(?<alias>\$[A-Za-z_]\w*)|(?<word>[A-Za-z_]\w*)|(?<mark>[{}()[\]=;:,#])/y;

/** What the literals of a kind mean; undefined for one that is none. */
const MEANING: Readonly<Record<string, (raw: string) => string | undefined>> = {
  string: (raw) => unescaped(raw.slice(1, -1)),
  number: decimal,
};

/** The tokens of a document, `end` the last. Errors: MOF_MALFORMED where no token begins, and for a bad literal. */
export function tokens(document: string, source: string | undefined): readonly Token[] {
  const found: Token[] = [];
  const pattern = new RegExp(TOKEN);
  let [line, lineStart] = [1, 0];
  while (pattern.lastIndex < document.length) {
    const offset = pattern.lastIndex;
    const at = { line, column: offset - lineStart + 1 };
    const stop = (what: string) =>
      fail('MOF_MALFORMED', what, { ...(source !== undefined && { file: source }), ...at });
    const groups = pattern.exec(document)?.groups;
    if (!groups) throw stop(`${printable(document.slice(offset, offset + 12))} begins nothing that is MOF`);
    const [kind, raw] = Object.entries(groups).find(([, text]) => text !== undefined)!;
    if (kind !== 'blank') {
      const meant = MEANING[kind] ? MEANING[kind](raw) : raw;
      if (meant === undefined) throw stop(`${printable(raw)} is no ${kind}`);
      found.push({ kind: kind as TokenKind, text: meant, at });
    }
    for (let at = raw.indexOf('\n'); at >= 0; at = raw.indexOf('\n', at + 1))
      [line, lineStart] = [line + 1, offset + at + 1];
  }
  return [...found, { kind: 'end', text: '', at: { line, column: document.length - lineStart + 1 } }];
}

const ESCAPED: Readonly<Record<string, string>> = { b: '\b', t: '\t', n: '\n', f: '\f', r: '\r' };

function unescaped(content: string): string | undefined {
  const known = /^[^\\]*(?:\\(?:[btnfr"'\\]|[xX][0-9a-fA-F]{1,4})[^\\]*)*$/.test(content);
  if (!known) return undefined;
  return content.replace(/\\(?:[xX]([0-9a-fA-F]{1,4})|(.))/g, (_, code?: string, letter = '') =>
    code === undefined ? (ESCAPED[letter] ?? letter) : String.fromCharCode(Number.parseInt(code, 16)),
  );
}

/** Bases of integers by how they are written: binary has a b behind it, octal a 0 in front. */
const INTEGERS: readonly (readonly [RegExp, prefix: string])[] = [
  [/^([01]+)[bB]$/, '0b'],
  [/^0[xX]([0-9a-fA-F]+)$/, '0x'],
  [/^0([0-7]+)$/, '0o'],
  [/^(0|[1-9]\d*)$/, ''],
];

/** An integer in decimal; a real number as it is, for no filter class has one; undefined for anything else. */
function decimal(raw: string): string | undefined {
  const sign = raw.startsWith('-') ? '-' : '';
  const digits = raw.replace(/^[+-]/, '');
  for (const [written, prefix] of INTEGERS) {
    const value = written.exec(digits)?.[1];
    if (value !== undefined) return `${sign}${BigInt(prefix + value)}`;
  }
  return /^\d+\.\d+(?:[eE]\d+)?$/.test(digits) ? raw : undefined;
}
