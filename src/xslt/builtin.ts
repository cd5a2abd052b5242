/**
 * The engine that is always there: xslt-processor, pure JavaScript. It gets a quarter of XSLT 1.0 wrong (the stylesheets keep
 * to the rest), takes the square of the document's length (so it is fed rule by rule) and never lets go of its thread (so it
 * has one of its own).
 */
import { readFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { join, split } from '../mapping/split.js';
import { SHEETS, type Transform } from '../mapping/transform.js';
import { fail } from '../model/errors.js';
import type { Attribute, Element } from '../xml/element.js';
import { serialise } from '../xml/serialise.js';
import { type Done, type Job, serveTransforms, type Tree } from './builtin-worker.js';
import { readResult } from './result.js';
import { sheetFile } from './sheets.js';

const NAME = 'xslt-processor';
/** Milliseconds for one part of a document; a rule takes a few. */
const PATIENCE = 60_000;

export interface BuiltIn {
  /** Errors: INTERNAL when the engine fails. */
  readonly transform: Transform;
  /** Ends the thread, if it runs; a later transform starts another. It never keeps the process alive by itself. */
  close(): Promise<void>;
}

/** `around` stands around the transform of each part (a cache). The thread starts with the first transform. */
export function builtin(around: (part: Transform) => Transform = (part) => part): BuiltIn {
  const sheets = Object.fromEntries(SHEETS.map((sheet) => [sheet, readFileSync(sheetFile(sheet), 'utf8')]));
  const prefixes = Object.fromEntries(SHEETS.map((sheet) => [sheet, declared(sheets[sheet]!)]));
  const thread = workerThread(sheets);
  const part = around(async (sheet, document, parameters = {}) => {
    const tree = await thread.run({ sheet, document, parameters });
    return readResult(NAME, serialise(elementOf(tree, prefixes[sheet]!)));
  });
  return {
    transform: async (sheet, document, parameters) => {
      const [first, ...rest] = split(sheet, document);
      const run = (each: Element) => part(sheet, each, parameters);
      return join(await Promise.all([run(first), ...rest.map(run)]));
    },
    close: thread.close,
  };
}

/** Prefix → namespace, as the root of a stylesheet declares them (by the rule of the stylesheets: only there). */
function declared(sheet: string): ReadonlyMap<string, string> {
  return new Map(
    [...sheet.matchAll(/\sxmlns:([A-Za-z0-9]+)="([^"]*)"/g)].map(([, prefix = '', ns = '']) => [prefix, ns]),
  );
}

function elementOf(tree: Tree, prefixes: ReadonlyMap<string, string>): Element {
  const resolve = (name: string) => {
    const [prefix, local] = name.includes(':') ? name.split(':', 2) : ['', name];
    const ns = prefix === '' ? '' : prefixes.get(prefix!);
    if (ns === undefined || !local) throw fail('INTERNAL', `${NAME} wrote the name "${name}"`);
    return { ns, local };
  };
  return {
    ...resolve(tree.name),
    attributes: tree.attributes.map(([name, value]): Attribute => ({ ...resolve(name), value })),
    children: tree.children.map((child) => (typeof child === 'string' ? child : elementOf(child, prefixes))),
  };
}

interface Waiting {
  readonly resolve: (tree: Tree) => void;
  readonly reject: (error: Error) => void;
}

/** Source of the thread: the text of `serveTransforms`, and a way to find the library from where this file is. */
const SOURCE = `
const { createRequire } = require('node:module');
const { parentPort, workerData } = require('node:worker_threads');
(${serveTransforms})(createRequire(workerData.from)('xslt-processor'), workerData.sheets, parentPort);
`;

function workerThread(sheets: Readonly<Record<string, string>>) {
  const waiting = new Map<number, Waiting>();
  let worker: Worker | undefined;
  let last = 0;

  const start = (): Worker => {
    const started = new Worker(SOURCE, { eval: true, workerData: { from: import.meta.url, sheets } });
    const broken = (why: string) => {
      if (worker !== started) return;
      worker = undefined;
      for (const { reject } of waiting.values()) reject(fail('INTERNAL', `${NAME}: ${why}`));
      waiting.clear();
    };
    started.on('message', ({ id, result, error }: Done) => {
      const { resolve, reject } = waiting.get(id)!;
      waiting.delete(id);
      if (waiting.size === 0) started.unref();
      if (result) resolve(result);
      else reject(fail('INTERNAL', `${NAME}: ${error}`));
    });
    started.on('error', (error) => broken(error.message));
    started.on('exit', () => broken('its thread ended'));
    return started;
  };

  const close = async () => {
    const ending = worker;
    await ending?.terminate();
  };

  const run = async (job: Omit<Job, 'id'>): Promise<Tree> => {
    worker ??= start();
    worker.ref();
    last += 1;
    const id = last;
    const result = new Promise<Tree>((resolve, reject) => waiting.set(id, { resolve, reject }));
    worker.postMessage({ ...job, id } satisfies Job);
    const guard = setTimeout(() => void close(), PATIENCE * (1 + waiting.size / 100));
    return result.finally(() => clearTimeout(guard));
  };
  return { run, close };
}
