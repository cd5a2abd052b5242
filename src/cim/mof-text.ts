/** Pieces of MOF text, for the classes (mof.ts) and for instances (mof-write.ts). Source: DSP0004 §7, DSP0221 (escapes). */

const ESCAPES: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\f': '\\f',
  '\r': '\\r',
};

/** A string literal. Control characters have no place in one but as escapes. */
export function quoted(text: string): string {
  const escaped = text.replace(/["\\\p{Cc}]/gu, (c) => ESCAPES[c] ?? `\\x${hex(c)}`);
  return `"${escaped}"`;
}

const hex = (character: string) => character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0');

export const list = (items: readonly string[]) => `{ ${items.join(', ')} }`;

export const indented = (text: string) => text.replace(/^(?=.)/gm, '  ');
