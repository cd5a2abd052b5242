/** A transform that takes a long document in parts, several at once, and no more of them than the machine has processors. */
import { availableParallelism } from 'node:os';
import { several } from '../mapping/several.js';
import { join, split } from '../mapping/split.js';
import type { Transform } from '../mapping/transform.js';
import type { Element } from '../xml/element.js';

/** The same results; at most `atOnce` parts, of whatever documents, are under way. `size` is that of `split`. */
export function inParts(
  transform: Transform,
  { atOnce = availableParallelism(), size }: { atOnce?: number; size?: number } = {},
): Transform {
  const bounded = atMost(atOnce, transform);
  return async (sheet, document, parameters) => {
    const results = await several(split(sheet, document, size), (part) => bounded(sheet, part, parameters));
    return join(results as readonly [Element, ...Element[]]);
  };
}

/** The others wait, and are taken in the order in which they came. */
function atMost(most: number, transform: Transform): Transform {
  const waiting: (() => void)[] = [];
  let underWay = 0;
  return async (...given) => {
    if (underWay === most) await new Promise<void>((resolve) => waiting.push(resolve));
    else underWay += 1;
    try {
      return await transform(...given);
    } finally {
      // Whoever waits takes this place.
      const next = waiting.shift();
      if (next) next();
      else underWay -= 1;
    }
  };
}
