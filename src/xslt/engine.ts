/** The choice between the two engines, and what stands in front of either: long documents go in parts, which are cached. */
import type { Transform } from '../mapping/transform.js';
import { builtin } from './builtin.js';
import { cached, resultCache } from './cache.js';
import { inParts } from './parts.js';
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
  const name = prefer === 'auto' ? ((await hasXsltproc()) ? 'xsltproc' : 'builtin') : prefer;
  const engine = name === 'builtin' ? builtin() : { transform: xsltproc(), close: async () => {} };
  return { ...engine, name, transform: inParts(cached(engine.transform, resultCache())) };
}
