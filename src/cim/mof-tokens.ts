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

const BLANK = /(?:\s+|\/\/[^\n]*|\/\*[\s\S]*?\*\/)*/y;
/** One group for each kind, in the order of `KINDS`. */
const TOKEN =
  /([{}()[\]=;:,#])|([A-Za-z_]\w*)|("[^"\\\r\n]*(?:\\.[^"\\\r\n]*)*")|([+-]?\d[\w.]*)|(\$[A-Za-z_]\w*)/y;
const KINDS = ['mark', 'word', 'string', 'number', 'alias'] as const;

/** What the literals of a kind mean; undefined for one that is none. */
const MEANING: Readonly<Partial<Record<TokenKind, (raw: string) => string | undefined>>> = {
  string: (raw) => unescaped(raw.slice(1, -1)),
  number: decimal,
};

/**
 * Hands out the tokens of a document one by one, behind the last `end` again and again: ten thousand entries have a million.
 * Errors: MOF_MALFORMED where no token begins, and for a bad literal.
 */
export function tokens(document: string): () => Token {
  const [blank, token] = [new RegExp(BLANK), new RegExp(TOKEN)];
  let [offset, line, lineStart] = [0, 1, 0];
  let lineEnd = document.indexOf('\n');
  /** A word is held once. */
  const words = new Map<string, string>();
  const shared = (word: string) => {
    const before = words.get(word);
    if (before === undefined) words.set(word, word);
    return before ?? word;
  };

  return () => {
    blank.lastIndex = offset;
    blank.test(document);
    offset = blank.lastIndex;
    for (; lineEnd >= 0 && lineEnd < offset; lineEnd = document.indexOf('\n', lineStart))
      [line, lineStart] = [line + 1, lineEnd + 1];
    const at = { line, column: offset - lineStart + 1 };
    if (offset === document.length) return { kind: 'end', text: '', at };
    token.lastIndex = offset;
    const found = token.exec(document);
    if (!found) throw fail('MOF_MALFORMED', whyNone(document.slice(offset, offset + 12)), at);
    offset = token.lastIndex;
    const kind = KINDS[found.indexOf(found[0], 1) - 1]!;
    const meaning = MEANING[kind];
    const text = meaning ? meaning(found[0]) : shared(found[0]);
    if (text === undefined) throw fail('MOF_MALFORMED', `${printable(found[0])} is no ${kind}`, at);
    return { kind, text, at };
  };
}

/** Why no token begins with this. */
function whyNone(rest: string): string {
  if (rest.startsWith('"')) return 'string not terminated: its closing quote must stand on the same line';
  if (rest.startsWith('/*')) return 'comment not terminated';
  return `${printable(rest)} begins nothing that is MOF`;
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
