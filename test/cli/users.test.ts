/** Commands on users, alone and through a running gateway. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { build } from '../support/program.js';
import { prepared, WAYS } from './prepared.js';

beforeAll(build);

describe.each(WAYS)('%s', (way) => {
  it('users: add, list, remove', async () => {
    const { run, json, state } = await prepared(way);
    const add = (name: string, role: string, input: string) =>
      run(['user', 'add', name, '--role', role, '--password-stdin'], { input });
    expect(await add('amy', 'admin', 'a long password\n')).toMatchObject({ code: 0 });
    expect(await add('amy', 'admin', 'a long password')).toMatchObject({ code: 4 });
    expect(await add('bob', 'emperor', 'a long password')).toMatchObject({ code: 2 });
    expect(await add('bob', 'reader', 'short')).toMatchObject({ code: 2 });
    expect(await run(['user', 'add', 'bob', '--role', 'reader'])).toMatchObject({ code: 2 });
    expect(await json('user', 'list')).toEqual([{ name: 'amy', role: 'admin', digest: false }]);
    expect((await run(['user', 'list'])).stdout).toBe('NAME  ROLE   DIGEST\namy   admin  no\n');
    expect(readFileSync(join(state, 'users.json'), 'utf8')).not.toContain('a long');
    expect(await run(['user', 'remove', 'amy'])).toMatchObject({ code: 0 });
    expect(await run(['user', 'remove', 'amy'])).toMatchObject({ code: 3 });
  });
});
