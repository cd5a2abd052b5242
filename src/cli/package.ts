/** Files that come with the program. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Filter } from '../model/filter.js';
import { readFilter } from '../xml/nwfilter-read.js';

/** The clone, or the installed package: two folders above this file, built or not. */
export const PACKAGE = join(import.meta.dirname, '../..');

export async function version(): Promise<string> {
  const content = await readFile(join(PACKAGE, 'package.json'), 'utf8');
  return (JSON.parse(content) as { version: string }).version;
}

/** The built-in filters of filters/. Errors: those of the reader, which would be a fault of the package. */
export async function builtInFilters(): Promise<readonly Filter[]> {
  const directory = join(PACKAGE, 'filters');
  const files = (await readdir(directory)).filter((file) => file.endsWith('.xml')).sort();
  return Promise.all(
    files.map(async (file) => {
      const path = join(directory, file);
      return readFilter(await readFile(path), { source: path });
    }),
  );
}
