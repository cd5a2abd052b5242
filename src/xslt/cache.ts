/** Results by content: equal input never runs twice, and equal inputs at one moment run once. */
import { createHash } from 'node:crypto';
import type { Transform } from '../mapping/transform.js';
import { type Element, isElement } from '../xml/element.js';
import { serialise } from '../xml/serialise.js';

/** Octets of results that are kept, roughly. */
const CAPACITY = 16 * 1024 * 1024;

interface Kept {
  readonly result: Promise<Element>;
  size: number;
}

/** The most recently used results; the least recently used go when there are more octets than `capacity`. */
export interface ResultCache {
  /** The result under the key, made by `make` when it is not there. A failure is not kept. */
  get(key: string, make: () => Promise<Element>): Promise<Element>;
  /** Octets held now. */
  readonly size: number;
}

export function resultCache(capacity = CAPACITY): ResultCache {
  // A Map keeps the order of insertion: the first key is the least recently used.
  const kept = new Map<string, Kept>();
  let total = 0;
  const drop = (key: string, entry: Kept) => {
    if (kept.get(key) === entry && kept.delete(key)) total -= entry.size;
  };
  const settle = (key: string, entry: Kept, result: Element) => {
    if (kept.get(key) !== entry) return;
    entry.size = sizeOf(result);
    total += entry.size;
    for (const [oldest, old] of kept) {
      if (total <= capacity) break;
      drop(oldest, old);
    }
  };
  return {
    get size() {
      return total;
    },
    get(key, make) {
      const found = kept.get(key);
      if (found) {
        kept.delete(key);
        kept.set(key, found);
        return found.result;
      }
      const entry: Kept = { result: make(), size: 0 };
      kept.set(key, entry);
      entry.result.then(
        (result) => settle(key, entry, result),
        () => drop(key, entry),
      );
      return entry.result;
    },
  };
}

/** The transform with the cache in front of it. */
export function cached(transform: Transform, cache: ResultCache): Transform {
  return (sheet, document, parameters = {}) =>
    cache.get(keyOf(sheet, document, parameters), () => transform(sheet, document, parameters));
}

function keyOf(sheet: string, document: Element, parameters: Readonly<Record<string, string>>): string {
  const sorted = Object.entries(parameters).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256')
    .update(JSON.stringify([sheet, sorted]))
    .update(serialise(document))
    .digest('base64');
}

/** Rough octets of a tree in memory: two per character, and what an object costs. */
function sizeOf({ ns, local, attributes, children }: Element): number {
  const ofAttributes = attributes.reduce((sum, a) => sum + 100 + 2 * a.value.length, 0);
  const ofChildren = children.reduce(
    (sum, node) => sum + (isElement(node) ? sizeOf(node) : 2 * node.length),
    0,
  );
  return 150 + 2 * (ns.length + local.length) + ofAttributes + ofChildren;
}
