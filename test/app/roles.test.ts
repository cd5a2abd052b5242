/** Who may do what, as a full matrix made from the tables: every operation, class and method, by every way, for every role. */
import { afterAll, describe, expect, it } from 'vitest';
import { NEEDS } from '../../src/app/access.js';
import type { Gateway } from '../../src/app/api.js';
import type { Objects } from '../../src/app/objects.js';
import { stylesheetMapping } from '../../src/app/objects-filters.js';
import { objectManager } from '../../src/app/objects-manager.js';
import { OPERATIONS, runOperation } from '../../src/app/operations.js';
import type { Instance } from '../../src/cim/instance.js';
import { classRow, classUri, DEFAULT_NAMESPACE, servedClasses } from '../../src/cim/schema.js';
import { type Caller, mayActAs, ROLES, type Role } from '../../src/model/caller.js';
import { NwgateError } from '../../src/model/errors.js';
import { fileUsers } from '../../src/store/users.js';
import { chooseEngine } from '../../src/xslt/engine.js';
import { basic, envelope, post, run, WXF } from '../server/running.js';
import { temporaryDirectory } from '../support/directory.js';
import { bound, doc, openTestGateway, ref } from '../support/gateway.js';

const engine = await chooseEngine();
afterAll(() => engine.close());

const SYSTEM = 'test.example';
const RULES = [
  "<mac srcmacaddr='52:54:00:00:00:01'/>",
  '<stp/>',
  "<arp opcode='Request'/>",
  "<tcp dstportstart='25'/>",
  '',
].map((protocol) => `<rule action='drop' direction='out'>${protocol}</rule>`);

const as = (role: Role): Caller => ({ name: role, role, from: 'test' });

async function world() {
  const state = temporaryDirectory();
  const { gateway } = await openTestGateway(state, { transform: engine.transform });
  await gateway.define(doc('b'), {}, as('admin'));
  await gateway.define(doc('a', RULES.join('') + ref('b')), {}, as('admin'));
  await gateway.bind(bound('vnet0', 'a'), {}, as('admin'));
  const objects = objectManager(gateway, stylesheetMapping(engine.transform, SYSTEM), {
    systemName: SYSTEM,
    renderPort: () => '',
  } as Parameters<typeof objectManager>[2]);
  return { state, gateway, objects, users: fileUsers(state) };
}

/** Everything that could have been changed. */
const snapshot = (gateway: Gateway) => JSON.stringify([gateway.filters(), gateway.bindings()]);

async function codeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'done',
    (error: unknown) => (error instanceof NwgateError ? error.code : String(error)),
  );
}

describe('operations', () => {
  const INPUTS: Readonly<Partial<Record<string, unknown>>> = { verify: { repair: true } };

  it.each(ROLES)('%s', async (role) => {
    const product = await world();
    for (const [name, { role: needed }] of Object.entries(OPERATIONS)) {
      const code = await codeOf(runOperation(product, name, INPUTS[name], as(role)));
      const least = name === 'verify' ? NEEDS.repair : needed;
      expect([name, code === 'ACCESS_DENIED']).toEqual([name, !mayActAs(role, least)]);
    }
  });

  it('that change something need more than reader', () => {
    const reading = Object.entries(OPERATIONS).filter(([, { role }]) => role === 'reader');
    // A new operation belongs either here or to a role.
    expect(reading.map(([name]) => name).sort()).toEqual(
      ['bindings', 'compile', 'dumpxml', 'explain', 'export', 'list', 'trace', 'validate', 'verify'].filter(
        (name) => name in OPERATIONS,
      ),
    );
  });
});

describe('the gateway itself', () => {
  it.each(ROLES)('%s', async (role) => {
    const { gateway } = await world();
    const by = as(role);
    const calls: readonly [keyof typeof NEEDS, () => Promise<unknown>][] = [
      ['define', () => gateway.define(doc('b'), {}, by)],
      ['putFilters', () => gateway.putFilters([], by)],
      ['createFrom', () => gateway.createFrom('b', 'c', by)],
      ['importPolicy', () => gateway.importPolicy({ document: doc('d') }, by)],
      ['bind', () => gateway.bind(bound('vnet1', 'b'), {}, by)],
      [
        'bind',
        () =>
          gateway.hook(
            { driver: 'qemu', vm: 'x', operation: 'release', suboperation: 'end', document: '' },
            by,
          ),
      ],
      ['unbind', () => gateway.unbind('vnet0', by)],
      ['repair', () => gateway.verify(true, by)],
      ['undefine', () => gateway.undefine('a', by)],
    ];
    for (const [change, call] of calls) {
      const denied = (await codeOf(call())) === 'ACCESS_DENIED';
      expect([change, denied]).toEqual([change, !mayActAs(role, NEEDS[change])]);
    }
  });
});

describe('classes', () => {
  /** Whoever may bind may write what a binding is; all else that can be written is filters. */
  const needed = (className: string): Role => (className === 'NWG_AppliedFilterList' ? 'operator' : 'admin');
  async function firstOfEach(objects: Objects) {
    const all = new Map<string, Instance>();
    for (const { name } of servedClasses(DEFAULT_NAMESPACE))
      for await (const each of objects.enumerate(DEFAULT_NAMESPACE, name))
        if (!all.has(each.className)) all.set(each.className, each);
    return all;
  }

  const writes = (objects: Objects, each: Instance, by: Caller) => {
    const path = objects.pathOf(DEFAULT_NAMESPACE, each);
    return {
      create: () => objects.create(DEFAULT_NAMESPACE, each, by),
      modify: () => objects.modify(path, each, by),
      remove: () => objects.remove(path, by),
    };
  };

  it.each(['reader', 'operator'] as const)('%s', async (role) => {
    const { objects, gateway } = await world();
    const before = snapshot(gateway);
    for (const [className, each] of await firstOfEach(objects)) {
      for (const [what, write] of Object.entries(writes(objects, each, as(role)))) {
        if (mayActAs(role, needed(className))) continue;
        const code = await codeOf(write());
        expect([className, what, code]).toEqual([
          className,
          what,
          expect.stringMatching(/^(ACCESS_DENIED|READ_ONLY)$/),
        ]);
      }
    }
    expect(snapshot(gateway)).toBe(before);
  });

  it('READ_ONLY is the same for everybody, ACCESS_DENIED for who may not, neither for who may', async () => {
    let writable = 0;
    for (const [className, each] of await firstOfEach((await world()).objects)) {
      for (const what of ['modify', 'create', 'remove'] as const) {
        const codes: string[] = [];
        const { objects } = await world();
        for (const role of ROLES) codes.push(await codeOf(writes(objects, each, as(role))[what]()));
        if (codes.includes('READ_ONLY') && new Set(codes).size === 1) continue;
        writable += 1;
        const denied = ROLES.map((role) => !mayActAs(role, needed(className)));
        expect([className, what, codes.map((code) => code === 'ACCESS_DENIED')]).toEqual([
          className,
          what,
          denied,
        ]);
      }
    }
    expect(writable).toBeGreaterThan(10);
  });
});

describe('methods over HTTP', () => {
  const SERVICE = 'NWG_FilterService';
  /** Parameters with which each method works, and the role it takes. */
  const CALLS: Readonly<Record<string, readonly [Role, Readonly<Record<string, string>>]>> = {
    ImportPolicy: ['admin', { Document: '&lt;filter name="z"/&gt;' }],
    ExportPolicy: ['reader', { Format: 'native' }],
    ApplyFilterList: ['operator', { FilterList: 'a', Port: 'vnet0' }],
    CompileFilterList: ['reader', { FilterList: 'a', Port: 'vnet0' }],
    VerifyHost: ['operator', { Repair: 'true' }],
    RemoveFilterList: ['operator', { Port: 'vnet0' }],
  };
  const methods = (classRow(SERVICE).methods ?? []).map(({ name }) => name);
  const passwords = (name: string, password: string) =>
    Promise.resolve(
      password === `${name}-password` ? { name, role: ROLES.find((role) => role === name)! } : undefined,
    );
  const TNS = 'http://schemas.nwgate.org/wsdl/filter-service/1';
  const inside = (method: string, ns: string, suffix: string) => {
    const parameters = Object.entries(CALLS[method]![1]).map(
      ([name, value]) => `<p:${name}>${value}</p:${name}>`,
    );
    return `<p:${method}${suffix} xmlns:p="${ns}">${parameters.join('')}</p:${method}${suffix}>`;
  };
  const uri = classUri(SERVICE);
  const MESSAGES = {
    '/wsman': (method: string) =>
      envelope({ action: `${uri}/${method}`, resource: uri, body: inside(method, uri, '_INPUT') }),
    '/soap/filter-service': (method: string) =>
      `<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body>${inside(method, TNS, '')}</s:Body></s:Envelope>`,
  } as const;

  it('are all in the table', () => {
    expect(Object.keys(CALLS).sort()).toEqual([...methods].sort());
  });

  it.each(
    Object.entries(MESSAGES).flatMap(([path, message]) =>
      methods.flatMap((method) => ROLES.map((role) => [path, method, role, message] as const)),
    ),
  )('%s %s as %s', async (path, method, role, message) => {
    const { objects, gateway } = await world();
    const server = await run({ objects, authenticate: passwords });
    const before = snapshot(gateway);
    const headers = { Authorization: basic(role, `${role}-password`) };
    const { status, text } = await post(server, message(method), headers, path);
    const allowed = mayActAs(role, CALLS[method]![0]);
    expect([text.includes('ACCESS_DENIED'), status]).toEqual([!allowed, allowed ? 200 : expect.any(Number)]);
    if (!allowed) expect([status >= 400, snapshot(gateway)]).toEqual([true, before]);
  });

  it.each(['Put', 'Create', 'Delete'])('a transfer %s is for those who may', async (action) => {
    const { objects, gateway } = await world();
    const server = await run({ objects, authenticate: passwords });
    const before = snapshot(gateway);
    const selectors = {
      SystemCreationClassName: 'NWG_HostSystem',
      SystemName: SYSTEM,
      CreationClassName: 'NWG_FilterList',
      Name: 'a',
    };
    const list = classUri('NWG_FilterList');
    const keys = Object.entries(selectors).map(([name, value]) => `<p:${name}>${value}</p:${name}>`);
    const body =
      action === 'Delete' ? '' : `<p:NWG_FilterList xmlns:p="${list}">${keys.join('')}</p:NWG_FilterList>`;
    const about = { action: `${WXF}/${action}`, resource: list, body };
    const message = envelope(action === 'Create' ? about : { ...about, selectors });
    for (const role of ['reader', 'operator'] as const) {
      const headers = { Authorization: basic(role, `${role}-password`) };
      const { status, text } = await post(server, message, headers);
      expect([status, text.includes('wsman:AccessDenied')]).toEqual([400, true]);
    }
    expect(snapshot(gateway)).toBe(before);
    const { text } = await post(server, message, { Authorization: basic('admin', 'admin-password') });
    expect(text).not.toContain('AccessDenied');
  });
});
