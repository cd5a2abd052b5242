import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fileUsers } from '../../src/store/users.js';
import { temporaryDirectory } from '../support/directory.js';

describe('users', () => {
  it('are added, listed by name, verified and removed', async () => {
    const users = fileUsers(temporaryDirectory());
    await users.add({ name: 'zoe', role: 'reader' }, 'correct horse');
    await users.add({ name: 'amy', role: 'admin' }, 'battery staple');
    expect(await users.list()).toEqual([
      { name: 'amy', role: 'admin' },
      { name: 'zoe', role: 'reader' },
    ]);
    expect(await users.verify('zoe', 'correct horse')).toEqual({ name: 'zoe', role: 'reader' });
    expect(await users.verify('zoe', 'battery staple')).toBeUndefined();
    expect(await users.verify('nobody', 'correct horse')).toBeUndefined();
    await users.remove('zoe');
    expect(await users.verify('zoe', 'correct horse')).toBeUndefined();
  });

  it('lie in a file for the owner only, without their passwords', async () => {
    const state = temporaryDirectory();
    await fileUsers(state).add({ name: 'amy', role: 'admin' }, 'battery staple');
    const path = join(state, 'users.json');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readFileSync(path, 'utf8')).not.toContain('battery');
  });

  it('two added at once are both there', async () => {
    const users = fileUsers(temporaryDirectory());
    await Promise.all(['a', 'b', 'c'].map((name) => users.add({ name, role: 'reader' }, 'long enough')));
    expect((await users.list()).map(({ name }) => name)).toEqual(['a', 'b', 'c']);
  });

  it.each([
    ['EXISTS', 'amy', 'long enough'],
    ['NAME', 'a:b', 'long enough'],
    ['NAME', '', 'long enough'],
    ['NAME', '../x', 'long enough'],
    ['VALUE', 'bob', 'short'],
  ])('%s for %j', async (code, name, password) => {
    const users = fileUsers(temporaryDirectory());
    await users.add({ name: 'amy', role: 'reader' }, 'long enough');
    await expect(users.add({ name, role: 'reader' }, password)).rejects.toMatchObject({ code });
    expect(await users.list()).toHaveLength(1);
  });

  it('that are not there cannot be removed', async () => {
    await expect(fileUsers(temporaryDirectory()).remove('amy')).rejects.toMatchObject({
      code: 'USER_NOT_FOUND',
    });
  });

  it.each(['{', '[1]', '{"amy":{"role":"emperor"}}', 'null'])(
    'a damaged file is said: %s',
    async (content) => {
      const state = temporaryDirectory();
      writeFileSync(join(state, 'users.json'), content);
      await expect(fileUsers(state).verify('amy', 'x')).rejects.toMatchObject({ code: 'DISK' });
    },
  );
});
