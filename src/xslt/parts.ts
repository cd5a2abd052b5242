/** A transform that takes a long document in parts, several at once. */
import { availableParallelism } from 'node:os';
import { join, split } from '../mapping/split.js';
import type { Transform } from '../mapping/transform.js';
import type { Element } from '../xml/element.js';

/** The same results; at most `atOnce` parts of one document are under way. `size` is that of `split`. */
export function inParts(
  transform: Transform,
  { atOnce = availableParallelism(), size }: { atOnce?: number; size?: number } = {},
): Transform {
  return async (sheet, document, parameters) => {
    const [first, ...rest] = split(sheet, document, size);
    if (rest.length === 0) return transform(sheet, first, parameters);
    const results: Element[] = [];
    const waiting = [first, ...rest].entries();
    const work = async () => {
      for (const [index, part] of waiting) results[index] = await transform(sheet, part, parameters);
    };
    await Promise.all(Array.from({ length: atOnce }, work));
    return join(results as [Element, ...Element[]]);
  };
}
