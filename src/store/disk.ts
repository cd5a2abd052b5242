/** Writing that survives a crash: temporary file beside the target, flush, rename, flush of the directory. */
import { constants } from 'node:fs';
import { chmod, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fail, NwgateError } from '../model/errors.js';

/** Names of ours begin with a dot, which no filter or port may: a leftover is known by its name. */
const TEMPORARY = /^\..+\.tmp$/;
let counter = 0;

/** For the owner only: no umask in use takes anything of it. */
const OWN = 0o600;

/** Runs disk work and turns what the system says into DISK, naming the path. */
export async function onDisk<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof NwgateError) throw cause;
    throw fail('DISK', `${path}: ${reason(cause)}`, undefined, { cause });
  }
}

export function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

/** What the system said. */
export const reason = (cause: unknown) => (cause instanceof Error ? cause.message : String(cause));

/** Makes a directory only its owner may enter; one that exists keeps its mode. */
export async function makePrivate(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 });
}

export async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Writes and flushes a temporary file beside `path`; answers its path. It is removed again when the writing fails. */
export async function stage(path: string, content: string | Uint8Array, mode = OWN): Promise<string> {
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.${counter++}.tmp`);
  try {
    const file = await open(temporary, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, mode);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    // What the umask took away of it.
    if (mode !== OWN) await chmod(temporary, mode);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  return temporary;
}

/** Makes renames and removals in a directory last. */
export async function flushDirectory(path: string): Promise<void> {
  const directory = await open(path, constants.O_RDONLY);
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

/** The whole of it for one file. */
export async function writeAtomically(path: string, content: string | Uint8Array): Promise<void> {
  await rename(await stage(path, content), path);
  await flushDirectory(dirname(path));
}

/** Removes what a killed process left behind. */
export async function removeLeftovers(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    if (TEMPORARY.test(name)) await rm(join(directory, name), { force: true });
  }
}
