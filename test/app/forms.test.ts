/** Native → form → native is the identity, for the forms that hold everything. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { readPolicy, writePolicy } from '../../src/app/forms.js';
import type { Filter } from '../../src/model/filter.js';
import { withIdentities } from '../../src/model/rule-identity.js';
import { readFilter } from '../../src/xml/nwfilter-read.js';
import { writeFilter } from '../../src/xml/nwfilter-write.js';
import { cached, resultCache } from '../../src/xslt/cache.js';
import { arbitraryFilter } from '../support/arbitrary-filter.js';
import { anyEngine, pure } from '../support/engines.js';
import { EVERY_ATTRIBUTE } from '../support/every-attribute.js';

afterAll(() => pure.close());

/** The forms differ in their syntax only: what the engine made for one is there for the others. */
const context = { transform: cached(anyEngine, resultCache()), systemName: 'host1.example' };
const FILTERS = join(import.meta.dirname, '../../filters');
const BUILT_IN = readdirSync(FILTERS).map((file) =>
  withIdentities(readFilter(readFileSync(join(FILTERS, file)))),
);
const LOSSLESS = ['cimxml', 'mof', 'wscim'] as const;
const RUNS = process.env.NWGATE_LONG === '1' ? 10_000 : 200;
const PER_DOCUMENT = 20;

/** Canonical XML, ids and all, of what a form's document says when nobody tells which form it is. */
async function through(form: (typeof LOSSLESS)[number], filters: readonly Filter[]) {
  const { document, leftOut } = await writePolicy(form, filters, context);
  expect(leftOut).toEqual([]);
  const policy = await readPolicy({ document }, context);
  return policy.filters.map((filter) => writeFilter(filter, { identities: true }));
}

const canonical = (filters: readonly Filter[]) =>
  filters.map((filter) => writeFilter(filter, { identities: true }));

describe.each(LOSSLESS)('%s', (form) => {
  it('gives every built-in filter back', async () => {
    expect(BUILT_IN.length).toBeGreaterThan(20);
    expect(await through(form, BUILT_IN)).toEqual(canonical(BUILT_IN));
  });

  it('gives every protocol and attribute back', async () => {
    expect(await through(form, EVERY_ATTRIBUTE)).toEqual(canonical(EVERY_ATTRIBUTE));
  });
});

it('arbitrary filters come back from every lossless form', { timeout: RUNS * 1_000 }, async () => {
  const several = fc.uniqueArray(arbitraryFilter(), {
    selector: ({ name }) => name,
    minLength: PER_DOCUMENT,
    maxLength: PER_DOCUMENT,
  });
  const property = fc.asyncProperty(several, async (filters) => {
    for (const form of LOSSLESS) expect(await through(form, filters), form).toEqual(canonical(filters));
  });
  await fc.assert(property, { numRuns: RUNS / PER_DOCUMENT, endOnFailure: true });
});
