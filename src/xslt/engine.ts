/** The choice between the two engines, and what stands in front of either: long documents go in parts, results are cached, short ones go together. */
import type { Transform } from '../mapping/transform.js';
import { builtin } from './builtin.js';
import { cached, resultCache } from './cache.js';
import { inParts } from './parts.js';
import { sizeOf, together } from './together.js';
import { hasXsltproc, xsltproc } from './xsltproc.js';

export const ENGINES = ['auto', 'builtin', 'xsltproc'] as const;
export type EngineChoice = (typeof ENGINES)[number];

export interface Engine {
  readonly name: Exclude<EngineChoice, 'auto'>;
  readonly transform: Transform;
  /** Ends what the engine keeps running; nothing keeps the process alive without it. */
  close(): Promise<void>;
}

/**
 * Children of a document's root up to which the built-in engine is faster than a process is started. Only where its thread will be
 * needed again: to start it costs as much as ten processes.
 */
const SHORT = 100;

/**
 * `auto`: xsltproc where it is installed, else the built-in one; in a process that stays the built-in one for short documents, too.
 * Errors: of a transform, HOST_LACKS (xsltproc preferred, not there).
 */
export async function chooseEngine({
  prefer = 'auto',
  stays = false,
}: {
  readonly prefer?: EngineChoice;
  readonly stays?: boolean;
} = {}): Promise<Engine> {
  const name = prefer === 'auto' ? ((await hasXsltproc()) ? 'xsltproc' : 'builtin') : prefer;
  const { transform, close } =
    name === 'builtin' ? builtin() : stays && prefer === 'auto' ? both() : byProcess();
  return { name, transform: inParts(cached(together(transform), resultCache())), close };
}

type Running = Pick<Engine, 'transform' | 'close'>;

const byProcess = (): Running => ({ transform: xsltproc(), close: async () => {} });

/** Short documents to the thread, long ones to a process. */
function both(): Running {
  const [thread, process] = [builtin(), xsltproc()];
  return {
    transform: (sheet, document, parameters) =>
      (sizeOf(document) <= SHORT ? thread.transform : process)(sheet, document, parameters),
    close: thread.close,
  };
}
