/** A user's place: a state directory, alone or with a gateway running on it. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { temporaryDirectory } from '../support/directory.js';
import { nwgate, type RunOptions } from '../support/program.js';
import { startServe } from '../support/running.js';

/** Of a filter that brings one along. */
export const UUID = '11111111-1111-4111-8111-111111111111';

export const WAYS = ['alone', 'through a gateway'] as const;

/** A state directory with a runner for it, and a way to write files beside it. */
export async function prepared(way: (typeof WAYS)[number]) {
  const directory = temporaryDirectory();
  const state = join(directory, 'state');
  if (way === 'through a gateway') await startServe(state);
  const run = (args: readonly string[], options?: RunOptions) =>
    nwgate(['--state', state, '--host', 'dry-run', ...args], options);
  const file = (name: string, content: string) => {
    const path = join(directory, name);
    writeFileSync(path, content);
    return path;
  };
  const json = async (...args: readonly string[]) => {
    const { code, stdout, stderr } = await run(['--json', ...args]);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    return JSON.parse(stdout);
  };
  return { directory, state, run, file, json };
}
