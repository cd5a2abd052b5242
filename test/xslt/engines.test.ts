/** Both engines make the same of every fixture, and of filters nobody thought of. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { wscimToNeutral } from '../../src/cim/neutral.js';
import { arrange } from '../../src/mapping/arrange.js';
import { FOREIGN } from '../../src/mapping/foreign.js';
import { INSTANCES_NS } from '../../src/mapping/neutral.js';
import { SHEETS, type Sheet } from '../../src/mapping/transform.js';
import { type Element, el, elements } from '../../src/xml/element.js';
import { filterElement } from '../../src/xml/nwfilter-write.js';
import { parseXml } from '../../src/xml/parse.js';
import { inParts } from '../../src/xslt/parts.js';
import { sheetFile } from '../../src/xslt/sheets.js';
import { arbitraryFilter } from '../support/arbitrary-filter.js';
import { canonical, libxslt, noXsltproc, pure } from '../support/engines.js';
import { EVERY_ATTRIBUTE } from '../support/every-attribute.js';

afterAll(() => pure.close());

const SYSTEM = { systemName: 'host1.example' };
const VENDORS = join(import.meta.dirname, '../data/mapping');
const VENDOR_CASES = readdirSync(VENDORS).filter((name) => existsSync(join(VENDORS, name, 'vendor.xml')));
const vendor = (name: string) => wscimToNeutral(parseXml(readFileSync(join(VENDORS, name, 'vendor.xml'))));

/** The result of xsltproc, once the other engine has made the same. */
async function same(sheet: Sheet, document: Element, parameters: Readonly<Record<string, string>> = {}) {
  const result = await libxslt(sheet, document, parameters);
  expect(canonical(await pure.transform(sheet, document, parameters))).toBe(canonical(result));
  return result;
}

/** Through all sheets. */
async function everySheet(native: Element): Promise<void> {
  const instances = await same('nwfilter-to-wscim', native, SYSTEM);
  expect(elements(instances).length).toBeGreaterThan(0);
  await same('wscim-to-nwfilter', instances);
  for (const classes of FOREIGN) await same('wscim-to-foreign', instances, { classes });
  await same('draft-to-nwfilter', await same('nwfilter-to-draft', native), { name: 'f' });
}

describe.skipIf(noXsltproc !== undefined)(`both engines agree ${noXsltproc ?? ''}`, () => {
  it.each(EVERY_ATTRIBUTE)('on $name', (filter) => everySheet(filterElement(filter, { identities: true })));

  it.each(VENDOR_CASES)('on the vendor document %s', async (name) => {
    const document = vendor(name);
    await same('wscim-to-nwfilter', document);
    await same('wscim-to-nwfilter', await same('foreign-to-wscim', document));
  });

  it('on arbitrary filters', { timeout: 120_000 }, async () => {
    const property = fc.asyncProperty(arbitraryFilter(), (filter) =>
      everySheet(filterElement(filter, { identities: true })),
    );
    await fc.assert(property, { numRuns: 25 });
  });
});

describe('in parts', () => {
  /** The result as a whole, once the parts have made the same. */
  async function alike(sheet: Sheet, document: Element, parameters: Readonly<Record<string, string>> = {}) {
    const whole = await pure.transform(sheet, document, parameters);
    const { length } = elements(document);
    expect(length).toBeGreaterThan(0);
    for (const size of [1, 2, 3, length - 1].filter((each) => each > 0 && each < length)) {
      const parts = inParts(pure.transform, size);
      expect(await parts(sheet, document, parameters), `in parts of ${size}`).toEqual(whole);
    }
    return whole;
  }

  it.each(EVERY_ATTRIBUTE)('the same comes of $name', async (filter) => {
    const native = filterElement(filter, { identities: true });
    const instances = await alike('nwfilter-to-wscim', native, SYSTEM);
    await alike('wscim-to-nwfilter', instances);
    for (const classes of FOREIGN) await alike('wscim-to-foreign', instances, { classes });
    await alike('draft-to-nwfilter', await alike('nwfilter-to-draft', native), { name: 'f' });
  });

  // What is astray has no lists.
  it.each(VENDOR_CASES.filter((name) => name !== 'astray'))(
    'the same comes of each list of the vendor document %s',
    async (name) => {
      for (const { elements: list } of arrange(elements(vendor(name)), { name: 'f' }))
        await alike('foreign-to-wscim', el(INSTANCES_NS, 'Instances', {}, ...list));
    },
  );

  it('a document of references and of a uuid is one document', async () => {
    const rules = Array.from({ length: 5 }, () => el('', 'rule', { action: 'drop', direction: 'in' }));
    const references = ['a', 'b'].map((filter) => el('', 'filterref', { filter }));
    const uuid = el('', 'uuid', {}, '3f0f0d2c-9d7c-4b46-8a43-3a0d0f0f0f0f');
    const native = el('', 'filter', { name: 'f' }, uuid, ...references, ...rules);
    await alike('wscim-to-nwfilter', await alike('nwfilter-to-wscim', native, SYSTEM));
  });
});

describe('stylesheets', () => {
  it.each(SHEETS)('%s keeps to what both engines get right', (sheet) => {
    const text = readFileSync(sheetFile(sheet), 'utf8').replace(/<!--[\s\S]*?-->/g, '');
    const expressions = [...text.matchAll(/\s(?:select|test|match)="([^"]*)"/g)].map(([, inside = '']) =>
      inside.replace(/'[^']*'/g, ''),
    );
    expect(expressions.length).toBeGreaterThan(20);
    expect(expressions.filter((inside) => /\/\/|\||\bkey\(|node-set|document\(/.test(inside))).toEqual([]);
    expect(text).not.toMatch(/xsl:(key|include|import|attribute-set|sort)\b|<xsl:element[^>]*\snamespace=/);
    const declared = [...text.matchAll(/\sxmlns:/g)].length;
    const onRoot = [...(/<xsl:stylesheet[^>]*>/.exec(text)?.[0] ?? '').matchAll(/\sxmlns:/g)].length;
    expect(declared).toBe(onRoot);
  });
});
