/** Both engines make the same of every fixture, and of filters nobody thought of. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { wscimToNeutral } from '../../src/cim/neutral.js';
import { SHEETS, type Sheet } from '../../src/mapping/transform.js';
import { type Element, elements } from '../../src/xml/element.js';
import { filterElement } from '../../src/xml/nwfilter-write.js';
import { parseXml } from '../../src/xml/parse.js';
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

/** Through all four sheets. */
async function everySheet(native: Element): Promise<void> {
  const instances = await same('nwfilter-to-wscim', native, SYSTEM);
  expect(elements(instances).length).toBeGreaterThan(0);
  await same('wscim-to-nwfilter', instances);
  await same('draft-to-nwfilter', await same('nwfilter-to-draft', native), { name: 'f' });
}

describe.skipIf(noXsltproc !== undefined)(`both engines agree ${noXsltproc ?? ''}`, () => {
  it.each(EVERY_ATTRIBUTE)('on $name', (filter) => everySheet(filterElement(filter, { identities: true })));

  it.each(VENDOR_CASES)('on the vendor document %s', async (name) => {
    await same('wscim-to-nwfilter', vendor(name));
  });

  it('on arbitrary filters', { timeout: 120_000 }, async () => {
    const property = fc.asyncProperty(arbitraryFilter(), (filter) =>
      everySheet(filterElement(filter, { identities: true })),
    );
    await fc.assert(property, { numRuns: 25 });
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
