/** Comparing what was read with what was meant. */
import type { Filter } from '../../src/model/filter.js';

/** The filter without where its entries stood in a document. */
export function withoutPlaces(filter: Filter): Filter {
  return {
    ...filter,
    entries: filter.entries.map((entry) => {
      const { place: _, ...rest } = entry;
      return rest;
    }),
  };
}
