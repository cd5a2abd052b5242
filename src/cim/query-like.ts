/** Patterns of LIKE: `%` any text, `_` any character, `[a-f]` and `[^a-f]` one of a set. Source: Microsoft's WQL, "LIKE Operator". */

type Piece = '%' | ((character: string) => boolean);

/** Answers whether a text fits, in time proportional to text × pattern whatever the pattern. */
export function like(pattern: string): (text: string) => boolean {
  const pieces = piecesOf(pattern);
  return (text) => {
    const characters = [...text];
    let [at, piece] = [0, 0];
    // Where the last % stands, and how far the text it swallows goes.
    let [star, swallowed] = [-1, 0];
    while (at < characters.length) {
      const current = pieces[piece];
      if (current === '%') {
        [star, swallowed] = [piece, at];
        piece += 1;
      } else if (current?.(characters[at]!)) {
        at += 1;
        piece += 1;
      } else if (star >= 0) {
        swallowed += 1;
        [at, piece] = [swallowed, star + 1];
      } else return false;
    }
    return pieces.slice(piece).every((rest) => rest === '%');
  };
}

function piecesOf(pattern: string): readonly Piece[] {
  const found = pattern.match(/\[\^?\]?[^\]]*\]|./gsu) ?? [];
  return found.map((piece) => {
    if (piece === '%') return '%';
    if (piece === '_') return () => true;
    return piece.length > 2 && piece.startsWith('[') ? setOf(piece.slice(1, -1)) : (c) => c === piece;
  });
}

function setOf(inside: string): (character: string) => boolean {
  const negative = inside.startsWith('^');
  const ranges = (negative ? inside.slice(1) : inside).match(/.-.|./gsu) ?? [];
  const within = (c: string) =>
    ranges.some((range) => {
      const [from = '', , to = from] = [...range];
      return from <= c && c <= to;
    });
  return (c) => within(c) !== negative;
}
