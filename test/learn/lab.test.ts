/** Guests that are heard on a real bridge: frames out of a guest, tcpdump on its port, rules in the kernel. */
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { BindingStatus, Gateway } from '../../src/app/api.js';
import { openGateway } from '../../src/app/gateway.js';
import { builtInFilters } from '../../src/cli/package.js';
import { type OpenListener, openListener } from '../../src/learn/listener.js';
import { run } from '../../src/process/run.js';
import { openFileStore } from '../../src/store/file-store.js';
import { fileLeases } from '../../src/store/leases.js';
import { answer, answer6, question, question6 } from '../support/dhcp.js';
import { temporaryDirectory } from '../support/directory.js';
import { canSendFrames, type FramePort, openPort, passed } from '../support/frames.js';
import { ADMIN } from '../support/gateway.js';
import { hostIn } from '../support/netfilter.js';
import { canFilter, type Lab, lab } from '../support/netns.js';
import { frame, icmpv6, ipv4, ipv6, udp } from '../support/packets.js';
import { build, nwgate, start } from '../support/program.js';

const canCapture = () =>
  run('tcpdump', ['--version']).then(
    () => undefined,
    (error: Error) => error.message,
  );
const lacking = (await canFilter()) ?? (await canSendFrames()) ?? (await canCapture());

const PORT = 'vnet0';

describe.skipIf(lacking !== undefined)(`learning ${lacking ?? ''}`, () => {
  let world: Lab;
  let guest: FramePort;
  let wire: FramePort;
  beforeAll(async () => {
    build();
    world = await lab({ ports: [PORT] });
    [guest, wire] = await Promise.all([openPort(world.guest(PORT)), openPort(world.wire)]);
  });
  afterAll(async () => {
    await Promise.all([guest?.close(), wire?.close()]);
    await world?.dispose();
  });

  let state: string;
  let gateway: Gateway;
  let listener: OpenListener;
  const open = async () => {
    const log = { info: () => undefined, warn: () => undefined };
    listener = openListener({ netns: world.host.netns, log });
    gateway = await openGateway({
      store: await openFileStore(state),
      host: (await hostIn(world.host)).host,
      transform: () => Promise.reject(new Error('no transform in this test')),
      systemName: 'test.example',
      log,
      builtIn: await builtInFilters(),
      leases: fileLeases(state),
      listener,
    });
  };
  beforeEach(async () => {
    state = temporaryDirectory();
    await open();
  });
  afterEach(async () => {
    if (gateway.bindings().length > 0) await gateway.unbind(PORT, ADMIN);
    await listener.close();
  });

  type Parameters = readonly (readonly [string, string])[];
  const bindTo = (filter: string, ...parameters: Parameters) => {
    const { mac } = world.guest(PORT);
    const all = parameters.map(([name, value]) => ({ name, value }));
    return gateway.bind({ port: PORT, filter, mac, owner: undefined, parameters: all }, {}, ADMIN);
  };
  const bind = (...parameters: Parameters) => bindTo('clean-traffic', ...parameters);
  const now = (): BindingStatus => gateway.bindings()[0]!;
  const from = (ip: string, mac = world.guest(PORT).mac) =>
    frame(
      { src: mac, dst: world.wire.mac },
      ipv4({ src: ip, dst: world.wire.ip }, udp({ sport: 9, dport: 9, data: 'hi' })),
    );

  /** Sends until it is heard: a capture takes its time to start. */
  async function until(done: () => boolean, send: () => Promise<void>): Promise<void> {
    for (let tries = 0; !done(); tries += 1) {
      if (tries === 100) throw new Error('it was never heard');
      await send();
      await pause(50);
    }
  }
  /** Sends often enough that it would have been heard. */
  async function often(send: () => Promise<void>): Promise<void> {
    for (let times = 0; times < 10; times += 1) {
      await send();
      await pause(50);
    }
  }

  it('is what a running gateway does', async () => {
    const own = temporaryDirectory();
    const child = start([
      '--state',
      own,
      '--host',
      'kernel',
      '--netns',
      world.host.netns,
      'serve',
      '--listen',
      '127.0.0.1:0',
    ]);
    let log = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      log += text;
    });
    const ended = new Promise((resolve) => child.once('close', resolve));
    onTestFinished(async () => {
      child.kill('SIGTERM');
      await ended;
    });
    const { mac, ip } = world.guest(PORT);
    const act = async (...args: readonly string[]) => {
      const { code, stdout, stderr } = await nwgate(['--state', own, '--json', ...args]);
      if (code !== 0) throw new Error(stderr);
      return stdout;
    };
    await until(
      () => log.includes('"listening"'),
      () => pause(200),
    );
    await act('bind', PORT, '--filter', 'clean-traffic', '--mac', mac);
    await until(
      () => log.includes("a guest's addresses changed"),
      () => guest.send(from(ip)),
    );
    expect(JSON.parse(await act('bindings'))).toMatchObject([
      { port: PORT, state: 'applied', parameters: [] },
    ]);
    expect(await passed(guest, wire, [from(ip), from('10.77.0.66')])).toEqual([true, false]);
    await act('unbind', PORT);
  });

  it('finds the address in the first packet, and binds the guest to it', async () => {
    const { ip, mac } = world.guest(PORT);
    await bind();
    expect(now()).toMatchObject({ state: 'pending', reason: expect.stringContaining('IP') });
    expect(await passed(guest, wire, [from('10.77.0.66', '52:54:00:66:66:66')])).toEqual([false]);
    await until(
      () => now().state === 'applied',
      () => guest.send(from(ip)),
    );
    expect(await passed(guest, wire, [from(ip), from('10.77.0.66')])).toEqual([true, false]);
    expect(await fileLeases(state).read()).toEqual([
      { mac, variable: 'IP', address: ip, from: 'any', expires: undefined },
    ]);
  });

  describe('from DHCP', () => {
    const ack = (your: string, lease = 3600) => ({ type: 5, mac: world.guest(PORT).mac, your, lease });
    const rogue = () => ({ mac: world.wire.mac, ip: '10.77.0.200' });
    const trusted = [
      ['CTRL_IP_LEARNING', 'dhcp'],
      ['DHCPSERVER', '10.77.0.2'],
    ] as const;

    it('lets only DHCP pass before, believes the trusted server alone, and knows the lease after a restart', async () => {
      const { mac } = world.guest(PORT);
      await bind(...trusted);
      const discover = question({ type: 1, mac });
      expect(await passed(guest, wire, [discover, from('10.77.0.50')])).toEqual([true, false]);
      // Neither another server, nor the guest in the name of the right one.
      const bad = answer(rogue(), ack('10.77.0.66'));
      expect(await passed(wire, guest, [bad])).toEqual([false]);
      const forged = answer({ ...world.wire, mac }, ack('10.77.0.66'));
      await often(async () => {
        await wire.send(bad);
        await guest.send(forged);
      });
      expect(now().state).toBe('pending');

      const good = answer(world.wire, ack('10.77.0.50'));
      await until(
        () => now().state === 'applied',
        () => wire.send(good),
      );
      expect(await passed(guest, wire, [from('10.77.0.50'), from('10.77.0.66')])).toEqual([true, false]);

      await listener.close();
      await open();
      expect(now().state).toBe('applied');
      expect(await passed(guest, wire, [from('10.77.0.50'), from('10.77.0.66')])).toEqual([true, false]);
    });

    it('takes several addresses, gives back a released one, and waits again after the last', async () => {
      const { mac } = world.guest(PORT);
      await bind(...trusted);
      const leases = async () => (await fileLeases(state).read()).map(({ address }) => address);
      let known: readonly string[] = [];
      for (const address of ['10.77.0.50', '10.77.0.51']) {
        await until(
          () => known.includes(address),
          async () => {
            await wire.send(answer(world.wire, ack(address)));
            known = await leases();
          },
        );
      }
      expect(await passed(guest, wire, [from('10.77.0.50'), from('10.77.0.51'), from('10.77.0.52')])).toEqual(
        [true, true, false],
      );
      const release = (client: string) => guest.send(question({ type: 7, mac, client }, client));
      await until(
        () => known.length === 1,
        async () => {
          await release('10.77.0.50');
          known = await leases();
        },
      );
      expect(await passed(guest, wire, [from('10.77.0.50'), from('10.77.0.51')])).toEqual([false, true]);
      await until(
        () => now().state === 'pending',
        () => release('10.77.0.51'),
      );
      expect(await passed(guest, wire, [from('10.77.0.51')])).toEqual([false]);
    });

    it('forgets a lease when it ends', async () => {
      await bind(['CTRL_IP_LEARNING', 'dhcp']);
      await until(
        () => now().state === 'applied',
        () => wire.send(answer(world.wire, ack('10.77.0.50', 2))),
      );
      await until(
        () => now().state === 'pending',
        () => Promise.resolve(),
      );
      expect(await passed(guest, wire, [from('10.77.0.50')])).toEqual([false]);
      expect(await fileLeases(state).read()).toEqual([]);
    });
  });

  describe('of IPv6', () => {
    const from6 = (ip: string) =>
      frame(
        { src: world.guest(PORT).mac, dst: world.wire.mac },
        ipv6({ src: ip, dst: world.wire.ip6 }, udp({ sport: 9, dport: 9, data: 'hi' })),
      );
    const six = (mode: string, ...parameters: readonly (readonly [string, string])[]) =>
      bindTo('no-ipv6-spoofing', ['CTRL_IP_LEARNING', mode], ...parameters);

    it('finds the address in duplicate address detection, before the guest uses it', async () => {
      const { mac } = world.guest(PORT);
      await six('any');
      expect(now()).toMatchObject({ state: 'pending', reason: expect.stringContaining('IPV6') });
      const target = Buffer.from('fd770000000000000000000000000abc', 'hex');
      const dad = frame(
        { src: mac, dst: '33:33:ff:00:0a:bc' },
        ipv6({ src: '::', dst: 'ff02::1:ff00:abc' }, icmpv6({ type: 135, id: 0, sequence: 0, data: target })),
      );
      await until(
        () => now().state === 'applied',
        () => guest.send(dad),
      );
      expect(now().learned).toMatchObject([{ variable: 'IPV6', address: 'fd77::abc', from: 'any' }]);
      expect(await passed(guest, wire, [from6('fd77::abc'), from6('fd77::abd')])).toEqual([true, false]);
    });

    it('lets only DHCPv6 pass before, believes the trusted server alone, and knows the lease after a restart', async () => {
      const { mac } = world.guest(PORT);
      await six('dhcp', ['DHCPSERVERV6', 'fe80::2']);
      const server = { mac: world.wire.mac, ip6: 'fe80::2' };
      const reply = (address: string) => ({ type: 7, addresses: [[address, 3600]] as const });
      expect(await passed(guest, wire, [question6(mac, { type: 1 }), from6('fd77::50')])).toEqual([
        true,
        false,
      ]);
      const bad = answer6({ ...server, ip6: 'fe80::66' }, reply('fd77::66'), mac);
      expect(await passed(wire, guest, [bad])).toEqual([false]);
      await often(async () => {
        await wire.send(bad);
        await guest.send(answer6({ ...server, mac }, reply('fd77::66'), mac));
      });
      expect(now().state).toBe('pending');
      await until(
        () => now().state === 'applied',
        () => wire.send(answer6(server, reply('fd77::50'), mac)),
      );
      expect(await passed(guest, wire, [from6('fd77::50'), from6('fd77::66')])).toEqual([true, false]);

      await listener.close();
      await open();
      expect(now()).toMatchObject({ state: 'applied', learned: [{ address: 'fd77::50', from: 'dhcp' }] });
      expect(await passed(guest, wire, [from6('fd77::50'), from6('fd77::66')])).toEqual([true, false]);
      await until(
        () => now().state === 'pending',
        () => guest.send(question6(mac, { type: 8, addresses: [['fd77::50', 0]] })),
      );
      expect(await passed(guest, wire, [from6('fd77::50')])).toEqual([false]);
    });
  });
});
