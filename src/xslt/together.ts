/**
 * An engine that is given no more documents at once than it can work on. What waits goes in together, as one document: to start
 * the engine, or to hand it something, costs as much as a hundred rules.
 */
import { availableParallelism } from 'node:os';
import type { Sheet, Transform } from '../mapping/transform.js';
import { fail } from '../model/errors.js';
import { type Element, el, elements } from '../xml/element.js';
import { NWG_NS } from '../xml/vocabulary.js';

/** Sheets that take `<nwg:documents>`, and answer one with what each has become. */
const TAKE_SEVERAL: readonly Sheet[] = [
  'nwfilter-to-wscim',
  'wscim-to-nwfilter',
  'foreign-to-wscim',
  'wscim-to-foreign',
];
/** Children of all documents that go together: those of one part of a long document (src/mapping/split.ts). */
const MOST = 1000;

interface Job {
  readonly given: Parameters<Transform>;
  readonly resolve: (result: Element) => void;
  readonly reject: (error: unknown) => void;
}

/** The same results; the engine works on `atOnce` documents at most. */
export function together(transform: Transform, atOnce = availableParallelism()): Transform {
  let waiting: Job[] = [];
  let underWay = 0;

  const alone = ({ given, resolve, reject }: Job) => transform(...given).then(resolve, reject);
  const run = async (jobs: readonly Job[]): Promise<void> => {
    const [first, ...others] = jobs as readonly [Job, ...Job[]];
    if (others.length === 0) return alone(first);
    const [sheet, , parameters] = first.given;
    const documents = jobs.map(({ given }) => given[1]);
    let results: readonly Element[];
    try {
      results = elements(await transform(sheet, el(NWG_NS, 'documents', {}, ...documents), parameters));
    } catch {
      // One of them does not do: each finds out for itself, and says so.
      for (const job of jobs) await alone(job);
      return;
    }
    const lost = fail('INTERNAL', `${sheet}: ${jobs.length} documents became ${results.length}`);
    for (const [index, { resolve, reject }] of jobs.entries())
      results.length === jobs.length ? resolve(results[index]!) : reject(lost);
  };
  const next = (): void => {
    while (underWay < atOnce && waiting.length > 0) {
      const jobs = alike(waiting);
      waiting = waiting.filter((job) => !jobs.includes(job));
      underWay += 1;
      void run(jobs).finally(() => {
        underWay -= 1;
        next();
      });
    }
  };
  return (...given) =>
    new Promise((resolve, reject) => {
      waiting.push({ given, resolve, reject });
      next();
    });
}

/** The first job, and those behind it that can go with it. */
function alike(waiting: readonly Job[]): readonly Job[] {
  const [first, ...others] = waiting as readonly [Job, ...Job[]];
  const [sheet, { children }, parameters] = first.given;
  const found = [first];
  if (!TAKE_SEVERAL.includes(sheet)) return found;
  const same = JSON.stringify(parameters);
  let room = MOST - children.length;
  for (const job of others) {
    const size = job.given[1].children.length;
    if (size > room) break;
    if (job.given[0] !== sheet || JSON.stringify(job.given[2]) !== same) continue;
    found.push(job);
    room -= size;
  }
  return found;
}

/** Children of a document, or of all documents in it. */
export function sizeOf(document: Element): number {
  if (document.ns !== NWG_NS) return document.children.length;
  return elements(document).reduce((sum, { children }) => sum + children.length, 0);
}
