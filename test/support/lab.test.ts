import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answers, serve } from './connect.js';
import { canSendFrames, openPort, passed } from './frames.js';
import { canUseNamespaces, type Lab, lab } from './netns.js';
import { arp, frame, icmp, ipv4, ipv6, udp } from './packets.js';

const lacking = (await canUseNamespaces()) ?? (await canSendFrames());

describe.skipIf(lacking !== undefined)(`lab ${lacking ?? ''}`, () => {
  let world: Lab;
  beforeAll(async () => {
    world = await lab({ ports: ['vnet0', 'vnet1'] });
  });
  afterAll(() => world.dispose());

  it('connects guests, wire and host', async () => {
    const [guest, wire] = [world.guest('vnet0'), world.wire];
    const server = await serve(wire, [80]);
    try {
      const ask = (from: typeof guest, address: string, port: number) =>
        answers(from, [
          { protocol: 'tcp', address, port },
          { protocol: 'udp', address, port },
        ]);
      expect(await ask(guest, wire.ip, 80)).toEqual([true, true]);
      expect(await ask(guest, wire.ip6, 80)).toEqual([true, true]);
      expect(await ask(world.host, wire.ip, 80)).toEqual([true, true]);
      expect(await ask(guest, wire.ip, 81)).toEqual([false, false]);
    } finally {
      await server.close();
    }
  });

  it('carries whole frames, VLAN tags too', async () => {
    const [from, to] = await Promise.all([openPort(world.guest('vnet0')), openPort(world.guest('vnet1'))]);
    try {
      const head = { src: world.guest('vnet0').mac, dst: world.guest('vnet1').mac };
      const inside = { src: '10.77.0.10', dst: '10.77.0.11' };
      const frames = [
        frame(head, arp({ srcMac: head.src, srcIp: inside.src, dstIp: inside.dst })),
        frame({ ...head, vlan: 7 }, ipv4(inside, udp({ sport: 1, dport: 2, data: 'tagged' }))),
        frame(head, ipv6({ src: 'fd77::0a', dst: 'fd77::0b' }, udp({ sport: 1, dport: 2, data: 'six' }))),
        frame(head, { type: 0x88b5, bytes: Buffer.alloc(1400, 7) }),
      ];
      expect(await passed(from, to, frames)).toEqual(frames.map(() => true));
      expect(
        await passed(to, from, [
          frame({ src: head.dst, dst: head.dst }, { type: 0x88b5, bytes: Buffer.alloc(1) }),
        ]),
      ).toEqual([false]);
    } finally {
      await Promise.all([from.close(), to.close()]);
    }
  });

  it("has the guests' kernels answer hand-made packets: their checksums are right", async () => {
    const guest = world.guest('vnet1');
    const port = await openPort(world.guest('vnet0'));
    const server = await serve(guest, [7]);
    try {
      const ours = { src: '52:54:00:99:00:01', dst: guest.mac };
      const from = { src: '10.77.0.99', dst: guest.ip };
      await port.send(
        frame(
          ours,
          arp({ opcode: 2, srcMac: ours.src, srcIp: from.src, dstMac: guest.mac, dstIp: guest.ip }),
        ),
        frame(ours, arp({ srcMac: ours.src, srcIp: from.src, dstIp: guest.ip })),
        frame(ours, ipv4(from, icmp({ type: 8, data: 'echo me' }))),
        frame(ours, ipv4(from, udp({ sport: 5000, dport: 7, data: 'and me' }))),
      );
      const text = (await port.received()).map((each) => Buffer.from(each, 'hex').toString('latin1'));
      expect(text.some((each) => each.includes('echo me'))).toBe(true);
      expect(text.some((each) => each.includes('and me'))).toBe(true);
    } finally {
      await server.close();
      await port.close();
    }
  });

  it('leaves no namespace, also when it cannot be built', async () => {
    await expect(lab({ ports: ['fine0', 'a-name-that-is-far-too-long'] })).rejects.toThrow('ip');
    const second = await lab({ ports: [] });
    await second.dispose();
    const ours = readdirSync('/run/netns').filter((name) => name.startsWith(`nwgt-${process.pid}-`));
    expect(ours.sort()).toEqual(
      [world.host, world.wire, world.guest('vnet0'), world.guest('vnet1')].map(({ netns }) => netns).sort(),
    );
  });
});
