/**
 * One document per entry, and back. xslt-processor's time grows with the square of the document, so it is fed rule by rule
 * (src/xslt/builtin.ts); the stylesheets know the two attributes of our namespace that make that possible:
 * `part="entries"` on the root (write no more than the entries) and `index` on the entry (its position, from 0).
 */
import { type Attribute, type Element, elements } from '../xml/element.js';
import { NWG_NS } from '../xml/vocabulary.js';
import { kindOf } from './neutral.js';
import type { Sheet } from './transform.js';

/** Children that belong to the whole: they go into every part. */
const HEAD: Readonly<Record<Sheet, (child: Element) => boolean>> = {
  'nwfilter-to-wscim': ({ local }) => local === 'uuid',
  'nwfilter-to-draft': ({ local }) => local === 'uuid',
  'wscim-to-nwfilter': (child) => kindOf(child) === 'FilterList',
  'draft-to-nwfilter': () => false,
};

/** A draft of one entry has that entry as its root: there is nothing to split. */
const ROOTS = ['filter', 'Instances', 'FilterEntries'];

const ours = (local: string, value: string): Attribute => ({ ns: NWG_NS, local, value });

/** The head alone, then a document for each entry. One document when there is at most one entry. */
export function split(sheet: Sheet, document: Element): readonly [Element, ...Element[]] {
  const children = elements(document);
  const entries = children.filter((child) => !HEAD[sheet](child));
  if (!ROOTS.includes(document.local) || entries.length < 2) return [document];
  const head = children.filter(HEAD[sheet]);
  const attributes = [...document.attributes, ours('part', 'entries')];
  return [
    { ...document, children: head },
    ...entries.map((entry, index) => ({
      ...document,
      attributes,
      children: [...head, { ...entry, attributes: [...entry.attributes, ours('index', String(index))] }],
    })),
  ];
}

/** What the parts became, as one document: the first one's root with the children of all. */
export function join(results: readonly [Element, ...Element[]]): Element {
  const [first] = results;
  return { ...first, children: results.flatMap(({ children }) => children) };
}
