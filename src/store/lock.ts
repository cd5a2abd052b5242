/**
 * One nwgate per state directory. The lock is the kernel's (flock(2)), held by a child that ends when we do, however we
 * end: nothing stale is ever left.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fail } from '../model/errors.js';
import { hold } from '../process/run.js';
import { makePrivate, onDisk } from './disk.js';

export interface Lock {
  release(): Promise<void>;
}

/** Errors: BUSY when another process holds it, DISK, HOST_LACKS without flock (util-linux). */
export async function lockState(state: string): Promise<Lock> {
  const file = join(state, 'lock');
  await onDisk(state, async () => {
    await makePrivate(state);
    await writeFile(file, '', { flag: 'a', mode: 0o600 });
  });
  const answer = await hold('flock', ['-n', file, 'cat']);
  if (answer.held) return answer;
  if (answer.code === 1 && answer.stderr.trim() === '') {
    throw fail('BUSY', `another nwgate works on ${state}`);
  }
  throw fail('DISK', `${file} cannot be locked: ${answer.failure}`, undefined, { details: answer.stderr });
}
