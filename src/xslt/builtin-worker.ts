/**
 * What runs in the thread of the built-in engine. `serveTransforms` is handed over as text (`THREAD`), so that it runs from
 * src/ as from dist/: it may use nothing of this file but types, and gets everything else as a parameter.
 */
import type { MessagePort } from 'node:worker_threads';

/** `document` goes through `sheet` (a key of the sheets handed over at the start). Parameters are XPath expressions. */
export interface Job {
  readonly sheet: string;
  readonly document: string;
  readonly parameters: Readonly<Record<string, string>>;
}

/** The result, or why there is none and what libxslt said. */
export type Answer = { readonly result: string } | { readonly error: string; readonly words: string };

/** What `THREAD` is started with. */
export interface ThreadData {
  /** File URL of the library. */
  readonly library: string;
  readonly sheets: Readonly<Record<string, string>>;
}

/** Each stylesheet is compiled once. What libxslt holds is freed after each job: the collector does not know of it. */
export function serveTransforms(
  library: typeof import('libxslt-wasm'),
  words: string[],
  sheets: Readonly<Record<string, string>>,
  port: MessagePort,
): void {
  const { XmlDocument, XsltStylesheet } = library;
  const compiled = new Map<string, InstanceType<typeof XsltStylesheet>>();

  const sheetOf = async (name: string) => {
    const found = compiled.get(name) ?? (await XsltStylesheet.fromString(sheets[name]!));
    compiled.set(name, found);
    return found;
  };

  const transform = async ({ sheet, document, parameters }: Job): Promise<string> => {
    const stylesheet = await sheetOf(sheet);
    const input = await XmlDocument.fromString(document, { options: { noNet: true } });
    const output = await stylesheet.apply(input, parameters);
    const text = output.toString();
    output.delete();
    input.delete();
    return text;
  };

  const answer = async (job: Job): Promise<Answer> => {
    try {
      return { result: await transform(job) };
    } catch (error) {
      return { error: String(error), words: words.splice(0).join('') };
    }
  };
  port.on('message', (job: Job) => void answer(job).then((said) => port.postMessage(said)));
}

/** Octets of the C stack. */
const STACK = 16 * 1024 * 1024;

/**
 * Source of the thread. What it changes, it changes for itself alone, before the library is loaded:
 * - the library wants to suspend WebAssembly to fetch documents, which Node has from version 24 on. We fetch none;
 * - its C stack of 64 KiB ends in its data, which a deep template overwrites: it gets one that libxslt's own limit does not fill;
 * - libxslt's words go to the standard error of the process: they are collected.
 */
export const THREAD = `
const { parentPort, workerData } = require('node:worker_threads');
const words = [];
require('node:fs').writeSync = (_, text) => words.push(text);
Symbol.dispose ??= Symbol('Symbol.dispose');
WebAssembly.Suspending = function () { return () => { throw new Error('nothing is fetched'); }; };
WebAssembly.promising = (entry) => entry;
const instantiate = WebAssembly.instantiate;
WebAssembly.instantiate = async (...given) => {
  const made = await instantiate(...given);
  const { malloc, _emscripten_stack_restore } = made.instance.exports;
  WebAssembly.instantiate = instantiate;
  afterStart = () => _emscripten_stack_restore((malloc(${STACK}) + ${STACK}) & ~15);
  return made;
};
let afterStart;
import(workerData.library).then((library) => {
  afterStart();
  (${serveTransforms})(library, words, workerData.sheets, parentPort);
});
`;
