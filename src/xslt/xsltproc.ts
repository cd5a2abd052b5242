/** libxslt's command, as Debian packages it: the fast engine. One process for a document, network and files closed to it. */
import type { Transform } from '../mapping/transform.js';
import { fail } from '../model/errors.js';
import { type Run, run } from '../process/run.js';
import { serialise } from '../xml/serialise.js';
import { readResult } from './result.js';
import { sheetFile } from './sheets.js';

const NAME = 'xsltproc';
/** Milliseconds; a filter of ten thousand rules takes one second. */
const PATIENCE = 60_000;

/** True when the command is there and runs. */
export async function hasXsltproc(start: Run = run): Promise<boolean> {
  try {
    return (await start(NAME, ['--version'], { timeout: PATIENCE })).code === 0;
  } catch {
    return false;
  }
}

/** Errors: HOST_LACKS without the command, INTERNAL when it fails (details: its words). */
export function xsltproc(start: Run = run): Transform {
  return async (sheet, document, parameters = {}) => {
    const strings = Object.entries(parameters).flatMap(([name, value]) => ['--stringparam', name, value]);
    const args = ['--nonet', '--novalid', '--nowrite', '--nomkdir', ...strings, sheetFile(sheet), '-'];
    const result = await start(NAME, args, { input: serialise(document), timeout: PATIENCE });
    if (result.failure !== undefined) {
      const details = result.stderr.trim();
      throw fail('INTERNAL', `${NAME} failed on ${sheet}: ${result.failure}`, undefined, { details });
    }
    return readResult(NAME, result.stdout);
  };
}
