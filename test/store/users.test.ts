import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { digestSecrets } from '../../src/app/digest.js';
import { fileUsers } from '../../src/store/users.js';
import { temporaryDirectory } from '../support/directory.js';

describe('users', () => {
  it('are added, listed by name, verified and removed', async () => {
    const users = fileUsers(temporaryDirectory());
    await users.add({ name: 'zoe', role: 'reader', password: 'correct horse' });
    await users.add({ name: 'amy', role: 'admin', password: 'battery staple' });
    expect(await users.list()).toEqual([
      { name: 'amy', role: 'admin', digest: false },
      { name: 'zoe', role: 'reader', digest: false },
    ]);
    expect(await users.verify('zoe', 'correct horse')).toEqual({ name: 'zoe', role: 'reader' });
    expect(await users.verify('zoe', 'battery staple')).toBeUndefined();
    expect(await users.verify('nobody', 'correct horse')).toBeUndefined();
    await users.remove('zoe');
    expect(await users.verify('zoe', 'correct horse')).toBeUndefined();
  });

  it('keep what Digest needs when asked for it, until the password is set without', async () => {
    const state = temporaryDirectory();
    const users = fileUsers(state);
    const file = () => readFileSync(join(state, 'users.json'), 'utf8');
    await users.add({ name: 'amy', role: 'admin', password: 'battery staple' });
    expect([file().includes('MD5'), await users.digest('amy')]).toEqual([false, undefined]);
    const secrets = digestSecrets('amy', 'correct horse');
    await fileUsers(state, { digest: true }).setPassword({ name: 'amy', password: 'correct horse' });
    const account = { user: { name: 'amy', role: 'admin' }, secrets: expect.objectContaining(secrets) };
    expect(await users.digest('amy')).toEqual(account);
    expect(await users.list()).toEqual([{ name: 'amy', role: 'admin', digest: true }]);
    expect(await users.verify('amy', 'correct horse')).toEqual({ name: 'amy', role: 'admin' });
    expect(await users.verify('amy', 'battery staple')).toBeUndefined();
    // What was made for another realm is of no use.
    writeFileSync(join(state, 'users.json'), file().replace('"realm": "nwgate"', '"realm": "other"'));
    expect(await users.digest('amy')).toBeUndefined();
    await users.setPassword({ name: 'amy', password: 'correct horse' });
    expect(file()).not.toContain('MD5');
    await users.add({ name: 'bob', role: 'reader', password: 'long enough', digest: true });
    expect((await users.list()).map(({ digest }) => digest)).toEqual([false, true]);
    await expect(users.setPassword({ name: 'eve', password: 'long enough' })).rejects.toMatchObject({
      code: 'USER_NOT_FOUND',
    });
    await expect(users.setPassword({ name: 'bob', password: 'short' })).rejects.toMatchObject({
      code: 'VALUE',
    });
  });

  it('lie in a file for the owner only, without their passwords', async () => {
    const state = temporaryDirectory();
    await fileUsers(state).add({ name: 'amy', role: 'admin', password: 'battery staple' });
    const path = join(state, 'users.json');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readFileSync(path, 'utf8')).not.toContain('battery');
  });

  it('two added at once are both there', async () => {
    const users = fileUsers(temporaryDirectory());
    await Promise.all(
      ['a', 'b', 'c'].map((name) => users.add({ name, role: 'reader', password: 'long enough' })),
    );
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
    await users.add({ name: 'amy', role: 'reader', password: 'long enough' });
    await expect(users.add({ name, role: 'reader', password })).rejects.toMatchObject({ code });
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
