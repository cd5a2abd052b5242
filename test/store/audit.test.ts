/** The audit log: nothing is changed without a record, whoever asks and by whatever way. */
import { appendFileSync, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { auditedProduct } from '../../src/app/audited.js';
import { OPERATIONS, runOperation } from '../../src/app/operations.js';
import type { Asked, Audit } from '../../src/app/ports.js';
import { fail } from '../../src/model/errors.js';
import { fileAudit, readAudit } from '../../src/store/audit.js';
import { fileUsers } from '../../src/store/users.js';
import { temporaryDirectory } from '../support/directory.js';
import { ADMIN, bound, doc, openTestGateway, rule } from '../support/gateway.js';

const ASKED: Asked = { operation: 'bind', objects: ['port vnet0'], by: ADMIN };
const ALL = new Date(0);
const silent = { info: () => undefined, warn: () => undefined };

async function read(state: string) {
  const broken: string[] = [];
  const entries = await readAudit(state, ALL, (place) => broken.push(place));
  return { entries, broken };
}

/** Closed when the test is over. */
function openAudit(...how: Parameters<typeof fileAudit>) {
  const audit = fileAudit(...how);
  onTestFinished(() => audit.close());
  return audit;
}

async function audited(audit: (state: string) => Audit = (state) => openAudit(state)) {
  const state = temporaryDirectory();
  const { gateway, store } = await openTestGateway(state);
  const product = auditedProduct({ gateway, users: fileUsers(state) }, audit(state), silent);
  return { state, store, product, plain: gateway };
}

describe('the file', () => {
  it('is for its owner only and holds a request before it is carried out, its outcome afterwards', async () => {
    const state = temporaryDirectory();
    const end = await openAudit(state, { now: () => new Date(1000) }).begin(ASKED);
    const asked = { who: 'amy', role: 'admin', from: 'test', operation: 'bind', objects: ['port vnet0'] };
    const at = '1970-01-01T00:00:01.000Z';
    expect((await read(state)).entries).toEqual([{ ...asked, at, outcome: 'cut off' }]);
    await end({ outcome: 'refused', code: 'IN_USE' });
    expect((await read(state)).entries).toEqual([{ ...asked, at, outcome: 'refused', code: 'IN_USE' }]);
    expect(statSync(join(state, 'audit.log')).mode & 0o777).toBe(0o600);
  });

  it('loses no line to one that a crash cut off', async () => {
    const state = temporaryDirectory();
    await openAudit(state).begin(ASKED);
    appendFileSync(join(state, 'audit.log'), '{"id":"half');
    await openAudit(state).begin(ASKED);
    const { entries, broken } = await read(state);
    expect(entries).toHaveLength(2);
    expect(broken).toEqual([`${join(state, 'audit.log')}:2`]);
  });

  it('is rotated, and read across its files', async () => {
    const state = temporaryDirectory();
    const audit = openAudit(state, { size: 1000 });
    for (let i = 0; i < 20; i += 1) {
      const end = await audit.begin({ ...ASKED, objects: [`port p${i}`] });
      await end({ outcome: 'done', changes: [] });
    }
    expect(readdirSync(state).filter((name) => name.startsWith('audit.log')).length).toBeGreaterThan(3);
    const { entries } = await read(state);
    expect(entries.map(({ objects: [first] }) => first)).toEqual(
      Array.from({ length: 20 }, (_, i) => `port p${i}`),
    );
    expect(entries.every(({ outcome }) => outcome === 'done')).toBe(true);
  });

  it('cannot be forged by what is written into it', async () => {
    const state = temporaryDirectory();
    await openAudit(state).begin({ ...ASKED, objects: ['port x"}\n{"id":"y","at":"z"}'] });
    expect((await read(state)).entries).toHaveLength(1);
  });
});

describe('a product', () => {
  it('records every operation that changes something, with revisions', async () => {
    const { state, product } = await audited();
    const { gateway, users } = product;
    await gateway.define(doc('a', rule(25)), {}, ADMIN);
    await gateway.define(doc('a', rule(26)), {}, ADMIN);
    await gateway.bind(bound('vnet0', 'a'), {}, ADMIN);
    await gateway.undefine('a', ADMIN).catch(() => undefined);
    await gateway.createFrom('a', 'b', ADMIN);
    await gateway.putFilters([{ filter: gateway.filter('b').value, expected: undefined }], ADMIN);
    await gateway.unbind('vnet0', ADMIN);
    await gateway.verify(true, ADMIN);
    await users.add({ name: 'bob', role: 'reader', password: 'a long password' }, ADMIN);
    await users.remove('bob', ADMIN);
    await gateway.undefine('a', { ...ADMIN, name: 'eve', role: 'reader' }).catch(() => undefined);
    await gateway.undefine('a', ADMIN);
    const { entries } = await read(state);
    const short = entries.map(({ who, operation, code, objects, changes = [] }) =>
      [who, operation, ...(code ? [code, ...objects] : changes.flatMap((each) => Object.values(each)))].join(
        ' ',
      ),
    );
    expect(short).toEqual([
      'amy define filter a 0 1',
      'amy define filter a 1 2',
      'amy bind port vnet0 0 1',
      'amy undefine IN_USE filter a',
      'amy createFrom filter b 0 1',
      'amy putFilters',
      'amy unbind port vnet0 1 0',
      'amy repair',
      'amy addUser',
      'amy removeUser',
      'eve undefine ACCESS_DENIED filter a',
      'amy undefine filter a 2 0',
    ]);
    expect(readFileSync(join(state, 'audit.log'), 'utf8')).not.toContain('a long password');
  });

  it('tells the revisions the store has, also after a restart', async () => {
    const { state, product, plain } = await audited();
    for (const port of [1, 2, 3]) await product.gateway.define(doc('a', rule(port)), {}, ADMIN);
    expect(plain.filter('a').revision).toBe(3);
    const again = auditedProduct({ gateway: plain, users: fileUsers(state) }, openAudit(state), silent);
    await again.gateway.define(doc('a', rule(4)), {}, ADMIN);
    expect((await read(state)).entries.at(-1)?.changes).toEqual([
      { object: 'filter a', before: 3, after: 4 },
    ]);
  });

  it('names the filter of a document that was refused', async () => {
    const { state, product } = await audited();
    const wrong = "<filter name='a'><rule action='fly' direction='up'/></filter>";
    await expect(product.gateway.define(wrong, {}, ADMIN)).rejects.toThrow();
    await expect(product.gateway.define('<filter', {}, ADMIN)).rejects.toThrow();
    const { entries } = await read(state);
    expect(entries.map(({ code, objects }) => [code, objects])).toEqual([
      ['VALUE', ['filter a']],
      ['XML_MALFORMED', []],
    ]);
  });

  it('attributes changes asked for at once to who asked', async () => {
    const { state, product } = await audited();
    const names = Array.from({ length: 20 }, (_, i) => `f${i}`);
    await Promise.all(names.map((name) => product.gateway.define(doc(name), {}, { ...ADMIN, name })));
    const { entries } = await read(state);
    expect(entries.map(({ who, changes }) => [who, changes?.map(({ object }) => object)])).toEqual(
      names.map((name) => [name, [`filter ${name}`]]),
    );
  });

  it('changes nothing of which there can be no record', async () => {
    const { product } = await audited(() => ({ begin: () => Promise.reject(fail('DISK', 'no space left')) }));
    await expect(product.gateway.define(doc('a'), {}, ADMIN)).rejects.toMatchObject({ code: 'DISK' });
    await expect(
      product.users.add({ name: 'bob', role: 'admin', password: 'long enough' }, ADMIN),
    ).rejects.toThrow();
    expect([product.gateway.listFilters(), await product.users.list()]).toEqual([[], []]);
  });

  it('says that a change was made where only the end of its record is missing', async () => {
    const { product } = await audited(() => ({
      begin: async () => () => Promise.reject(fail('DISK', 'no space left')),
    }));
    expect((await product.gateway.define(doc('a'), {}, ADMIN)).name).toBe('a');
  });

  it('records nothing of what only reads', async () => {
    const { state, product } = await audited();
    await product.gateway.verify(false, ADMIN);
    await product.users.list();
    await product.gateway.importPolicy({ document: doc('a'), dryRun: true }, ADMIN);
    expect(existsSync(join(state, 'audit.log'))).toBe(false);
  });

  /** Each operation that needs more than `reader`, with an input it gets as far as the product with. */
  const INPUTS: Readonly<Record<string, unknown>> = {
    define: { document: doc('z') },
    undefine: { name: 'z' },
    createFrom: { name: 'z', newName: 'y' },
    bind: { port: 'vnet0', filter: 'z' },
    bindDocument: {
      document:
        "<filterbinding><owner><name>m</name></owner><portdev name='vnet0'/><filterref filter='z'/></filterbinding>",
    },
    unbind: { port: 'vnet0' },
    hook: { driver: 'qemu', vm: 'm', operation: 'release', suboperation: 'end', document: '' },
    import: { document: doc('z') },
    addUser: { name: 'z', role: 'reader', password: 'long enough' },
    setPassword: { name: 'z', password: 'long enough' },
    removeUser: { name: 'z' },
    repair: {},
  };
  const changing = Object.entries(OPERATIONS).filter(
    ([name, { role }]) => role !== 'reader' && name !== 'users',
  );

  it.each(changing.map(([name]) => name))('the operation %s leaves a record', async (name) => {
    const { state, product } = await audited();
    expect(INPUTS).toHaveProperty(name);
    await runOperation(product, name, INPUTS[name], ADMIN).catch(() => undefined);
    const { entries } = await read(state);
    expect(entries).toHaveLength(1);
    expect(entries[0]?.outcome).not.toBe('cut off');
  });
});
