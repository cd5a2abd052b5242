/** What the rules do to real packets. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Host } from '../../src/app/ports.js';
import type { PortRuleset } from '../../src/compiler/ruleset.js';
import { answers, type Endpoint, type Server, serve } from '../support/connect.js';
import { canSendFrames, type FramePort, openPort, passed } from '../support/frames.js';
import { hostIn } from '../support/netfilter.js';
import { canFilter, type Lab, lab } from '../support/netns.js';
import { arp, frame, ipv4, udp } from '../support/packets.js';
import { rules } from '../support/rules.js';

const lacking = (await canFilter()) ?? (await canSendFrames());

describe.skipIf(lacking !== undefined)(`traffic ${lacking ?? ''}`, () => {
  let world: Lab;
  let host: Host;
  let server: Server;
  beforeAll(async () => {
    world = await lab({ ports: ['vnet0', 'vnet1'] });
    host = (await hostIn(world.host)).host;
    server = await serve(world.wire, [25, 80]);
  });
  afterAll(async () => {
    await server.close();
    await world.dispose();
  });

  const put = (...all: readonly PortRuleset[]) => host.replace(new Map(all.map((each) => [each.port, each])));

  it('drops one port of TCP over both families, for one guest, and lets all else pass', async () => {
    const { wire } = world;
    const [filtered, free] = [world.guest('vnet0'), world.guest('vnet1')];
    await put(
      rules(
        'vnet0',
        ['drop', 'out', 'tcp', { dstportstart: '25' }],
        ['drop', 'out', 'tcp-ipv6', { dstportstart: '25' }],
      ),
    );
    const asked: readonly Endpoint[] = [
      { protocol: 'tcp', address: wire.ip, port: 25 },
      { protocol: 'tcp', address: wire.ip6, port: 25 },
      { protocol: 'tcp', address: wire.ip, port: 80 },
      { protocol: 'tcp', address: wire.ip6, port: 80 },
      { protocol: 'udp', address: wire.ip, port: 25 },
    ];
    expect(await answers(filtered, asked)).toEqual([false, false, true, true, true]);
    expect(await answers(free, asked)).toEqual([true, true, true, true, true]);
    await put();
    expect(await answers(filtered, asked)).toEqual([true, true, true, true, true]);
  });

  it('filters what the guest sends to the host itself', async () => {
    const own = await serve(world.host, [25]);
    try {
      const asked: readonly Endpoint[] = [{ protocol: 'tcp', address: world.host.ip, port: 25 }];
      await put(rules('vnet0', ['drop', 'out', 'tcp', { dstportstart: '25' }]));
      expect(await answers(world.guest('vnet0'), asked)).toEqual([false]);
      expect(await answers(world.guest('vnet1'), asked)).toEqual([true]);
    } finally {
      await own.close();
    }
  });

  describe('spoofing', () => {
    let guest: FramePort;
    let wire: FramePort;
    beforeAll(async () => {
      [guest, wire] = await Promise.all([openPort(world.guest('vnet0')), openPort(world.wire)]);
    });
    afterAll(async () => {
      await Promise.all([guest.close(), wire.close()]);
    });

    it('is dropped, honest frames pass', async () => {
      const { mac, ip } = world.guest('vnet0');
      await put(
        rules(
          'vnet0',
          ['drop', 'out', 'mac', { srcmacaddr: '52:54:00:66:66:66' }],
          ['accept', 'out', 'arp', { arpsrcipaddr: ip }],
          ['accept', 'out', 'ip', { srcipaddr: ip }],
          ['drop', 'out'],
        ),
      );
      const [foreign, other] = ['52:54:00:66:66:66', '10.77.0.66'];
      const hello = (src: string, from: string, vlan?: number) =>
        frame(
          { src, dst: world.wire.mac, ...(vlan === undefined ? {} : { vlan }) },
          ipv4({ src: from, dst: world.wire.ip }, udp({ sport: 9, dport: 9, data: 'hello' })),
        );
      const who = (srcMac: string, srcIp: string) =>
        frame({ src: srcMac, dst: 'ff:ff:ff:ff:ff:ff' }, arp({ srcMac, srcIp, dstIp: world.wire.ip }));
      const honest = [hello(mac, ip), who(mac, ip)];
      const forged = [hello(foreign, ip), hello(mac, other), who(mac, other), hello(mac, ip, 5)];
      expect(await passed(guest, wire, [...honest, ...forged])).toEqual([
        true,
        true,
        false,
        false,
        false,
        false,
      ]);
      await put();
      expect(await passed(guest, wire, forged)).toEqual([true, true, true, true]);
    });
  });
});
