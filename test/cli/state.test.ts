/** Where the state is, and who waits for whom. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../support/directory.js';
import { doc, rule } from '../support/gateway.js';
import { build, nwgate } from '../support/program.js';
import { prepared } from './prepared.js';

beforeAll(build);

describe('the state directory', () => {
  it('is --state, else NWGATE_STATE, else under XDG_STATE_HOME', async () => {
    const directory = temporaryDirectory();
    const [given, named] = [join(directory, 'given'), join(directory, 'named')];
    await nwgate(['--state', given, '--host', 'dry-run', 'list'], { env: { NWGATE_STATE: named } });
    expect([existsSync(given), existsSync(named)]).toEqual([true, false]);
    await nwgate(['--host', 'dry-run', 'list'], { env: { NWGATE_STATE: named } });
    expect(existsSync(named)).toBe(true);
  });

  it('that other commands use is waited for', async () => {
    const { run, file, json } = await prepared('alone');
    const results = await Promise.all(
      [1, 2, 3, 4].map((n) => run(['define', file(`${n}.xml`, doc(`f${n}`, rule(n)))])),
    );
    expect(results.map(({ code }) => code)).toEqual([0, 0, 0, 0]);
    const names = (await json('list')).map(({ name }: { name: string }) => name);
    expect(names).toEqual(expect.arrayContaining(['f1', 'f2', 'f3', 'f4']));
  });
});
