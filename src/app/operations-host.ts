/** Operations on the host as a whole. */
import { z } from 'zod';
import { formatPlace } from '../model/errors.js';
import { type Difference, formatDifference } from './difference.js';
import { operation } from './operation.js';

/** A difference as JSON shows it: every key is there. */
function shown(difference: Difference) {
  const { kind, tool, chain, ports, expected, found, source } = difference;
  return {
    kind,
    tool,
    chain,
    ports,
    expected: expected ?? null,
    found: found ?? null,
    source: source === undefined ? null : formatPlace(source),
    text: formatDifference(difference),
  };
}

export const HOST_OPERATIONS = {
  verify: operation(
    // Repairing asks for more: see NEEDS.
    'reader',
    z.strictObject({ repair: z.boolean().default(false) }),
    async ({ gateway }, { repair }, by) => {
      const { differences, by: means, repaired } = await gateway.verify(repair, by);
      return { differences: differences.map(shown), by: means, repaired };
    },
  ),
};
