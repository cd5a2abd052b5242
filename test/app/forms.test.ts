/** Native → form → native is the identity, for the forms that hold everything. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { type FormContext, readPolicy, writePolicy } from '../../src/app/forms.js';
import type { Transform } from '../../src/mapping/transform.js';
import type { Filter } from '../../src/model/filter.js';
import { withIdentities } from '../../src/model/rule-identity.js';
import { readFilter } from '../../src/xml/nwfilter-read.js';
import { writeFilter } from '../../src/xml/nwfilter-write.js';
import { cached, resultCache } from '../../src/xslt/cache.js';
import { arbitraryFilter } from '../support/arbitrary-filter.js';
import { libxslt, noXsltproc, pure } from '../support/engines.js';
import { EVERY_ATTRIBUTE } from '../support/every-attribute.js';

afterAll(() => pure.close());

/** The forms differ in their syntax only: what the engine made for one is there for the others. */
const contextOf = (transform: Transform): FormContext => ({
  transform: cached(transform, resultCache()),
  systemName: 'host1.example',
});
const context = contextOf(pure.transform);
const FILTERS = join(import.meta.dirname, '../../filters');
const BUILT_IN = readdirSync(FILTERS).map((file) =>
  withIdentities(readFilter(readFileSync(join(FILTERS, file)))),
);
const LOSSLESS = ['cimxml', 'mof', 'wscim'] as const;
/** Arbitrary filters with each engine: ten thousand in a long run. xsltproc starts a process for each. */
const LONG = process.env.NWGATE_LONG === '1';
const ENGINES = [
  { engine: 'built-in', transform: pure.transform, lacks: undefined, runs: LONG ? 10_000 : 400 },
  { engine: 'xsltproc', transform: libxslt, lacks: noXsltproc, runs: LONG ? 10_000 : 60 },
] as const;
const PER_DOCUMENT = 20;

/** Canonical XML, ids and all, of what a form's document says when nobody tells which form it is. */
async function through(form: (typeof LOSSLESS)[number], filters: readonly Filter[], given = context) {
  const { document, leftOut } = await writePolicy(form, filters, given);
  expect(leftOut).toEqual([]);
  const policy = await readPolicy({ document }, given);
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

describe.each(ENGINES)('with $engine', ({ transform, lacks, runs }) => {
  it.skipIf(lacks)(
    `${runs} arbitrary filters come back from every lossless form ${lacks ?? ''}`,
    { timeout: runs * 1_000 },
    async () => {
      const given = contextOf(transform);
      const several = fc.uniqueArray(arbitraryFilter(), {
        selector: ({ name }) => name,
        minLength: PER_DOCUMENT,
        maxLength: PER_DOCUMENT,
      });
      const property = fc.asyncProperty(several, async (filters) => {
        for (const form of LOSSLESS)
          expect(await through(form, filters, given), form).toEqual(canonical(filters));
      });
      await fc.assert(property, { numRuns: runs / PER_DOCUMENT, endOnFailure: true });
    },
  );
});
