/** Words of a query, bounded in length and number. Errors: CIM_QUERY. */
import { fail, type NwgateError } from '../model/errors.js';
import { printable } from '../model/names.js';

export interface Token {
  readonly kind: 'name' | 'string' | 'number' | 'symbol' | 'end';
  /** A string without its quotes and escapes. */
  readonly text: string;
}

const LONGEST = 8192;
const MOST_TOKENS = 1000;
const DEEPEST = 32;

/** What is wrong with a query, in a sentence. */
export function queryFault(message: string): NwgateError {
  return fail('CIM_QUERY', message);
}

/** How strings are escaped: WQL and CQL with a backslash or by doubling the quote, XPath not at all. */
export type Escapes = 'sql' | 'none';

const STRINGS: Readonly<Record<Escapes, string>> = {
  sql: `"(?:[^"\\\\]|\\\\.|"")*"|'(?:[^'\\\\]|\\\\.|'')*'`,
  none: `"[^"]*"|'[^']*'`,
};

/** Names may hold `-` in XPath only, where functions are called `starts-with`. */
const NAMES: Readonly<Record<Escapes, string>> = {
  sql: '[A-Za-z_][A-Za-z0-9_]*',
  none: '[A-Za-z_][A-Za-z0-9_-]*',
};

const SYMBOLS = '<>|!=|<=|>=|::|//|\\.\\.|[\\[\\]<>=()*,./:@]';
const NUMBER = '[+-]?(?:\\d+(?:\\.\\d+)?|\\.\\d+)';

function words(escapes: Escapes): RegExp {
  return new RegExp(`\\s*(?:(${STRINGS[escapes]})|(${NUMBER})|(${NAMES[escapes]})|(${SYMBOLS}))`, 'sy');
}

const WORDS: Readonly<Record<Escapes, RegExp>> = { sql: words('sql'), none: words('none') };

/** A cursor over the tokens of a query. */
export class Tokens {
  readonly #list: readonly Token[];
  #at = 0;
  #depth = 0;

  constructor(text: string, escapes: Escapes) {
    this.#list = split(text, escapes);
  }

  /** The token at hand, or one further on. */
  peek(ahead = 0): Token {
    return this.#list[this.#at + ahead] ?? { kind: 'end', text: '' };
  }

  next(): Token {
    const token = this.peek();
    this.#at += 1;
    return token;
  }

  /** True for a symbol or, without case, a word. */
  is(text: string, ahead = 0): boolean {
    const token = this.peek(ahead);
    if (token.kind === 'symbol') return token.text === text;
    return token.kind === 'name' && token.text.toLowerCase() === text.toLowerCase();
  }

  /** Goes past it if it is there. */
  take(text: string): boolean {
    const found = this.is(text);
    if (found) this.#at += 1;
    return found;
  }

  expect(text: string): void {
    if (!this.take(text)) throw this.unexpected(text);
  }

  name(what: string): string {
    if (this.peek().kind !== 'name') throw this.unexpected(what);
    return this.next().text;
  }

  end(): void {
    if (this.peek().kind !== 'end') throw this.unexpected('the end');
  }

  unexpected(wanted: string): NwgateError {
    const { kind, text } = this.peek();
    return queryFault(`${wanted} expected, not ${kind === 'end' ? 'the end' : `"${printable(text)}"`}`);
  }

  /** Runs `parse` one level deeper. */
  nested<T>(parse: () => T): T {
    this.#depth += 1;
    if (this.#depth > DEEPEST) throw queryFault(`nested deeper than ${DEEPEST}`);
    const result = parse();
    this.#depth -= 1;
    return result;
  }
}

function split(text: string, escapes: Escapes): readonly Token[] {
  if (text.length > LONGEST) throw queryFault(`longer than ${LONGEST} characters`);
  const source = text.trimEnd();
  const tokens: Token[] = [];
  const pattern = new RegExp(WORDS[escapes]);
  while (pattern.lastIndex < source.length) {
    const at = pattern.lastIndex;
    const found = pattern.exec(source);
    if (!found) throw queryFault(`cannot be read at "${printable(source.slice(at, at + 20).trim())}"`);
    const [, string, number, name, symbol = ''] = found;
    if (string !== undefined) tokens.push({ kind: 'string', text: unquoted(string, escapes) });
    else if (number !== undefined) tokens.push({ kind: 'number', text: number });
    else if (name !== undefined) tokens.push({ kind: 'name', text: name });
    else tokens.push({ kind: 'symbol', text: symbol });
    if (tokens.length > MOST_TOKENS) throw queryFault(`more than ${MOST_TOKENS} words`);
  }
  return tokens;
}

function unquoted(string: string, escapes: Escapes): string {
  const inner = string.slice(1, -1);
  return escapes === 'none'
    ? inner
    : inner.replace(/\\(.)|(["'])\2/gs, (_, escaped, quote) => escaped ?? quote);
}

/** A number's value: whole ones exact. */
export function numberOf(text: string): number | bigint {
  return /^[+-]?\d+$/.test(text) ? BigInt(text.replace(/^\+/, '')) : Number(text);
}
