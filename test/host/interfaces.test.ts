import { describe, expect, it } from 'vitest';
import { parseLinks, readInterfaces } from '../../src/host/interfaces.js';
import { run } from '../../src/process/run.js';
import { canUseNamespaces, lab } from '../support/netns.js';

describe('parseLinks', () => {
  it('reads what ip prints, and nothing at all', () => {
    const text = JSON.stringify([
      {
        ifname: 'lo',
        flags: ['LOOPBACK', 'UP'],
        mtu: 65536,
        link_type: 'loopback',
        address: '00:00:00:00:00:00',
      },
      { ifname: 'sit0', flags: [], mtu: 1480, link_type: 'sit', address: '0.0.0.0' },
      {
        ifname: 'eth1',
        flags: [],
        mtu: 9000,
        link_type: 'ether',
        address: '52:54:00:00:00:01',
        master: 'vrf0',
        linkinfo: { info_slave_kind: 'vrf' },
      },
    ]);
    expect(parseLinks(text)).toEqual([
      { name: 'lo', mac: undefined, mtu: 65536, up: true, bridge: undefined },
      { name: 'sit0', mac: undefined, mtu: 1480, up: false, bridge: undefined },
      { name: 'eth1', mac: '52:54:00:00:00:01', mtu: 9000, up: false, bridge: undefined },
    ]);
    expect(parseLinks('\n')).toEqual([]);
  });
});

const lacking = await canUseNamespaces();
describe.skipIf(lacking !== undefined)(`interfaces ${lacking ?? ''}`, () => {
  it('of a namespace, with their bridge', async () => {
    const world = await lab({ ports: ['vnet0'] });
    try {
      const found = await readInterfaces(run, world.host.netns);
      expect(found.map(({ name, up, bridge }) => [name, up, bridge])).toEqual([
        ['lo', false, undefined],
        ['br0', true, undefined],
        ['wire', true, 'br0'],
        ['vnet0', true, 'br0'],
      ]);
      expect(found[1]).toMatchObject({ mac: world.host.mac, mtu: 1500 });
    } finally {
      await world.dispose();
    }
  });
});
