/**
 * What was read of stored files, kept in a file of its own so that the next start need not read them again: each value by the digest of
 * the content it was read from. A file that changed since is simply not found. The files alone are the truth: the cache may be removed at
 * any time, and trouble with it stops nothing.
 */
import { hash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { readIfThere, reason, writeAtomically } from './disk.js';

export interface Cache<T> {
  /** What was read of this content before, else what `read` makes of it. Errors: those of `read`, which are not kept. */
  of(content: Uint8Array, read: () => T): T;
  /** Writes down what has been asked for, when enough of it was not there. */
  keep(): Promise<void>;
}

/** Told what went wrong with the cache. */
export type Complain = (trouble: string) => void;

/** So many files take as long to read as the cache takes to write: fewer are read again at the next start. */
const WORTH_WRITING = 64;

const digestOf = (content: Uint8Array) => hash('sha256', content, 'base64');
const DIGEST_LENGTH = 44;

/** Opens the cache at `path`. One that is damaged, or that another program than this wrote, is empty. `program`: digest of this one. */
export async function openCache<T>(
  path: string,
  complain: Complain,
  program: () => string = thisProgram,
): Promise<Cache<T>> {
  const known = valuesIn<T>(await tried(() => readIfThere(path), complain), program);
  const asked = new Map<string, T>();
  let missed = 0;
  return {
    of(content, read) {
      const digest = digestOf(content);
      let value = known.get(digest);
      if (value === undefined) {
        value = read();
        missed += 1;
      }
      asked.set(digest, value);
      return value;
    },
    async keep() {
      if (missed < WORTH_WRITING) return;
      const payload = serialize(asked);
      const content = Buffer.concat([Buffer.from(sealOf(payload, program())), payload]);
      await tried(() => writeAtomically(path, content), complain);
    },
  };
}

async function tried<T>(work: () => Promise<T>, complain: Complain): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    complain(reason(error));
    return undefined;
  }
}

function valuesIn<T>(content: Uint8Array | undefined, program: () => string): ReadonlyMap<string, T> {
  if (content === undefined) return new Map();
  const payload = content.subarray(DIGEST_LENGTH);
  const seal = Buffer.from(content.subarray(0, DIGEST_LENGTH)).toString('latin1');
  return seal === sealOf(payload, program()) ? deserialize(payload) : new Map();
}

/** Of the payload and of what wrote it. */
const sealOf = (payload: Uint8Array, program: string) => digestOf(Buffer.from(program + digestOf(payload)));

let digestOfProgram: string | undefined;

/** Digest of all that decides what is read of a file: our code for it, the libraries' versions, and V8, which writes the values down. */
function thisProgram(): string {
  if (digestOfProgram !== undefined) return digestOfProgram;
  const root = join(import.meta.dirname, '..');
  const folders = ['model', 'xml', 'store'].map((folder) => join(root, folder));
  const code = folders.flatMap((folder) =>
    readdirSync(folder)
      .sort()
      .map((file) => join(folder, file)),
  );
  const digests = [...code, join(root, '../package.json')].map((file) => digestOf(readFileSync(file)));
  digestOfProgram = digestOf(Buffer.from([process.versions.v8, ...digests].join()));
  return digestOfProgram;
}
