/** Bindings that name a guest's MAC address or a machine, with real links that come, are renamed and go. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Watch } from '../../src/app/ports.js';
import { temporaryDirectory } from '../support/directory.js';
import { canSendFrames, openPort, passed } from '../support/frames.js';
import { ADMIN, doc, rule } from '../support/gateway.js';
import { type KernelGateway, kernelGateway, until } from '../support/kernel-gateway.js';
import { canFilter, type Lab, lab } from '../support/netns.js';
import { frame, ipv4, udp } from '../support/packets.js';

const lacking = (await canFilter()) ?? (await canSendFrames());
const DNS = "<rule action='drop' direction='out'><udp dstportstart='53'/></rule>";

describe.skipIf(lacking !== undefined)(`claims ${lacking ?? ''}`, () => {
  let world: Lab;
  let product: KernelGateway;
  let watch: Watch;
  beforeAll(async () => {
    world = await lab({ ports: ['vnet0'] });
  });
  afterAll(() => world.dispose());
  beforeEach(async () => {
    product = await kernelGateway(temporaryDirectory(), world.host);
    await product.define(doc('dns', DNS));
    await product.define(doc('mail', rule(25)));
    watch = await product.gateway.watch();
  });
  afterEach(async () => {
    await watch.close();
    for (const { port, claim } of product.gateway.bindings())
      if (claim === undefined) await product.gateway.unbind(port, ADMIN);
  });

  const ip = async (...args: readonly string[]) =>
    expect(await world.host.exec('ip', args)).toMatchObject({ failure: undefined });
  /** Whether the kernel leads the port's packets into our chains. */
  const filtered = async (port: string) =>
    (await world.host.exec('iptables-save', [])).stdout.includes(` ${port} `);
  const states = () => product.gateway.bindings().map(({ port, state }) => `${port} ${state}`);

  it('a tap is filtered from when it appears until it goes, under whatever name', async () => {
    const claim = 'mac:52:54:00:12:34:56';
    await product.bind(claim, 'dns');
    expect(states()).toEqual([`${claim} pending`]);
    await ip('tuntap', 'add', 'dev', 'tap9', 'mode', 'tap');
    await ip('link', 'set', 'tap9', 'address', 'fe:54:00:12:34:56');
    await until('bound', () => filtered('tap9'));
    await until('said so', () => states().join() === `${claim} applied,tap9 applied`);
    await ip('link', 'set', 'tap9', 'name', 'tap8');
    await until('renamed', async () => (await filtered('tap8')) && !(await filtered('tap9')));
    await ip('tuntap', 'del', 'dev', 'tap8', 'mode', 'tap');
    await until('gone', async () => !(await filtered('tap8')));
    expect((await product.gateway.verify(false, ADMIN)).differences).toEqual([]);
    expect(states()).toEqual([`${claim} pending`]);
  });

  it('a machine is known by the alias of its interface, and its frames are filtered', async () => {
    const [guest, wire] = await Promise.all([openPort(world.guest('vnet0')), openPort(world.wire)]);
    try {
      const { mac, ip: own } = world.guest('vnet0');
      const to = (port: number) =>
        frame(
          { src: mac, dst: world.wire.mac },
          ipv4({ src: own, dst: world.wire.ip }, udp({ sport: 9, dport: port })),
        );
      await product.bind('vm:web1', 'dns');
      expect(await passed(guest, wire, [to(53), to(54)])).toEqual([true, true]);
      await ip('link', 'set', 'vnet0', 'alias', 'web1');
      await until('bound', () => filtered('vnet0'));
      expect(await passed(guest, wire, [to(53), to(54)])).toEqual([false, true]);
      // A binding that names the port comes first; without it the claim is in force again at once.
      await product.bind('vnet0', 'mail');
      expect(await passed(guest, wire, [to(53), to(54)])).toEqual([true, true]);
      await product.gateway.unbind('vnet0', ADMIN);
      expect(await passed(guest, wire, [to(53), to(54)])).toEqual([false, true]);
      await ip('link', 'set', 'vnet0', 'alias', '');
      await until('left', async () => !(await filtered('vnet0')));
    } finally {
      await Promise.all([guest.close(), wire.close()]);
    }
  });

  it('what a guest says of itself does not count', async () => {
    const { netns } = world.guest('vnet0');
    await product.bind('mac:52:54:00:99:99:99', 'dns');
    const set = async (mac: string) =>
      expect(await world.guest('vnet0').exec('ip', ['link', 'set', 'eth0', 'address', mac])).toMatchObject({
        failure: undefined,
      });
    await set('52:54:00:99:99:99');
    await product.gateway.interfaces();
    await ip('link', 'set', 'vnet0', 'alias', 'seen');
    await until('looked', async () =>
      (await product.gateway.interfaces()).some(({ alias }) => alias === 'seen'),
    );
    expect(await filtered('vnet0'), netns).toBe(false);
    await set(world.guest('vnet0').mac);
    await ip('link', 'set', 'vnet0', 'alias', '');
  });
});
