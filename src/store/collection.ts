/** One native XML file per value in one directory, named after the value. */
import { readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Change, Collection, Stored } from '../app/ports.js';
import { fail, NwgateError } from '../model/errors.js';
import { printable } from '../model/names.js';
import type { Cache } from './cache.js';
import { onDisk, readIfThere, reason } from './disk.js';
import type { FileChange } from './journal.js';

/** How a kind of value stands in its file. */
export interface Codec<T> {
  /** What a value of this kind is called in messages. */
  readonly noun: string;
  /** Errors: NAME. */
  checkName(name: string): string;
  nameOf(value: T): string;
  /** Errors: those of the reader. A file without a revision has revision 1. */
  read(content: Uint8Array, source: string): Stored<T>;
  write(value: T, revision: number): string;
}

export interface FileCollection<T> extends Collection<T> {
  /** The change of a file that a change of a value means. Errors: NAME, STALE. */
  fileChange(change: Change<T>): Promise<FileChange>;
}

const SUFFIX = '.xml';

/** The directory must exist. Without a cache every file is read anew, and nothing is written by `list`. */
export function fileCollection<T>(
  directory: string,
  codec: Codec<T>,
  openCache?: () => Promise<Cache<Stored<T>>>,
): FileCollection<T> {
  const pathOf = (name: string) => join(directory, codec.checkName(name) + SUFFIX);

  const readNamed = (name: string, content: Uint8Array, cache?: Cache<Stored<T>>): Stored<T> => {
    const read = () => codec.read(content, pathOf(name));
    const stored = cache === undefined ? read() : cache.of(content, read);
    const inside = codec.nameOf(stored.value);
    if (inside !== name) {
      const message = `${pathOf(name)} holds the ${codec.noun} ${printable(inside)}: file and name must agree`;
      throw fail('NAME', message);
    }
    return stored;
  };

  return {
    async list() {
      const found = new Map<string, Stored<T>>();
      const broken = new Map<string, string>();
      const files = await onDisk(directory, () => readdir(directory));
      const cache = await openCache?.();
      for (const file of files.filter((each) => each.endsWith(SUFFIX) && !each.startsWith('.')).sort()) {
        const name = file.slice(0, -SUFFIX.length);
        try {
          // One after the other, since asking for a thousand at once and waiting takes six times as long.
          const content = readFileSync(join(directory, file));
          found.set(name, readNamed(name, content, cache));
        } catch (error) {
          broken.set(name, reason(error));
        }
      }
      await cache?.keep();
      return { found, broken };
    },

    async fileChange({ name, value, expected }) {
      const path = pathOf(name);
      const before = await onDisk(path, () => readIfThere(path));
      const revision = before === undefined ? 0 : revisionOf(() => readNamed(name, before));
      if (expected !== undefined && expected !== revision) {
        const state =
          revision === undefined
            ? 'its file cannot be read'
            : `it has revision ${revision}, expected was ${expected}`;
        throw fail('STALE', `the ${codec.noun} ${name} was changed by somebody else: ${state}`);
      }
      const content = value === undefined ? undefined : codec.write(value, (revision ?? 0) + 1);
      return { path, content, before };
    },
  };
}

/** Undefined for a file that cannot be read: it may be replaced, but nobody can expect its revision. */
function revisionOf(read: () => Stored<unknown>): number | undefined {
  try {
    return read().revision;
  } catch (error) {
    if (error instanceof NwgateError) return undefined;
    throw error;
  }
}
