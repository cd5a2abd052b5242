import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import type { BindOptions } from '../../src/app/api.js';
import type { NetworkInterface } from '../../src/app/ports.js';
import { temporaryDirectory } from '../support/directory.js';
import { ADMIN, bound, doc, type Opened, openTestGateway, rule } from '../support/gateway.js';

const GUEST = '52:54:00:00:00:01';
const TAP = 'fe:54:00:00:00:01';
const MAC = `mac:${GUEST}`;

let world: Opened;
let state: string;
beforeEach(async () => {
  state = temporaryDirectory();
  world = await openTestGateway(state);
  world.host.present = [];
  const spoof = "<rule action='drop' direction='out'><mac match='no' srcmacaddr='$MAC'/></rule>";
  for (const document of [doc('web', rule(25)), doc('own', rule(26)), doc('mac', spoof)])
    await world.gateway.define(document, {}, ADMIN);
  await world.gateway.watch();
});

const bind = (port: string, filter: string, options: BindOptions = {}, ...parameters: readonly string[]) =>
  world.gateway.bind(bound(port, filter, ...parameters), options, ADMIN);
const unbind = (port: string) => world.gateway.unbind(port, ADMIN);
/** An interface comes, or is another one now; goes where `link` is undefined. */
async function link(name: string, as: Partial<NetworkInterface> | undefined): Promise<void> {
  world.host.present = [...world.host.present.filter((each) => each !== name), ...(as ? [name] : [])];
  world.host.links.set(name, { kind: 'tun', ...as });
  world.host.watchers[0]?.interfaces();
  // Whatever is asked for now comes after what the event began.
  await pause(1);
  await world.gateway.verify(false, ADMIN);
}
const status = () =>
  world.gateway
    .bindings()
    .map(
      ({ port, filter, state: is, reason, ports }) =>
        `${port} ${filter} ${is}${reason ? `: ${reason}` : ''} [${ports}]`,
    );
const inKernel = () => [...world.host.rules.keys()].sort();

describe('a claim on a MAC address', () => {
  it('waits for the interface, binds it while it is there, and takes the rules away when it goes', async () => {
    expect(await bind('mac:52:54:0:0:0:1', 'mac')).toMatchObject({ port: MAC, mac: GUEST, state: 'pending' });
    expect(inKernel()).toEqual([]);
    expect(status()).toEqual([
      `${MAC} mac pending: there is no interface of a guest with this MAC address []`,
    ]);
    await link('vnet3', { mac: TAP });
    expect(status()).toEqual([`${MAC} mac applied [vnet3]`, 'vnet3 mac applied [vnet3]']);
    expect(world.gateway.bindings()[1]).toMatchObject({ claim: MAC, mac: GUEST });
    expect(inKernel()).toEqual(['vnet3']);
    await link('vnet3', undefined);
    expect(inKernel()).toEqual([]);
    expect(status()).toEqual([expect.stringContaining('pending')]);
  });

  it.each<[string, Partial<NetworkInterface>, boolean]>([
    ['a tap with the address of libvirt', { mac: TAP }, true],
    ['a tap with the same address', { mac: GUEST }, true],
    ['any port of a bridge', { mac: GUEST, kind: 'veth', bridge: 'br0' }, true],
    ['a bridge, which has the address of one of its ports', { mac: TAP, kind: 'bridge' }, false],
    ['another guest', { mac: 'fe:54:00:00:00:02' }, false],
    ['an interface without address', {}, false],
  ])('%s', async (_, as, taken) => {
    await bind(MAC, 'web');
    await link('x0', as);
    expect(inKernel()).toEqual(taken ? ['x0'] : []);
  });

  it('follows an interface that is renamed, or that becomes another guest’s under the same name', async () => {
    await bind(MAC, 'web');
    await link('vnet3', { mac: TAP });
    await link('vnet3', { mac: 'fe:54:00:00:00:02' });
    expect(inKernel()).toEqual([]);
    await link('vnet4', { mac: TAP });
    expect(inKernel()).toEqual(['vnet4']);
  });

  it('survives a restart; a port that went meanwhile is let go', async () => {
    await bind(MAC, 'web');
    await link('vnet3', { mac: TAP });
    world.host.present = [];
    world = await openTestGateway(state, { host: world.host });
    expect(status()).toEqual([expect.stringContaining(`${MAC} web pending`)]);
    expect(inKernel()).toEqual([]);
  });
});

describe('a claim on a machine', () => {
  const call = (operation: string, sub: string, document: string) =>
    world.gateway.hook({ driver: 'qemu', vm: 'web1', operation, suboperation: sub, document }, ADMIN);
  /** Two interfaces with filters of their own and one without. */
  const domain = readFileSync(join(import.meta.dirname, '../data/domains/web1.xml'), 'utf8');
  const bare = domain
    .replace(/<metadata>[\s\S]*<\/metadata>/, '')
    .replace(/<filterref[^>]*\/>|<filterref[\s\S]*?<\/filterref>/g, '');

  it('takes the interfaces that are called like it', async () => {
    await bind('vm:web1', 'web');
    await link('vif1.0', { alias: 'web1', mac: 'fe:ff:ff:ff:ff:ff', kind: undefined });
    await link('vif1.1', { alias: 'web1' });
    await link('vif2.0', { alias: 'web2' });
    expect(inKernel()).toEqual(['vif1.0', 'vif1.1']);
    expect(world.gateway.bindings().map(({ owner }) => owner?.name)).toEqual(['web1', 'web1', undefined]);
    await link('vif1.1', undefined);
    expect(inKernel()).toEqual(['vif1.0']);
  });

  it('filters what libvirt starts without a filter of its own, before it runs and until it ends', async () => {
    expect(await call('start', 'begin', bare)).toMatchObject({ bound: [] });
    await bind('vm:web1', 'web');
    const started = await call('start', 'begin', bare);
    expect(started.bound.length).toBeGreaterThan(1);
    expect(inKernel()).toEqual([...started.bound].sort());
    // libvirt's word counts, not what the interfaces look like.
    for (const port of started.bound) await link(port, { mac: 'fe:00:00:00:00:99' });
    expect(inKernel()).toEqual([...started.bound].sort());
    const changes = world.host.changes;
    await call('started', 'begin', bare);
    expect(world.host.changes).toBe(changes);
    await bind('vm:web1', 'own', { replace: true });
    expect(new Set(world.gateway.bindings().map(({ filter }) => filter))).toEqual(new Set(['own']));
    await call('release', 'end', bare);
    expect(inKernel()).toEqual([]);
    expect(status()).toEqual(['vm:web1 own pending: no interface of this machine is known []']);
  });

  it('goes after the MAC address, and both after what the domain itself asks for', async () => {
    await bind('vm:web1', 'web');
    const macs = [...bare.matchAll(/<mac address=['"]([^'"]+)['"]/g)].map(([, mac]) => mac);
    await bind(`mac:${macs[0]}`, 'own');
    await call('start', 'begin', bare);
    const filters = () =>
      world.gateway
        .bindings()
        .filter(({ port }) => !port.includes(':'))
        .map(({ filter }) => filter);
    expect(filters()).toContain('own');
    expect(filters()).toContain('web');
    await unbind(`mac:${macs[0]}`);
    expect(new Set(filters())).toEqual(new Set(['web']));
    await unbind('vm:web1');
    expect(inKernel()).toEqual([]);
  });

  it('is refused the start when its interface passes the host by', async () => {
    await bind('vm:web1', 'web');
    const user = bare.replace(/<interface type=['"][a-z]+['"]/, "<interface type='user'");
    await expect(call('prepare', 'begin', user)).rejects.toMatchObject({ code: 'NOT_COMPILABLE' });
  });
});

describe('a port that a claim has taken', () => {
  beforeEach(async () => {
    await link('vnet3', { mac: TAP });
    await bind(MAC, 'web');
    expect(inKernel()).toEqual(['vnet3']);
  });

  it('follows the claim in the same step, and is free when it goes', async () => {
    const changes = world.host.changes;
    await bind(MAC, 'own', { replace: true });
    expect(status()).toEqual([`${MAC} own applied [vnet3]`, 'vnet3 own applied [vnet3]']);
    expect(world.host.changes).toBe(changes + 1);
    await unbind('mac:52:54:00:00:00:01'.toUpperCase().replace('MAC', 'mac'));
    expect(inKernel()).toEqual([]);
    expect(status()).toEqual([]);
  });

  it('is not unbound by its own name, and is bound by it where that is asked for', async () => {
    await expect(unbind('vnet3')).rejects.toMatchObject({ code: 'IN_USE' });
    await expect(bind('vnet3', 'own')).rejects.toMatchObject({ code: 'EXISTS' });
    await bind('vnet3', 'own', { replace: true });
    expect(status()).toContain('vnet3 own applied [vnet3]');
    await bind(MAC, 'web', { replace: true });
    expect(status()).toContain('vnet3 own applied [vnet3]');
    await unbind('vnet3');
    expect(status()).toContain('vnet3 web applied [vnet3]');
  });

  it('keeps the filter from being undefined', async () => {
    await expect(world.gateway.undefine('web', ADMIN)).rejects.toMatchObject({ code: 'IN_USE' });
  });

  it('is closed and tried again when the kernel refuses its rules', async () => {
    await bind('mac:52:54:00:00:00:02', 'web');
    let refusals = 1;
    world.host.refuses = () => refusals-- > 0;
    await link('vnet4', { mac: 'fe:54:00:00:00:02' });
    expect(status()).toContain('vnet4 web failed: the tool refused [vnet4]');
    expect(JSON.stringify(world.host.rules.get('vnet4'))).toContain('"DROP"');
    expect(status()).toContain('mac:52:54:00:00:00:02 web failed: vnet4: the tool refused [vnet4]');
    await link('eth9', {});
    expect(status()).toContain('vnet4 web applied [vnet4]');
  });

  it('is closed when its rules cannot be made', async () => {
    await bind('vm:web1', 'mac');
    await link('vif1.0', { alias: 'web1' });
    expect(status()).toContainEqual(
      expect.stringMatching(/^vif1\.0 mac failed: .*variable MAC has no value/),
    );
    expect(inKernel()).toContain('vif1.0');
  });
});

describe('a claim is refused', () => {
  it.each([
    ['mac:52:54:00:00:00', 'web', 'NAME'],
    ['vm:', 'web', 'NAME'],
    ['vm:a/b', 'web', 'NAME'],
    ['host:web1', 'web', 'NAME'],
    ['vm:web1', 'none', 'FILTER_NOT_FOUND'],
  ])('%s with %s', async (port, filter, code) => {
    await expect(bind(port, filter)).rejects.toMatchObject({ code });
  });

  it('without a value that no interface will bring', async () => {
    await world.gateway.define(doc('port', rule('$PORT')), {}, ADMIN);
    await expect(bind('vm:web1', 'port')).rejects.toMatchObject({ code: 'VARIABLE_UNSET' });
    await bind('vm:web1', 'port', {}, 'PORT=25');
  });

  it('with another MAC address than its own, and as the port of compiled rules', async () => {
    const wrong = { ...bound(MAC, 'web'), mac: '52:54:00:00:00:02' };
    await expect(world.gateway.bind(wrong, {}, ADMIN)).rejects.toMatchObject({ code: 'VALUE' });
    expect(() => world.gateway.compile({ filter: 'web', port: 'vm:web1' })).toThrow('is no port');
  });
});
