/**
 * The scripts by which libvirt calls us. Each is known by its second line, so that nobody else's is ever written over or
 * removed. Source: libvirt, "Hooks for specific system management", script location.
 */
import { chmod, mkdir, readdir, readFile, rm, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { HookCall } from '../app/hook.js';
import { fail, NwgateError } from '../model/errors.js';
import { run } from '../process/run.js';
import type { Context } from './context.js';
import { PACKAGE } from './package.js';

export interface HookPlace {
  /** libvirt's directory of hooks. */
  readonly dir: string;
  readonly driver: readonly HookCall['driver'][];
}

const MARK = '# nwgate hook: written by "nwgate hook-install", removed by "nwgate hook-uninstall"';

/** libvirt runs the scripts of `<driver>.d/` from here on. */
const DIRECTORY_SINCE = [6, 5] as const;

/**
 * Writes a script per driver: `<driver>.d/nwgate` where libvirt knows the directory form, else `<driver>`. One of ours is
 * written anew. Errors: EXISTS for a file of somebody else, nothing written; DISK.
 */
export async function installHooks(
  { dir, driver }: HookPlace,
  context: Pick<Context, 'state' | 'options'>,
): Promise<{ readonly files: readonly string[]; readonly libvirt: string | null }> {
  const libvirt = await libvirtVersion();
  const single = libvirt !== undefined && isBefore(libvirt, DIRECTORY_SINCE);
  const scripts = driver.map((name) => {
    const directory = single ? dir : join(dir, `${name}.d`);
    return { name, directory, file: join(directory, single ? name : 'nwgate') };
  });
  for (const { file } of scripts) {
    if (await isForeign(file)) {
      throw fail(
        'EXISTS',
        `${file} is somebody else's: call "nwgate hook ${driver[0]} \\"$@\\"" from it instead`,
      );
    }
  }
  for (const { name, directory, file } of scripts) {
    await onDisk(file, async () => {
      await mkdir(directory, { recursive: true, mode: 0o755 });
      await writeFile(file, scriptFor(name, context));
      await chmod(file, 0o755);
    });
  }
  return { files: scripts.map(({ file }) => file), libvirt: libvirt ?? null };
}

/** Removes what `installHooks` has written, in either form, and nothing else. Answers the files. Errors: DISK. */
export async function uninstallHooks({ dir, driver }: HookPlace): Promise<readonly string[]> {
  const removed: string[] = [];
  for (const name of driver) {
    const directory = join(dir, `${name}.d`);
    for (const file of [join(dir, name), join(directory, 'nwgate')]) {
      if (!(await readIfThere(file))?.includes(MARK)) continue;
      await onDisk(file, () => rm(file));
      removed.push(file);
      if (file.startsWith(directory) && (await readdir(directory)).length === 0) await rmdir(directory);
    }
  }
  return removed;
}

/** Everything by its whole path: libvirt's environment is not ours. */
function scriptFor(driver: string, { state, options }: Pick<Context, 'state' | 'options'>): string {
  const netns = options.netns === undefined ? [] : ['--netns', options.netns];
  const host = options.host === 'auto' ? [] : ['--host', options.host];
  const words = [process.execPath, join(PACKAGE, 'dist/cli/main.js'), '--state', state, ...host, ...netns];
  return `#!/bin/sh\n${MARK}\nexec ${[...words, 'hook', driver].map(quoted).join(' ')} "$@"\n`;
}

const quoted = (word: string) => (/^[\w./:-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`);

async function isForeign(file: string): Promise<boolean> {
  const content = await readIfThere(file);
  return content !== undefined && !content.includes(MARK);
}

async function readIfThere(file: string): Promise<string | undefined> {
  return onDisk(file, async () => {
    try {
      return await readFile(file, 'utf8');
    } catch (error) {
      if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
      throw error;
    }
  });
}

async function onDisk<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw fail('DISK', `${path}: ${(cause as Error).message}`, undefined, { cause });
  }
}

/** Of the library, as `virsh` tells it; undefined where there is no virsh. */
async function libvirtVersion(): Promise<string | undefined> {
  try {
    const { stdout, failure } = await run('virsh', ['--version']);
    return failure === undefined ? stdout.trim() : undefined;
  } catch (error) {
    if (error instanceof NwgateError) return undefined;
    throw error;
  }
}

function isBefore(version: string, [major, minor]: readonly [number, number]): boolean {
  const [a = 0, b = 0] = version.split('.').map(Number);
  return a < major || (a === major && b < minor);
}
