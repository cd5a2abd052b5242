/** How often the stylesheets run, in numbers that no machine's speed changes. */
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { writePolicy } from '../../src/app/forms.js';
import { stylesheetMapping } from '../../src/app/objects-filters.js';
import { objectManager } from '../../src/app/objects-manager.js';
import type { Sheet, Transform } from '../../src/mapping/transform.js';
import { cached, resultCache } from '../../src/xslt/cache.js';
import { inParts } from '../../src/xslt/parts.js';
import { temporaryDirectory } from '../support/directory.js';
import { pure } from '../support/engines.js';
import { ADMIN, openTestGateway } from '../support/gateway.js';
import { admin, all, fakeGateway, filter, HOST, rule } from './objects-world.js';

afterAll(() => pure.close());

const run: Sheet[] = [];
const counted: Transform = (sheet, ...rest) => {
  run.push(sheet);
  return pure.transform(sheet, ...rest);
};
/** Counted and cached, as the product has it. */
const engine = () => inParts(cached(counted, resultCache()));

beforeEach(() => {
  run.length = 0;
});

const tcp = (port: number) => rule(`r${port}`, 'tcp', { dstportstart: String(port) });
const FILTERS = ['a', 'b', 'c'].map((name) => filter(name, tcp(1), tcp(2)));
const parts = (entries: number) => {
  const rules = Array.from({ length: entries }, (_, index) => tcp(index));
  return [filter('long', ...rules)];
};

describe('transforms', () => {
  it('of reads through the object manager: one for each filter, and none again', async () => {
    const mapping = stylesheetMapping(engine(), HOST);
    const objects = objectManager(fakeGateway(FILTERS), mapping, { systemName: HOST, renderPort: () => '' });
    const [first] = await all(objects.enumerate('', 'CIM_FilterEntryBase'));
    expect(run).toEqual(FILTERS.map(() => 'nwfilter-to-wscim'));
    await objects.get(objects.pathOf('', first!));
    await all(objects.enumerate('', 'NWG_EntriesInFilterList'));
    expect(run).toHaveLength(FILTERS.length);
  });

  it('of a change of an entry: its list, the entry there and back, and the new filter once', async () => {
    const mapping = stylesheetMapping(engine(), HOST);
    const objects = objectManager(fakeGateway(FILTERS), mapping, { systemName: HOST, renderPort: () => '' });
    const [first] = await all(objects.enumerate('', 'CIM_FilterEntryBase'));
    run.length = 0;
    const priority = new Map(first!.properties).set('Priority', 7);
    await objects.modify(objects.pathOf('', first!), { ...first!, properties: priority }, admin);
    expect(run).toEqual(['nwfilter-to-wscim', 'wscim-to-nwfilter', 'nwfilter-to-wscim', 'nwfilter-to-wscim']);
  });

  it.each([
    ['three filters', FILTERS, 3],
    ['999 entries', parts(999), 1],
    ['2,001 entries', parts(2_001), 3],
  ])('of an import of %s: one for each thousand entries of a filter', async (_, filters, times) => {
    const context = { transform: inParts(pure.transform), systemName: HOST };
    const { document } = await writePolicy('wscim', filters, context);
    const { gateway } = await openTestGateway(temporaryDirectory(), { transform: engine() });
    await gateway.importPolicy({ document }, ADMIN);
    expect(run).toEqual(Array.from({ length: times }, () => 'wscim-to-nwfilter'));
  });

  it('of an import of native filters, and of defining them: none', async () => {
    const { gateway } = await openTestGateway(temporaryDirectory(), { transform: engine() });
    await gateway.define("<filter name='a'><rule action='drop' direction='in'/></filter>", {}, ADMIN);
    await gateway.importPolicy({ document: "<filter name='b'/>" }, ADMIN);
    expect(run).toEqual([]);
  });
});
