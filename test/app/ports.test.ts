import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../support/directory.js';
import { fakeHost } from '../support/fake-host.js';
import { ADMIN, bound, doc, openTestGateway, read, ref, rule } from '../support/gateway.js';

const spoof = "<rule action='drop' direction='out'><ip srcipaddr='$IP' match='no'/></rule>";

/** Everything a failed change must leave as it was. */
function photograph(state: string, { gateway, host }: Awaited<ReturnType<typeof openTestGateway>>) {
  const files = ['filters', 'bindings'].flatMap((directory) =>
    readdirSync(join(state, directory)).map((file) => [
      file,
      readFileSync(join(state, directory, file), 'utf8'),
    ]),
  );
  return { files, rules: new Map(host.rules), filters: gateway.listFilters(), bindings: gateway.bindings() };
}

describe('binding', () => {
  it('puts rules on a port and takes them off', async () => {
    const opened = await openTestGateway(temporaryDirectory());
    const { gateway, host } = opened;
    await gateway.define(doc('a', rule(25)), {}, ADMIN);
    const status = await gateway.bind(bound('vnet0', 'a'), {}, ADMIN);
    expect(status).toMatchObject({ port: 'vnet0', filter: 'a', state: 'applied', reason: undefined });
    expect(JSON.stringify(host.rules.get('vnet0'))).toContain('"25"');
    expect(gateway.listFilters()[0]?.ports).toEqual(['vnet0']);
    await gateway.unbind('vnet0', ADMIN);
    expect(host.rules.size).toBe(0);
    expect(gateway.bindings()).toEqual([]);
    await expect(gateway.unbind('vnet0', ADMIN)).rejects.toMatchObject({ code: 'BINDING_NOT_FOUND' });
  });

  it('of a bound port is refused unless it is to replace', async () => {
    const { gateway, host } = await openTestGateway(temporaryDirectory());
    await gateway.define(doc('a', rule(25)), {}, ADMIN);
    await gateway.define(doc('b', rule(26)), {}, ADMIN);
    await gateway.bind(bound('vnet0', 'a'), {}, ADMIN);
    await expect(gateway.bind(bound('vnet0', 'b'), {}, ADMIN)).rejects.toMatchObject({ code: 'EXISTS' });
    await gateway.bind(bound('vnet0', 'b'), { replace: true }, ADMIN);
    expect(gateway.bindings()).toMatchObject([{ port: 'vnet0', filter: 'b' }]);
    expect(JSON.stringify(host.rules.get('vnet0'))).toContain('"26"');
  });

  it('of a revision that is not the present one is refused, and changes nothing', async () => {
    const state = temporaryDirectory();
    const opened = await openTestGateway(state);
    const { gateway } = opened;
    await gateway.define(doc('a', rule(25)), {}, ADMIN);
    await gateway.define(doc('b', rule(26)), {}, ADMIN);
    const { revision } = await gateway.bind(bound('vnet0', 'a'), {}, ADMIN);
    await gateway.bind(bound('vnet0', 'b'), { replace: true, expected: revision }, ADMIN);
    const before = photograph(state, opened);
    const stale = { code: 'STALE' };
    const options = { replace: true, expected: revision };
    await expect(gateway.bind(bound('vnet0', 'a'), options, ADMIN)).rejects.toMatchObject(stale);
    await expect(gateway.unbind('vnet0', ADMIN, revision)).rejects.toMatchObject(stale);
    expect(photograph(state, opened)).toEqual(before);
    await gateway.unbind('vnet0', ADMIN, revision + 1);
    expect(gateway.bindings()).toEqual([]);
  });

  it('waits for an interface that does not exist, rules in place', async () => {
    const { gateway, host } = await openTestGateway(temporaryDirectory());
    await gateway.define(doc('a', rule(25)), {}, ADMIN);
    const status = await gateway.bind(bound('vnet9', 'a'), {}, ADMIN);
    expect(status).toMatchObject({ state: 'pending', reason: expect.stringContaining('does not exist') });
    expect(host.rules.has('vnet9')).toBe(true);
    host.present.push('vnet9');
    await gateway.interfaces();
    expect(gateway.bindings()).toMatchObject([{ state: 'applied' }]);
  });

  it.each([
    ['FILTER_NOT_FOUND', bound('vnet0', 'nothing')],
    ['NAME', bound('../x', 'a')],
    ['NAME', bound('vnet0', 'a', 'B-D=1')],
    ['VALUE', bound('vnet0', 'a', 'IP=1;reboot')],
    ['VALUE', { ...bound('vnet0', 'a'), mac: 'zz' }],
    ['VALUE', { ...bound('vnet0', 'a'), owner: { name: 'a\nb' } }],
    ['VARIABLE_UNSET', bound('vnet0', 'a')],
  ])('%s: changes nothing', async (code, binding) => {
    const state = temporaryDirectory();
    const opened = await openTestGateway(state);
    await opened.gateway.define(doc('a', spoof), {}, ADMIN);
    const before = photograph(state, opened);
    await expect(opened.gateway.bind(binding, {}, ADMIN)).rejects.toMatchObject({ code });
    expect(photograph(state, opened)).toEqual(before);
  });
});

describe('a change of a filter in use', () => {
  it('reaches the ports that use it, also through references, and no other', async () => {
    const { gateway, host } = await openTestGateway(temporaryDirectory());
    await gateway.define(doc('leaf', rule(25)), {}, ADMIN);
    await gateway.define(doc('mid', ref('leaf')), {}, ADMIN);
    await gateway.define(doc('other', rule(99)), {}, ADMIN);
    await gateway.bind(bound('vnet0', 'mid'), {}, ADMIN);
    await gateway.bind(bound('vnet1', 'other'), {}, ADMIN);
    const untouched = host.rules.get('vnet1');
    await gateway.define(doc('leaf', rule(26)), {}, ADMIN);
    expect(JSON.stringify(host.rules.get('vnet0'))).toContain('"26"');
    expect(host.rules.get('vnet1')).toBe(untouched);
    expect(gateway.listFilters().find(({ name }) => name === 'leaf')?.ports).toEqual(['vnet0']);
  });

  it('does not touch the kernel when the content is equal', async () => {
    const { gateway, host } = await openTestGateway(temporaryDirectory());
    await gateway.define(doc('a', rule(25)), {}, ADMIN);
    await gateway.bind(bound('vnet0', 'a'), {}, ADMIN);
    const { changes } = host;
    await gateway.define(doc('a', rule(25)), {}, ADMIN);
    expect(host.changes).toBe(changes);
  });

  it('is refused, nothing touched, when one of the ports cannot have it', async () => {
    const state = temporaryDirectory();
    const opened = await openTestGateway(state);
    const { gateway, host } = opened;
    await gateway.define(doc('a', rule(25)), {}, ADMIN);
    await gateway.bind(bound('vnet0', 'a', 'IP=10.0.0.1'), {}, ADMIN);
    await gateway.bind(bound('vnet1', 'a'), {}, ADMIN);
    const before = photograph(state, opened);
    const { changes } = host;
    await expect(gateway.define(doc('a', spoof), {}, ADMIN)).rejects.toMatchObject({
      code: 'VARIABLE_UNSET',
      message: expect.stringContaining('vnet1'),
    });
    await expect(gateway.define(doc('a', ref('gone')), {}, ADMIN)).rejects.toMatchObject({
      code: 'REF_MISSING',
    });
    expect(photograph(state, opened)).toEqual(before);
    expect(host.changes).toBe(changes);
  });

  it('leaves everything as before when the kernel refuses', async () => {
    const state = temporaryDirectory();
    const opened = await openTestGateway(state);
    await opened.gateway.define(doc('a', rule(25)), {}, ADMIN);
    await opened.gateway.bind(bound('vnet0', 'a'), {}, ADMIN);
    const before = photograph(state, opened);
    opened.host.refuses = () => true;
    const refused = { code: 'NOT_APPLIED', details: 'line 3' };
    await expect(opened.gateway.define(doc('a', rule(26)), {}, ADMIN)).rejects.toMatchObject(refused);
    await expect(opened.gateway.bind(bound('vnet1', 'a'), {}, ADMIN)).rejects.toMatchObject(refused);
    await expect(opened.gateway.unbind('vnet0', ADMIN)).rejects.toMatchObject(refused);
    expect(photograph(state, opened)).toEqual(before);
    opened.host.refuses = () => false;
    await opened.gateway.define(doc('a', rule(26)), {}, ADMIN);
  });

  it('gives the kernel its old rules back when the disk is full', async () => {
    const state = temporaryDirectory();
    const opened = await openTestGateway(state);
    await opened.gateway.define(doc('a', rule(25)), {}, ADMIN);
    await opened.gateway.bind(bound('vnet0', 'a'), {}, ADMIN);
    const before = photograph(state, opened);
    opened.store.full = true;
    const refused = { code: 'DISK' };
    await expect(opened.gateway.define(doc('a', rule(26)), {}, ADMIN)).rejects.toMatchObject(refused);
    await expect(opened.gateway.bind(bound('vnet1', 'a'), {}, ADMIN)).rejects.toMatchObject(refused);
    await expect(opened.gateway.unbind('vnet0', ADMIN)).rejects.toMatchObject(refused);
    await expect(opened.gateway.undefine('a', ADMIN)).rejects.toMatchObject({ code: 'IN_USE' });
    expect(photograph(state, opened)).toEqual(before);
  });

  it('runs after the change before it: none sees half of another', async () => {
    const { gateway } = await openTestGateway(temporaryDirectory());
    const names = Array.from({ length: 20 }, (_, n) => `f${n}`);
    const results = await Promise.allSettled([
      ...names.map((name, n) => gateway.define(doc(name, n > 0 ? ref(`f${n - 1}`) : rule(1)), {}, ADMIN)),
      gateway.bind(bound('vnet0', 'f19'), {}, ADMIN),
      gateway.undefine('f0', ADMIN),
    ]);
    expect(results.slice(0, 21).every(({ status }) => status === 'fulfilled')).toBe(true);
    expect(results[21]).toMatchObject({ status: 'rejected', reason: { code: 'IN_USE' } });
  });
});

describe('at opening', () => {
  it('the kernel gets every stored port, and a port that cannot be had is closed and stops no other', async () => {
    const state = temporaryDirectory();
    const first = await openTestGateway(state);
    await first.gateway.define(doc('a', rule(25)), {}, ADMIN);
    await first.gateway.define(doc('b', rule(26)), {}, ADMIN);
    await first.gateway.bind(bound('vnet0', 'a'), {}, ADMIN);
    await first.gateway.bind(bound('vnet1', 'b'), {}, ADMIN);
    writeFileSync(join(state, 'filters/b.xml'), doc('b', ref('gone')));
    const { gateway, host } = await openTestGateway(state);
    expect(host.rules.get('vnet0')).toEqual(first.host.rules.get('vnet0'));
    expect(JSON.stringify(host.rules.get('vnet1'))).toContain('DROP');
    expect(gateway.bindings()).toMatchObject([
      { port: 'vnet0', state: 'applied' },
      { port: 'vnet1', state: 'failed', reason: expect.stringContaining('gone') },
    ]);
    // What it lacks may come in several steps.
    await gateway.define(doc('gone', ref('gone2')), {}, ADMIN);
    expect(gateway.bindings()[1]).toMatchObject({
      state: 'failed',
      reason: expect.stringContaining('gone2'),
    });
    await gateway.define(doc('gone2', rule(27)), {}, ADMIN);
    expect(gateway.bindings()[1]).toMatchObject({ state: 'applied' });
    expect(JSON.stringify(host.rules.get('vnet1'))).toContain('"27"');
  });

  it('a port that the kernel refuses is closed and the others have their rules', async () => {
    const state = temporaryDirectory();
    const first = await openTestGateway(state);
    await first.gateway.define(doc('a', rule(25)), {}, ADMIN);
    for (const port of ['vnet0', 'vnet1']) await first.gateway.bind(bound(port, 'a'), {}, ADMIN);
    const host = fakeHost(['vnet0', 'vnet1']);
    let refusals = 0;
    host.refuses = (ports) => ports.includes('vnet1') && refusals++ < 2;
    const { gateway } = await openTestGateway(state, { host });
    expect(gateway.bindings()).toMatchObject([
      { port: 'vnet0', state: 'applied' },
      { port: 'vnet1', state: 'failed', reason: 'the tool refused' },
    ]);
    expect(JSON.stringify(host.rules.get('vnet1'))).not.toContain('"25"');
    expect([...host.rules.keys()]).toEqual(['vnet0', 'vnet1']);
  });

  it('a binding that cannot be read closes its port until it is bound again or unbound', async () => {
    const state = temporaryDirectory();
    const first = await openTestGateway(state);
    await first.gateway.define(doc('a', rule(25)), {}, ADMIN);
    for (const port of ['vnet0', 'vnet1']) {
      await first.gateway.bind(bound(port, 'a'), {}, ADMIN);
      writeFileSync(join(state, `bindings/${port}.xml`), '<filterbinding>');
    }
    const { gateway, host } = await openTestGateway(state);
    expect(gateway.unreadable()).toMatchObject([{ name: 'vnet0' }, { name: 'vnet1' }]);
    expect([...host.rules.keys()]).toEqual(['vnet0', 'vnet1']);
    await gateway.bind(bound('vnet0', 'a'), {}, ADMIN);
    await gateway.unbind('vnet1', ADMIN);
    expect([...host.rules.keys()]).toEqual(['vnet0']);
    expect(gateway.unreadable()).toEqual([]);
    expect(readdirSync(join(state, 'bindings'))).toEqual(['vnet0.xml']);
  });
});

describe('compiling', () => {
  it('works for stored filters and for documents, and touches nothing', async () => {
    const { gateway, host } = await openTestGateway(temporaryDirectory());
    await gateway.define(doc('leaf', rule(25)), {}, ADMIN);
    await gateway.define(doc('a', ref('leaf')), {}, ADMIN);
    const { changes } = host;
    const stored = gateway.compile({ filter: 'a', port: 'vnet0' });
    const fromDocument = gateway.compile({
      filter: { document: doc('unknown', ref('leaf')), source: 'x.xml' },
      port: 'vnet0',
    });
    expect(JSON.stringify(stored)).toContain('"25"');
    expect(fromDocument.port).toBe('vnet0');
    expect(host.changes).toBe(changes);
    expect(gateway.listFilters().map(({ name }) => name)).toEqual(['a', 'leaf']);
  });

  it('of a document that leads back to itself is refused', async () => {
    const { gateway } = await openTestGateway(temporaryDirectory());
    await gateway.putFilters([{ filter: read(doc('a', ref('b'))), expected: 0 }], ADMIN);
    expect(() =>
      gateway.compile({ filter: { document: doc('b', ref('a')), source: 'b.xml' }, port: 'vnet0' }),
    ).toThrow(/circle/);
  });
});
