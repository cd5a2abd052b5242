/** The tables inside the two wscim sheets: inverse to each other, and closed over the protocols' attributes. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { PROTOCOLS } from '../../src/protocols/registry.js';
import { sheetFile } from '../../src/xslt/sheets.js';

function table(sheet: Parameters<typeof sheetFile>[0], name: string): readonly (readonly [string, string])[] {
  const text = readFileSync(sheetFile(sheet), 'utf8');
  const content =
    new RegExp(`<xsl:variable name="${name}"[^>]*?normalize-space\\('([^']*)'`).exec(text)?.[1] ?? '';
  return content
    .trim()
    .split(/\s+/)
    .map((row) => row.split('=') as [string, string]);
}

const plain = (key: string) => key.slice(key.indexOf(':') + 1);
const propertyOf = table('nwfilter-to-wscim', 'propertyOf');
const attributeOf = table('wscim-to-nwfilter', 'attributeOf');

describe('tables of the wscim sheets', () => {
  it('hold every attribute of every protocol, and no other', () => {
    const attributes = [
      ...new Set(PROTOCOLS.flatMap((spec) => spec.attributes.map(({ name }) => name))),
    ].sort();
    expect([...new Set(propertyOf.map(([attribute]) => plain(attribute)))].sort()).toEqual(attributes);
    expect([...new Set(attributeOf.map(([, attribute]) => attribute))].sort()).toEqual(attributes);
  });

  it('lead back where they came from', () => {
    const back = new Map(attributeOf.map(([property, attribute]) => [plain(property), attribute]));
    for (const [attribute, property] of propertyOf)
      expect([property, back.get(property)]).toEqual([property, plain(attribute)]);
    const known = new Set(propertyOf.map(([, property]) => property));
    const ranges = ['HdrSrcAddressEndOfRange', 'HdrDestAddressEndOfRange'];
    expect([...back.keys()].filter((property) => !known.has(property))).toEqual(ranges);
  });
});
