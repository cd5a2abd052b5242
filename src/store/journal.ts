/**
 * Several files changed as one: the new contents are staged, a journal of what has to be renamed and removed is written,
 * and only then does anything happen to the files. A journal found at start is carried out again: each step of it may be
 * done twice. Without a journal nothing had begun, and staged files are leftovers.
 */
import { rename, rm } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fail } from '../model/errors.js';
import { flushDirectory, isMissing, readIfThere, stage, writeAtomically } from './disk.js';

/** Content of a file after the change (undefined: no such file) and before it. */
export interface FileChange {
  readonly path: string;
  readonly content: string | undefined;
  readonly before: Uint8Array | undefined;
}

/** Paths relative to the state directory: it may be moved. */
type Step = { readonly from: string; readonly to: string } | { readonly remove: string };

const NAME = 'journal';

/** Carries out all changes or none. `state` is the directory the journal lies in. */
export async function changeFiles(state: string, changes: readonly FileChange[]): Promise<void> {
  const journal = join(state, NAME);
  const staged = await Promise.allSettled(changes.map((change) => stepOf(state, change)));
  const steps = staged.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  try {
    const failed = staged.find((each) => each.status === 'rejected');
    if (failed) throw failed.reason;
    if (steps.length > 1) await writeAtomically(journal, JSON.stringify(steps));
  } catch (error) {
    for (const step of steps) if ('from' in step) await rm(join(state, step.from), { force: true });
    throw error;
  }
  try {
    await carryOut(state, steps, false);
  } catch (error) {
    await putBack(changes);
    if (steps.length > 1) await forget(journal);
    throw error;
  }
  if (steps.length > 1) await forget(journal);
}

/** Contents of one moment are flushed together: the disk does many at once nearly as fast as one. */
async function stepOf(state: string, { path, content }: FileChange): Promise<Step> {
  const to = relative(state, path);
  return content === undefined ? { remove: to } : { from: relative(state, await stage(path, content)), to };
}

/** Finishes what a killed process had begun. Errors: DISK when the journal cannot be read. */
export async function finishJournal(state: string): Promise<void> {
  const journal = join(state, NAME);
  const content = await readIfThere(journal);
  if (content === undefined) return;
  await carryOut(state, readSteps(journal, content), true);
  await forget(journal);
}

/** All at once: no two steps name one file. When one fails the others have ended too. */
async function carryOut(state: string, steps: readonly Step[], mayBeDone: boolean): Promise<void> {
  const done = await Promise.allSettled(steps.map((step) => carryOutOne(state, step, mayBeDone)));
  const failed = done.find((each) => each.status === 'rejected');
  if (failed) throw failed.reason;
  const directories = new Set(steps.map((step) => dirname('remove' in step ? step.remove : step.to)));
  for (const directory of directories) await flushDirectory(join(state, directory));
}

async function carryOutOne(state: string, step: Step, mayBeDone: boolean): Promise<void> {
  if ('remove' in step) {
    await rm(join(state, step.remove), { force: true });
    return;
  }
  await rename(join(state, step.from), join(state, step.to)).catch((error: unknown) => {
    if (!mayBeDone || !isMissing(error)) throw error;
  });
}

async function putBack(changes: readonly FileChange[]): Promise<void> {
  for (const { path, before } of changes) {
    if (before === undefined) await rm(path, { force: true });
    else await writeAtomically(path, before);
  }
}

async function forget(journal: string): Promise<void> {
  await rm(journal, { force: true });
  await flushDirectory(dirname(journal));
}

function readSteps(journal: string, content: Uint8Array): readonly Step[] {
  try {
    return JSON.parse(Buffer.from(content).toString('utf8')) as readonly Step[];
  } catch (cause) {
    throw fail('DISK', `${journal} cannot be read: move it away to start without it`, undefined, { cause });
  }
}
