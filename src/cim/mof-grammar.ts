/**
 * MOF text → its instances. A small recursive descent over the part of the grammar that instances use: the classes are ours and
 * known, so their declarations are not read. Source: DSP0004 Annex A (grammar), §7.11 (pragmas).
 */
import { fail } from '../model/errors.js';
import { printable } from '../model/names.js';
import type { Position } from '../xml/element.js';
import type { ObjectPath } from './instance.js';
import type { LooseProperty, LooseValue } from './loose.js';
import { type Token, type TokenKind, tokens } from './mof-tokens.js';

/** A value whose aliases have yet to be looked up: an alias may be used before its instance. */
export type MofValue = Exclude<LooseValue, ObjectPath> | { readonly alias: string; readonly at: Position };

export interface MofInstance {
  readonly className: string;
  readonly alias: string | undefined;
  readonly namespace: string;
  readonly properties: readonly (Omit<LooseProperty, 'value'> & { readonly value: MofValue })[];
  readonly at: Position;
}

/** The instances of a document. Errors: MOF_MALFORMED with the place; SCHEMA for includes and declarations. */
export function parseMof(document: string): readonly MofInstance[] {
  const read = tokens(document);
  let next = read();
  const peek = () => next;
  const pass = (): Token => {
    const token = next;
    next = read();
    return token;
  };
  const stop = (message: string, code: 'MOF_MALFORMED' | 'SCHEMA' = 'MOF_MALFORMED') =>
    fail(code, message, peek().at);
  const is = (kind: TokenKind, text?: string) =>
    peek().kind === kind && (text === undefined || peek().text.toLowerCase() === text);
  const take = (kind: TokenKind, text?: string): Token => {
    if (!is(kind, text)) {
      const found = is('end') ? 'the end' : printable(peek().text);
      throw stop(`${found} where ${text ?? `a ${kind}`} belongs`);
    }
    return pass();
  };
  const optional = (kind: TokenKind, text: string) => is(kind, text) && take(kind, text) !== undefined;

  /** Qualifiers are about the schema, not about what is filtered. */
  const passQualifiers = () => {
    if (!is('mark', '[')) return;
    while (!optional('mark', ']')) {
      if (is('end')) throw stop('the end where ] belongs');
      pass();
    }
  };
  const constant = (): string | null => {
    if (is('string')) {
      let text = '';
      while (is('string')) text += take('string').text;
      return text;
    }
    if (is('number')) return take('number').text;
    if (optional('word', 'null')) return null;
    if (is('word', 'true') || is('word', 'false')) return take('word').text.toLowerCase();
    throw stop(`${printable(peek().text)} is no value`);
  };
  const value = (): MofValue => {
    if (is('alias')) {
      const { text, at } = take('alias');
      return { alias: text, at };
    }
    if (!optional('mark', '{')) return constant();
    const items: (string | null)[] = [];
    while (!is('mark', '}')) {
      items.push(constant());
      if (!is('mark', '}')) take('mark', ',');
    }
    take('mark', '}');
    return items;
  };

  let namespace = '';
  const pragma = () => {
    take('mark', '#');
    take('word', 'pragma');
    const name = take('word').text.toLowerCase();
    if (name === 'include') throw stop('an include is never followed', 'SCHEMA');
    take('mark', '(');
    const text = take('string').text;
    take('mark', ')');
    if (name === 'namespace') namespace = text;
  };
  const instance = (): MofInstance => {
    const { at } = take('word', 'instance');
    take('word', 'of');
    const className = take('word').text;
    const alias = optional('word', 'as') ? take('alias').text : undefined;
    take('mark', '{');
    const properties: MofInstance['properties'][number][] = [];
    while (!optional('mark', '}')) {
      passQualifiers();
      const name = take('word');
      take('mark', '=');
      properties.push({ name: name.text, value: value(), at: name.at });
      take('mark', ';');
    }
    take('mark', ';');
    return { className, alias, namespace, properties, at };
  };

  const found: MofInstance[] = [];
  while (!is('end')) {
    passQualifiers();
    if (is('mark', '#')) pragma();
    else if (is('word', 'class') || is('word', 'qualifier'))
      throw stop(
        `a declaration of a ${peek().text.toLowerCase()} is not read: the classes are known`,
        'SCHEMA',
      );
    else found.push(instance());
  }
  return found;
}
