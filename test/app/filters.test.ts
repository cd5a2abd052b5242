import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../support/directory.js';
import { ADMIN, bound, doc, openTestGateway, read, ref, rule } from '../support/gateway.js';

const UUID = '11111111-1111-4111-8111-111111111111';
const OTHER = '22222222-2222-4222-8222-222222222222';

describe('defining filters', () => {
  it('stores one, lists it and dumps it in canonical form', async () => {
    const state = temporaryDirectory();
    const { gateway } = await openTestGateway(state);
    const summary = await gateway.define(doc('a', rule(25) + ref('b'), UUID), {}, ADMIN);
    expect(summary).toEqual({
      name: 'a',
      uuid: UUID,
      chain: 'root',
      priority: 0,
      rules: 1,
      references: 1,
      ports: [],
    });
    expect(gateway.listFilters()).toEqual([summary]);
    expect(gateway.dumpxml('a')).toContain('dstportstart="25"');
    expect(gateway.dumpxml('a')).not.toContain('nwgate');
    const again = await openTestGateway(state);
    expect(again.gateway.dumpxml('a')).toBe(gateway.dumpxml('a'));
  });

  it('gives a new filter a uuid and keeps the stored one', async () => {
    const { gateway } = await openTestGateway(temporaryDirectory());
    const { uuid } = await gateway.define(doc('a', rule(25)), {}, ADMIN);
    expect(uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4/);
    expect((await gateway.define(doc('a', rule(26)), {}, ADMIN)).uuid).toBe(uuid);
    expect((await gateway.define(doc('a', rule(27), uuid), {}, ADMIN)).uuid).toBe(uuid);
  });

  it('refuses a uuid that is not the name’s and a name that is not the uuid’s', async () => {
    const { gateway } = await openTestGateway(temporaryDirectory());
    await gateway.define(doc('a', '', UUID), {}, ADMIN);
    await expect(gateway.define(doc('a', '', OTHER), {}, ADMIN)).rejects.toMatchObject({ code: 'EXISTS' });
    await expect(gateway.define(doc('b', '', UUID), {}, ADMIN)).rejects.toMatchObject({ code: 'EXISTS' });
    const twins = ['b', 'c'].map((name) => ({ filter: read(doc(name, '', OTHER)), expected: undefined }));
    await expect(gateway.putFilters(twins, ADMIN)).rejects.toMatchObject({ code: 'EXISTS' });
    expect(gateway.listFilters().map(({ name }) => name)).toEqual(['a']);
  });

  it('leaves equal content alone, whatever its spelling and uuid', async () => {
    const { gateway } = await openTestGateway(temporaryDirectory());
    await gateway.define(doc('a', rule(25), UUID), {}, ADMIN);
    await gateway.define(doc('a', `\n ${rule('0x19')}`), {}, ADMIN);
    expect(gateway.filter('a').revision).toBe(1);
    await gateway.define(doc('a', rule(26)), {}, ADMIN);
    expect(gateway.filter('a').revision).toBe(2);
  });

  it('keeps the id of a rule when others change', async () => {
    const { gateway } = await openTestGateway(temporaryDirectory());
    await gateway.define(doc('a', rule(25)), {}, ADMIN);
    const [first] = gateway.filter('a').value.entries;
    await gateway.define(doc('a', rule(24) + rule(25)), {}, ADMIN);
    expect(gateway.filter('a').value.entries[1]).toEqual(first);
  });

  it('takes references to filters that do not exist, and refuses circles', async () => {
    const { gateway } = await openTestGateway(temporaryDirectory());
    await gateway.define(doc('a', ref('b')), {}, ADMIN);
    await gateway.define(doc('b', ref('c')), {}, ADMIN);
    await expect(gateway.define(doc('c', ref('a')), {}, ADMIN)).rejects.toMatchObject({
      code: 'REF_LOOP',
      message: expect.stringContaining('c → a → b → c'),
    });
    await expect(gateway.define(doc('d', ref('d')), {}, ADMIN)).rejects.toMatchObject({ code: 'REF_LOOP' });
  });

  it('updates only what exists', async () => {
    const { gateway } = await openTestGateway(temporaryDirectory());
    const update = (body: string) => gateway.define(doc('a', body), { mustExist: true }, ADMIN);
    await expect(update(rule(1))).rejects.toMatchObject({ code: 'FILTER_NOT_FOUND' });
    await gateway.define(doc('a', ''), {}, ADMIN);
    expect((await update(rule(1))).rules).toBe(1);
  });

  it('stores an edited filter only as it was read', async () => {
    const { gateway } = await openTestGateway(temporaryDirectory());
    await gateway.define(doc('a', rule(1)), {}, ADMIN);
    const edited = { name: 'a', revision: 1 };
    await gateway.define(doc('a', rule(2)), { edited }, ADMIN);
    await expect(gateway.define(doc('a', rule(3)), { edited }, ADMIN)).rejects.toMatchObject({
      code: 'STALE',
    });
    await expect(gateway.define(doc('b', rule(3)), { edited }, ADMIN)).rejects.toMatchObject({
      code: 'NAME',
    });
  });

  it('compares revisions in putFilters', async () => {
    const { gateway } = await openTestGateway(temporaryDirectory());
    const put = (expected: number | undefined, port: number) =>
      gateway.putFilters([{ filter: read(doc('a', rule(port))), expected }], ADMIN);
    await expect(put(1, 1)).rejects.toMatchObject({ code: 'STALE' });
    await put(0, 1);
    await expect(put(0, 2)).rejects.toMatchObject({ code: 'EXISTS' });
    await expect(put(2, 2)).rejects.toMatchObject({ code: 'STALE' });
    await put(1, 2);
    expect(gateway.filter('a').revision).toBe(2);
  });

  it('reports every fault of a bad document and stores nothing', async () => {
    const state = temporaryDirectory();
    const { gateway } = await openTestGateway(state);
    const bad = doc('a', "<rule action='eat' direction='up'/>");
    expect(gateway.validate(bad, 'x.xml').map(({ where }) => where?.file)).toEqual(['x.xml', 'x.xml']);
    await expect(gateway.define(bad, {}, ADMIN)).rejects.toMatchObject({ code: 'VALUE' });
    expect(gateway.validate(doc('a', rule(1)), 'x.xml')).toEqual([]);
    expect(readdirSync(join(state, 'filters'))).toEqual([]);
  });

  it('copies under a new name, uuid its own', async () => {
    const { gateway } = await openTestGateway(temporaryDirectory());
    await gateway.define(doc('a', rule(25), UUID), {}, ADMIN);
    const copy = await gateway.createFrom('a', 'b', ADMIN);
    expect(copy).toMatchObject({ name: 'b', rules: 1 });
    expect(copy.uuid).not.toBe(UUID);
    await expect(gateway.createFrom('a', 'b', ADMIN)).rejects.toMatchObject({ code: 'EXISTS' });
    await expect(gateway.createFrom('x', 'c', ADMIN)).rejects.toMatchObject({ code: 'FILTER_NOT_FOUND' });
    await expect(gateway.createFrom('a', '../c', ADMIN)).rejects.toMatchObject({ code: 'NAME' });
  });
});

describe('undefining filters', () => {
  it('removes one nobody uses', async () => {
    const state = temporaryDirectory();
    const { gateway } = await openTestGateway(state);
    await gateway.define(doc('a'), {}, ADMIN);
    await expect(gateway.undefine('a', ADMIN, 7)).rejects.toMatchObject({ code: 'STALE' });
    await gateway.undefine('a', ADMIN, 1);
    expect(readdirSync(join(state, 'filters'))).toEqual([]);
    await expect(gateway.undefine('a', ADMIN)).rejects.toMatchObject({ code: 'FILTER_NOT_FOUND' });
  });

  it('names the ports and filters that use it', async () => {
    const { gateway } = await openTestGateway(temporaryDirectory());
    await gateway.define(doc('a'), {}, ADMIN);
    await gateway.define(doc('b', ref('a')), {}, ADMIN);
    await gateway.bind(bound('vnet0', 'a'), {}, ADMIN);
    await expect(gateway.undefine('a', ADMIN)).rejects.toMatchObject({
      code: 'IN_USE',
      message: 'the filter a is used by port vnet0, filter b',
    });
    await gateway.undefine('b', ADMIN);
    await gateway.unbind('vnet0', ADMIN);
    await gateway.undefine('a', ADMIN);
  });
});

describe('at opening', () => {
  it('stores the built-in filters in an empty store only', async () => {
    const state = temporaryDirectory();
    const builtIn = [read(doc('x', rule(1), UUID)), read(doc('y', ref('x'), OTHER))];
    const first = await openTestGateway(state, { builtIn });
    expect(first.gateway.listFilters().map(({ name }) => name)).toEqual(['x', 'y']);
    await first.gateway.undefine('y', ADMIN);
    const second = await openTestGateway(state, { builtIn });
    expect(second.gateway.listFilters().map(({ name }) => name)).toEqual(['x']);
  });

  it('gives a file without uuid one that stays', async () => {
    const state = temporaryDirectory();
    await openTestGateway(state);
    writeFileSync(join(state, 'filters/hand.xml'), doc('hand', rule(1)));
    const first = (await openTestGateway(state)).gateway.listFilters();
    expect(first[0]?.uuid).toMatch(/^[0-9a-f-]{36}$/);
    expect((await openTestGateway(state)).gateway.listFilters()).toEqual(first);
  });

  it('says what cannot be read, goes on with the rest, and lets it be replaced', async () => {
    const state = temporaryDirectory();
    await (await openTestGateway(state)).gateway.define(doc('good'), {}, ADMIN);
    writeFileSync(join(state, 'filters/torn.xml'), '<filter name=');
    const { gateway } = await openTestGateway(state);
    expect(gateway.unreadable()).toMatchObject([{ kind: 'filter', name: 'torn' }]);
    expect(gateway.listFilters().map(({ name }) => name)).toEqual(['good']);
    expect(() => gateway.filter('torn')).toThrow(/cannot be read/);
    await gateway.define(doc('torn'), {}, ADMIN);
    expect(gateway.unreadable()).toEqual([]);
    expect(gateway.filter('torn').revision).toBe(1);
  });
});

describe('roles', () => {
  it('keep readers from changing and operators from changing filters', async () => {
    const { gateway } = await openTestGateway(temporaryDirectory());
    const as = (role: 'reader' | 'operator') => ({ ...ADMIN, role });
    await gateway.define(doc('a'), {}, ADMIN);
    const denied = { code: 'ACCESS_DENIED' };
    await expect(gateway.define(doc('b'), {}, as('operator'))).rejects.toMatchObject(denied);
    await expect(gateway.putFilters([], as('operator'))).rejects.toMatchObject(denied);
    await expect(gateway.undefine('a', as('operator'))).rejects.toMatchObject(denied);
    await expect(gateway.createFrom('a', 'b', as('operator'))).rejects.toMatchObject(denied);
    await expect(gateway.importPolicy({ document: '' }, as('operator'))).rejects.toMatchObject(denied);
    await expect(gateway.bind(bound('vnet0', 'a'), {}, as('reader'))).rejects.toMatchObject(denied);
    await gateway.bind(bound('vnet0', 'a'), {}, as('operator'));
    await expect(gateway.unbind('vnet0', as('reader'))).rejects.toMatchObject(denied);
    await gateway.unbind('vnet0', as('operator'));
  });
});
