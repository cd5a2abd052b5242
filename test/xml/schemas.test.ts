/** The generated schemas: fresh, and of one mind with the reader. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatFault, NwgateError } from '../../src/model/errors.js';
import { TABLES, withTables } from '../../src/xml/attribute-tables.js';
import { readBinding } from '../../src/xml/binding-read.js';
import { type Attribute, type Element, isElement } from '../../src/xml/element.js';
import { readFilter } from '../../src/xml/nwfilter-read.js';
import { filterElement } from '../../src/xml/nwfilter-write.js';
import { parseXml } from '../../src/xml/parse.js';
import { bindingSchema, filterSchema } from '../../src/xml/relaxng.js';
import { validateRelaxNg } from '../../src/xml/validate.js';
import { arbitraryFilter } from '../support/arbitrary-filter.js';
import { BINDINGS, FILTERS, type Sample } from './samples.js';

const root = join(import.meta.dirname, '../..');
const file = (name: string) => readFileSync(join(root, name), 'utf8');

describe('committed files are what the generator makes', () => {
  it.each([
    ['schemas/nwfilter.rng', filterSchema],
    ['schemas/nwfilterbinding.rng', bindingSchema],
  ])('%s', (name, make) => {
    expect(file(name)).toBe(make());
  });

  it('docs/filters.md, with every table', () => {
    const page = file('docs/filters.md');
    expect(page).toBe(withTables(page));
    const tables = [...page.matchAll(/<!-- table ([a-z]+) -->/g)].map(([, name]) => name);
    expect(tables.sort()).toEqual(Object.keys(TABLES).sort());
  });
});

type Reader = (document: Element) => unknown;

function readerFaults(read: Reader, document: Element): readonly string[] {
  try {
    read(document);
    return [];
  } catch (error) {
    if (error instanceof NwgateError) return error.faults.map(formatFault);
    throw error;
  }
}

const filters = { read: readFilter as Reader, schema: filterSchema() };
const bindings = { read: readBinding as Reader, schema: bindingSchema() };

function verdicts({ read, schema }: typeof filters, document: Element) {
  return { reader: readerFaults(read, document), grammar: validateRelaxNg(document, schema) };
}

const anyFilter = arbitraryFilter();

describe('reader and schema agree', () => {
  it.each(readdirSync(join(root, 'filters')))('on the built-in %s', (name) => {
    const found = verdicts(filters, parseXml(file(`filters/${name}`)));
    expect(found).toEqual({ reader: [], grammar: [] });
  });

  it('on every filter that can be', () => {
    fc.assert(
      fc.property(anyFilter, (filter) => {
        const document = filterElement(filter, { identities: true, revision: 3 });
        expect(verdicts(filters, document)).toEqual({ reader: [], grammar: [] });
      }),
      { numRuns: 200 },
    );
  });

  const check = (kind: typeof filters, { document, seenBy }: Sample) => {
    const { reader, grammar } = verdicts(kind, parseXml(document));
    expect({ reader: reader.length > 0, grammar: grammar.length > 0 }).toEqual({
      reader: seenBy !== 'nobody',
      grammar: seenBy === 'both',
    });
  };
  it.each(FILTERS)('on the filter sample "$name": seen by $seenBy', (sample) => check(filters, sample));
  it.each(BINDINGS)('on the binding sample "$name": seen by $seenBy', (sample) => check(bindings, sample));

  it('on filters that something happened to', () => {
    // What takes knowledge of several attributes, or of arithmetic on addresses, no grammar can see.
    const beyondGrammar =
      /negates nothing|cannot be negated|one test|means nothing without|is empty|needs protocol|twice|an IPv6 mask/;
    fc.assert(
      fc.property(anyFilter, mutation, (filter, mutate) => {
        const { reader, grammar } = verdicts(filters, mutate(filterElement(filter)));
        if (grammar.length > 0) expect(reader).not.toEqual([]);
        else expect(reader.filter((fault) => !beyondGrammar.test(fault))).toEqual([]);
      }),
      { numRuns: 1000 },
    );
  });
});

/** Changes one place of a tree: a value, a name, an element's name, or its content. */
const mutation: fc.Arbitrary<(tree: Element) => Element> = fc
  .record({
    at: fc.nat(1000),
    attribute: fc.nat(100),
    what: fc.constantFrom('value', 'attribute', 'element', 'drop', 'text', 'copy'),
    text: fc.oneof(
      fc.constantFrom(
        '',
        '0',
        '-1',
        '256',
        '65536',
        '0xfff',
        'fe80::',
        '255.255.255.127',
        '$A[',
        '$A[@1]',
        'NEW',
        'x y',
      ),
      fc.string({ maxLength: 6 }).filter((text) => !/[\p{Cc}\p{Cs}]/u.test(text)),
    ),
    name: fc.constantFrom(
      'srcipaddr',
      'srcipmask',
      'type',
      'match',
      'comment',
      'name',
      'priority',
      'tcp',
      'ipv6',
      'rule',
    ),
  })
  .map(({ at, attribute, what, text, name }) => {
    const change = (element: Element): Element => {
      const index = element.attributes.length === 0 ? 0 : attribute % element.attributes.length;
      const attributes = (edit: (a: Attribute) => readonly Attribute[]) => ({
        ...element,
        attributes: element.attributes.flatMap((a, i) => (i === index ? edit(a) : [a])),
      });
      if (what === 'value') return attributes((a) => [{ ...a, value: text }]);
      if (what === 'attribute') {
        return element.attributes.some((a) => a.local === name)
          ? element
          : attributes((a) => [{ ...a, local: name }]);
      }
      if (what === 'drop') return attributes(() => []);
      if (what === 'element') return { ...element, local: name };
      if (what === 'text') return { ...element, children: [...element.children, text] };
      return { ...element, children: [...element.children, ...element.children] };
    };
    return (tree) => {
      const all = count(tree);
      return changeNth(tree, at % all, change);
    };
  });

const count = (element: Element): number =>
  1 + element.children.filter(isElement).reduce((sum, child) => sum + count(child), 0);

function changeNth(element: Element, n: number, change: (element: Element) => Element): Element {
  if (n === 0) return change(element);
  let left = n - 1;
  const children = element.children.map((node) => {
    if (!isElement(node) || left < 0) return node;
    const size = count(node);
    const here = left < size ? changeNth(node, left, change) : node;
    left -= size;
    return here;
  });
  return { ...element, children };
}
