/**
 * The native form on its way, as the thread of 2010 shows it: test/data/thread/<case>/thread.xml, the name it is given (name.txt),
 * and what becomes of it: the filters in native.xml, or the faults in refused.txt. UPDATE_GOLDENS=1 writes what came out.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readPolicy } from '../../src/app/forms.js';
import { NwgateError } from '../../src/model/errors.js';
import { writeFilter } from '../../src/xml/nwfilter-write.js';

const DATA = join(import.meta.dirname, '../data/thread');

async function outcome(document: string, name: string | undefined): Promise<readonly [string, string]> {
  const transform = () => Promise.reject(new Error('these forms need no stylesheet'));
  try {
    const { filters } = await readPolicy({ document, name }, { transform, systemName: 'host' });
    return ['native.xml', filters.map((filter) => writeFilter(filter)).join('')];
  } catch (error) {
    if (!(error instanceof NwgateError)) throw error;
    const lines = error.faults.map(
      ({ code, message, where }) => `${where?.line ?? ''}:${where?.column ?? ''} ${code} ${message}`,
    );
    return ['refused.txt', `${lines.join('\n')}\n`];
  }
}

describe('forms of the thread', () => {
  it.each(readdirSync(DATA))('%s', async (example) => {
    const at = (file: string) => join(DATA, example, file);
    const name = existsSync(at('name.txt')) ? readFileSync(at('name.txt'), 'utf8').trim() : undefined;
    const [file, text] = await outcome(readFileSync(at('thread.xml'), 'utf8'), name);
    if (process.env.UPDATE_GOLDENS === '1') writeFileSync(at(file), text);
    expect(text).toBe(readFileSync(at(file), 'utf8'));
    expect(readdirSync(join(DATA, example)).filter((each) => /^(native|refused)/.test(each))).toEqual([file]);
  });
});
