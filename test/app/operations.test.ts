import { describe, expect, it } from 'vitest';
import { NEEDS } from '../../src/app/access.js';
import { readConfig } from '../../src/app/config.js';
import { OPERATIONS, runOperation } from '../../src/app/operations.js';
import { fileUsers } from '../../src/store/users.js';
import { temporaryDirectory } from '../support/directory.js';
import { ADMIN, doc, openTestGateway, rule } from '../support/gateway.js';

async function product() {
  const state = temporaryDirectory();
  const { gateway } = await openTestGateway(state);
  return { gateway, users: fileUsers(state) };
}

describe('operations', () => {
  it('take checked input and give JSON', async () => {
    const here = await product();
    await runOperation(here, 'define', { document: doc('a', rule(25)) }, ADMIN);
    const list = await runOperation(here, 'list', {}, ADMIN);
    expect(JSON.parse(JSON.stringify(list))).toEqual(list);
    expect(list).toMatchObject([{ name: 'a' }]);
  });

  it.each([
    ['list', null],
    ['list', { extra: 1 }],
    ['dumpxml', {}],
    ['dumpxml', { name: 7 }],
    ['define', { document: '<filter/>', edited: { name: 'a' } }],
    ['bind', { port: 'vnet0', filter: 'a', parameters: [{ name: 'A' }] }],
    ['addUser', { name: 'a', role: 'king', password: 'long enough' }],
    ['no-such', {}],
    ['constructor', {}],
  ])('USAGE: %s %j', async (name, input) => {
    await expect(runOperation(await product(), name, input, ADMIN)).rejects.toMatchObject({ code: 'USAGE' });
  });

  it('ask for the role that the gateway asks for', async () => {
    const here = await product();
    for (const role of ['reader', 'operator'] as const) {
      const outcomes = await Promise.all(
        Object.entries(OPERATIONS).map(async ([name, { role: needed }]) => {
          const denied = await runOperation(here, name, undefined, { ...ADMIN, role }).then(
            () => false,
            (error) => error.code === 'ACCESS_DENIED',
          );
          return [name, needed, denied];
        }),
      );
      const expected = outcomes.map(([name, needed]) => {
        const allowed = needed === 'reader' || (role === 'operator' && needed === 'operator');
        return [name, needed, !allowed];
      });
      expect(outcomes).toEqual(expected);
    }
    expect(OPERATIONS.bind.role).toBe(NEEDS.bind);
    expect(OPERATIONS.users.role).toBe('admin');
  });
});

describe('the configuration', () => {
  it('is JSON with known keys', () => {
    expect(readConfig('{"listen":"[::1]:1"}', 'x')).toEqual({ listen: '[::1]:1' });
    for (const text of ['', '[]', '{"listen":1}', '{"port":1}', '{"logLevel":"loud"}']) {
      expect(() => readConfig(text, 'x.json')).toThrow(expect.objectContaining({ code: 'USAGE' }));
    }
  });
});
