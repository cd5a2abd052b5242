/** A thread with the built-in engine in it. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { SHEETS } from '../mapping/transform.js';
import { fail } from '../model/errors.js';
import { type Answer, type Job, THREAD, type ThreadData } from './builtin-worker.js';
import { sheetFile } from './sheets.js';

export const NAME = 'libxslt-wasm';
/** MiB of V8's stack, of which one usually suffices for a third of the depth that libxslt allows. */
const STACK_SIZE = 16;

/** One job at a time. It keeps the process alive only while it has one, and is of no more use after a failure. */
export interface Thread {
  /** Errors: INTERNAL when libxslt fails (details: its words), after `patience` milliseconds, and when the thread ends meanwhile. */
  run(job: Job, patience: number): Promise<string>;
  end(): Promise<void>;
}

interface Waiting {
  readonly resolve: (result: string) => void;
  readonly reject: (error: Error) => void;
}

/** `sheets`: texts of stylesheets by name. */
export function startThread(sheets: Readonly<Record<string, string>> = sheetTexts()): Thread {
  let waiting: Waiting | undefined;
  const worker = new Worker(THREAD, {
    eval: true,
    workerData: { library: libraryUrl(), sheets } satisfies ThreadData,
    resourceLimits: { stackSizeMb: STACK_SIZE },
  });
  const broken = (why: string, details = '') =>
    waiting?.reject(fail('INTERNAL', `${NAME}: ${why}`, undefined, details === '' ? {} : { details }));
  worker.on('message', (answer: Answer) => {
    if ('result' in answer) waiting?.resolve(answer.result);
    else broken(answer.error, answer.words.trim());
  });
  worker.on('error', (error) => broken(error.message));
  worker.on('exit', () => broken('its thread ended'));
  return {
    async run(job, patience) {
      worker.ref();
      const late = setTimeout(() => broken(`no end within ${patience} ms`), patience);
      try {
        return await new Promise<string>((resolve, reject) => {
          waiting = { resolve, reject };
          worker.postMessage(job);
        });
      } finally {
        clearTimeout(late);
        worker.unref();
      }
    },
    async end() {
      await worker.terminate();
    },
  };
}

const libraryUrl = () => pathToFileURL(createRequire(import.meta.url).resolve('libxslt-wasm')).href;

const sheetTexts = () =>
  Object.fromEntries(SHEETS.map((sheet) => [sheet, readFileSync(sheetFile(sheet), 'utf8')]));
