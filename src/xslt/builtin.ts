/**
 * The engine that is always there: libxslt, compiled to WebAssembly. It never lets go of its thread, so it has one of its own,
 * which can be ended; and which is ended when nothing is to be done, as WebAssembly gives no memory back.
 */
import type { Transform } from '../mapping/transform.js';
import { serialise } from '../xml/serialise.js';
import { NAME, startThread, type Thread } from './builtin-thread.js';
import type { Job } from './builtin-worker.js';
import { readResult } from './result.js';

/** Milliseconds for one document; a filter of ten thousand rules takes a few seconds. */
const PATIENCE = 60_000;
/** Milliseconds without work after which the thread ends; it starts again within a tenth of a second. */
const IDLE = 30_000;

export interface BuiltIn {
  /** Errors: INTERNAL when the engine fails (details: its words), or takes longer than it may. */
  readonly transform: Transform;
  /** Ends the thread, if it runs; a later transform starts another. It never keeps the process alive by itself. */
  close(): Promise<void>;
}

/** One document at a time. The thread starts with the first; after a failure the next document has a fresh one. */
export function builtin({ patience = PATIENCE, idle = IDLE } = {}): BuiltIn {
  let thread: Thread | undefined;
  let unused: NodeJS.Timeout | undefined;
  let before: Promise<unknown> = Promise.resolve();

  const close = async () => {
    const ending = thread;
    thread = undefined;
    await ending?.end();
  };
  const run = async (job: Job): Promise<string> => {
    clearTimeout(unused);
    thread ??= startThread();
    try {
      return await thread.run(job, patience);
    } catch (error) {
      await close();
      throw error;
    } finally {
      unused = setTimeout(() => void close(), idle).unref();
    }
  };
  return {
    async transform(sheet, document, parameters = {}) {
      const expressions = Object.fromEntries(
        Object.entries(parameters).map(([name, value]) => [name, literal(value)]),
      );
      const result = before.then(() =>
        run({ sheet, document: serialise(document), parameters: expressions }),
      );
      before = result.catch(() => {});
      return readResult(NAME, await result);
    },
    close,
  };
}

/** XPath 1.0 has no escapes: a string with both kinds of quote is put together of parts. */
function literal(value: string): string {
  if (!value.includes("'")) return `'${value}'`;
  const parts = value.split("'").map((part) => `'${part}'`);
  return `concat(${parts.join(`,"'",`)})`;
}
