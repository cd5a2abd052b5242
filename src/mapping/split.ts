/**
 * A long document as several, and back. An XSLT engine holds a document and its result as trees of many octets for each of
 * theirs: parts keep that small, and run beside each other. The stylesheets know the two attributes of our namespace that make
 * it possible: `part="entries"` on the root (write no more than the entries) and `index` on the entry (its position, from 0).
 */
import { type Attribute, type Element, elements } from '../xml/element.js';
import { NWG_NS } from '../xml/vocabulary.js';
import { kindOf } from './neutral.js';
import type { Sheet } from './transform.js';

/** Entries of one part. Starting an engine costs as much as a hundred entries. */
const PART = 1_000;

/** Children that belong to the whole: they go into every part. */
const HEAD: Readonly<Record<Sheet, (child: Element) => boolean>> = {
  'nwfilter-to-wscim': ({ local }) => local === 'uuid',
  'nwfilter-to-draft': ({ local }) => local === 'uuid',
  'wscim-to-nwfilter': (child) => kindOf(child) === 'FilterList',
  'foreign-to-wscim': (child) => kindOf(child) === 'FilterList',
  'wscim-to-foreign': (child) => kindOf(child) === 'FilterList',
  'draft-to-nwfilter': () => false,
};

/** A draft of one entry has that entry as its root: there is nothing to split. */
const ROOTS = ['filter', 'Instances', 'FilterEntries'];

const ours = (local: string, value: string): Attribute => ({ ns: NWG_NS, local, value });

/** The document, or when it is longer than a part: its parts, of which the first alone writes what is said of the whole. */
export function split(
  sheet: Sheet,
  document: Element,
  size = PART,
): readonly [Element, ...(readonly Element[])] {
  const children = elements(document);
  if (!ROOTS.includes(document.local) || children.length <= size) return [document];
  const head = children.filter(HEAD[sheet]);
  const entries = children.filter((child) => !HEAD[sheet](child));
  const part = (from: number): Element => ({
    ...document,
    children: [
      ...head,
      ...entries.slice(from, from + size).map((entry, index) => ({
        ...entry,
        attributes: [...entry.attributes, ours('index', String(from + index))],
      })),
    ],
  });
  const attributes = [...document.attributes, ours('part', 'entries')];
  const rest = Array.from({ length: Math.ceil(entries.length / size) - 1 }, (_, index) => ({
    ...part((index + 1) * size),
    attributes,
  }));
  return [part(0), ...rest];
}

/** What the parts became, as one document: the first one's root with the children of all. */
export function join(results: readonly [Element, ...Element[]]): Element {
  const [first, ...rest] = results;
  return rest.length === 0 ? first : { ...first, children: results.flatMap(({ children }) => children) };
}
