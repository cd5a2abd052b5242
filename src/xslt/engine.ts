/** The choice between the two engines, and the cache in front of either. */
import type { Transform } from '../mapping/transform.js';
import { builtin } from './builtin.js';
import { cached, resultCache } from './cache.js';
import { hasXsltproc, xsltproc } from './xsltproc.js';

export const ENGINES = ['auto', 'builtin', 'xsltproc'] as const;
export type EngineChoice = (typeof ENGINES)[number];

export interface Engine {
  readonly name: Exclude<EngineChoice, 'auto'>;
  readonly transform: Transform;
  /** Ends what the engine keeps running; nothing keeps the process alive without it. */
  close(): Promise<void>;
}

/** `auto`: xsltproc where it is installed, else the built-in one. Errors: of a transform, HOST_LACKS (xsltproc preferred, not there). */
export async function chooseEngine({
  prefer = 'auto',
}: {
  readonly prefer?: EngineChoice;
} = {}): Promise<Engine> {
  const cache = resultCache();
  const name = prefer === 'auto' ? ((await hasXsltproc()) ? 'xsltproc' : 'builtin') : prefer;
  if (name === 'xsltproc') return { name, transform: cached(xsltproc(), cache), close: async () => {} };
  const { transform, close } = builtin((part) => cached(part, cache));
  return { name, transform: cached(transform, cache), close };
}
