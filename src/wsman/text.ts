/** Text in one piece, or in pieces that follow each other: a long answer is never put together before it is sent (docs/performance.md). */
export type Text = string | readonly string[];

/** All of it in one piece. */
export const joined = (text: Text) => (typeof text === 'string' ? text : text.join(''));

/** Octets of it in UTF-8. */
export function utf8Length(text: Text): number {
  if (typeof text === 'string') return Buffer.byteLength(text);
  return text.reduce((sum, piece) => sum + Buffer.byteLength(piece), 0);
}
