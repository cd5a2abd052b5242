/** A transform that takes a long document in parts. */
import { several } from '../mapping/several.js';
import { join, split } from '../mapping/split.js';
import type { Transform } from '../mapping/transform.js';
import type { Element } from '../xml/element.js';

/** The same results. `size` is that of `split`. */
export function inParts(transform: Transform, size?: number): Transform {
  return async (sheet, document, parameters) => {
    const results = await several(split(sheet, document, size), (part) => transform(sheet, part, parameters));
    return join(results as readonly [Element, ...Element[]]);
  };
}
