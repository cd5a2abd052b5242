/** Native → neutral form → native changes nothing, whatever the protocol tables allow. */
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { decodeInstances } from '../../src/cim/decode.js';
import { toNeutral } from '../../src/cim/neutral.js';
import { fromInstances, toInstances } from '../../src/mapping/wscim.js';
import { arbitraryFilter } from '../support/arbitrary-filter.js';
import { anyEngine, pure } from '../support/engines.js';
import { EVERY_ATTRIBUTE } from '../support/every-attribute.js';
import { withoutPlaces } from '../support/places.js';

afterAll(() => pure.close());

const HOST = 'host1.example';

describe('a filter as instances', () => {
  it.each(EVERY_ATTRIBUTE)('$name comes back, also through typed instances', async (filter) => {
    const instances = await toInstances(filter, anyEngine, HOST);
    expect(withoutPlaces(await fromInstances(instances, anyEngine))).toEqual(filter);
    const typed = decodeInstances(instances).map(toNeutral);
    expect(withoutPlaces(await fromInstances(typed, anyEngine))).toEqual(filter);
  });

  it('comes back from arbitrary filters', { timeout: 120_000 }, async () => {
    const property = fc.asyncProperty(arbitraryFilter(), async (filter) => {
      const instances = await toInstances(filter, anyEngine, HOST);
      const typed = decodeInstances(instances).map(toNeutral);
      expect(withoutPlaces(await fromInstances(typed, anyEngine))).toEqual(filter);
    });
    await fc.assert(property, { numRuns: 300 });
  });
});
