import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { HookCall } from '../../src/app/hook.js';
import { temporaryDirectory } from '../support/directory.js';
import { ADMIN, bound, doc, type Opened, openTestGateway } from '../support/gateway.js';

const domain = (name: string) =>
  readFileSync(join(import.meta.dirname, `../data/domains/${name}.xml`), 'utf8');

const FRONT = doc(
  'front',
  "<rule action='accept' direction='in'><tcp dstipaddr='$IP' dstportstart='$PORT[@1]'/></rule><rule action='drop' direction='inout'/>",
);
const BACK = doc('back', "<rule action='drop' direction='out'><mac match='no' srcmacaddr='$MAC'/></rule>");

let world: Opened;
let state: string;
beforeEach(async () => {
  state = temporaryDirectory();
  world = await openTestGateway(state);
  for (const document of [FRONT, BACK]) await world.gateway.define(document, {}, ADMIN);
});

const call = (operation: string, suboperation: string, document: string, vm = 'web1') => {
  const whole: HookCall = { driver: 'qemu', vm, operation, suboperation, document };
  return world.gateway.hook(whole, ADMIN);
};

const ports = () => world.gateway.bindings().map(({ port, owner }) => `${port} ${owner?.name ?? '-'}`);
const inKernel = () => [...world.host.rules.keys()].sort();

describe('the life of a machine', () => {
  it('has its rules in the kernel from start to stop, an interface without filter is left alone', async () => {
    expect(await call('prepare', 'begin', domain('web1-inactive'))).toMatchObject({
      bound: [],
      released: [],
    });
    expect(inKernel()).toEqual([]);
    expect(await call('start', 'begin', domain('web1'))).toEqual({
      bound: ['vnet0', 'vnet1'],
      released: [],
      domain: undefined,
      complaint: undefined,
    });
    expect(inKernel()).toEqual(['vnet0', 'vnet1']);
    expect(ports()).toEqual(['vnet0 web1', 'vnet1 web1']);
    const changes = world.host.changes;
    await call('started', 'begin', domain('web1'));
    expect(world.host.changes).toBe(changes);
    expect(await call('stopped', 'end', domain('web1'))).toMatchObject({ released: ['vnet0', 'vnet1'] });
    expect(inKernel()).toEqual([]);
    expect(await call('release', 'end', domain('web1'))).toMatchObject({ released: [] });
  });

  it('has them at prepare already where the device is known', async () => {
    expect(await call('prepare', 'begin', domain('web1'))).toMatchObject({ bound: ['vnet0', 'vnet1'] });
    expect(inKernel()).toEqual(['vnet0', 'vnet1']);
  });

  it('changes host: the new one checks and answers the domain, then starts it as any other', async () => {
    const incoming = domain('web1-inactive');
    expect(await call('migrate', 'begin', incoming)).toEqual({
      bound: [],
      released: [],
      domain: incoming,
      complaint: undefined,
    });
    expect(await call('restore', 'begin', incoming)).toMatchObject({ domain: incoming });
    expect(ports()).toEqual([]);
    await call('prepare', 'begin', incoming);
    await call('start', 'begin', domain('web1'));
    expect(inKernel()).toEqual(['vnet0', 'vnet1']);
  });

  it('goes on when libvirt is restarted: what cannot be done is said, and the rules stay', async () => {
    await call('start', 'begin', domain('web1'));
    expect(await call('reconnect', 'begin', domain('web1'))).toMatchObject({ complaint: undefined });
    const other = domain('web1').replace("value='443'", "value='444'");
    world.host.refuses = () => true;
    expect(await call('reconnect', 'begin', other)).toMatchObject({ complaint: 'the tool refused' });
    expect(inKernel()).toEqual(['vnet0', 'vnet1']);
  });

  it('drops ports that the machine no longer has, in the same step', async () => {
    await call('start', 'begin', domain('web1'));
    const moved = domain('web1').replace("dev='vnet0'", "dev='vnet7'");
    expect(await call('attach', 'begin', moved)).toMatchObject({
      bound: ['vnet1', 'vnet7'],
      released: ['vnet0'],
    });
    expect(inKernel()).toEqual(['vnet1', 'vnet7']);
  });

  it('ends by name where there is no domain to read, and takes ports bound for that name along', async () => {
    await call('start', 'begin', domain('web1'));
    await world.gateway.bind(
      { ...bound('vnet9', 'back', 'MAC=52:54:00:00:00:09'), owner: { name: 'web1' } },
      {},
      ADMIN,
    );
    expect(await call('release', 'end', '')).toMatchObject({ released: ['vnet0', 'vnet1', 'vnet9'] });
  });

  it('does nothing for operations it does not know', async () => {
    expect(await call('hibernate', 'begin', 'no XML')).toMatchObject({ bound: [], released: [] });
  });

  it('takes a device over from a machine whose end nobody told, but at start only', async () => {
    await call('start', 'begin', domain('web1'));
    const next = domain('web1').replace('<name>web1', '<name>web2').replace('c7ac4ad9', 'd7ac4ad9');
    expect(await call('prepare', 'begin', next, 'web2')).toMatchObject({ bound: [] });
    expect(ports()).toEqual(['vnet0 web1', 'vnet1 web1']);
    await call('start', 'begin', next, 'web2');
    expect(ports()).toEqual(['vnet0 web2', 'vnet1 web2']);
  });
});

describe('a start is refused, and nothing is bound,', () => {
  const refused = [
    [
      'a filter that is not there',
      (text: string) => text.replace("filter='back'", "filter='nope'"),
      'FILTER_NOT_FOUND',
    ],
    ['a variable without value', (text: string) => text.replace(/<parameter .*?>/g, ''), 'VARIABLE_UNSET'],
    [
      'a value that does not fit',
      (text: string) => text.replace("value='443'", "value='x'"),
      'VARIABLE_VALUE',
    ],
    ['another machine', (text: string) => text.replace('<name>web1', '<name>web2'), 'VALUE'],
    ['no XML', () => '<domain', 'XML_MALFORMED'],
    ['an empty document', () => '', 'XML_MALFORMED'],
  ] as const;

  it.each(refused)('for %s', async (_, change, code) => {
    for (const operation of ['prepare', 'start', 'migrate', 'restore']) {
      await expect(call(operation, 'begin', change(domain('web1')))).rejects.toMatchObject({ code });
    }
    expect(ports()).toEqual([]);
    expect(inKernel()).toEqual([]);
  });

  it('for an interface that has no device at the start', async () => {
    await expect(call('start', 'begin', domain('web1-inactive'))).rejects.toMatchObject({ code: 'VALUE' });
  });

  it('for a port that somebody bound by hand', async () => {
    await world.gateway.bind(bound('vnet1', 'back', 'MAC=52:54:00:00:00:09'), {}, ADMIN);
    await expect(call('start', 'begin', domain('web1'))).rejects.toMatchObject({ code: 'EXISTS' });
    expect(ports()).toEqual(['vnet1 -']);
  });

  it('for a kernel that refuses the rules of one of its ports', async () => {
    world.host.refuses = (all) => all.includes('vnet1');
    await expect(call('start', 'begin', domain('web1'))).rejects.toMatchObject({ code: 'NOT_APPLIED' });
    expect(inKernel()).toEqual([]);
    expect(ports()).toEqual([]);
  });

  it('for a host that cannot filter, though the stop is not', async () => {
    Object.assign(world.host, { kind: 'dry-run', fallback: true, reason: 'ebtables is not installed' });
    for (const operation of ['prepare', 'start', 'migrate']) {
      await expect(call(operation, 'begin', domain('web1'))).rejects.toMatchObject({
        code: 'HOST_LACKS',
        message: expect.stringContaining('ebtables is not installed'),
      });
    }
    expect(await call('release', 'end', domain('web1'))).toMatchObject({ released: [] });
  });
});
