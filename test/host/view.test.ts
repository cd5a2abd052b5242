import { describe, expect, it } from 'vitest';
import { applyToView, emptyView, replacePlan } from '../../src/compiler/plan.js';
import { TOOLS, type Tool } from '../../src/compiler/ruleset.js';
import { parseSave } from '../../src/host/save.js';
import { readView, viewOf } from '../../src/host/view.js';
import { run } from '../../src/process/run.js';
import { hostIn } from '../support/netfilter.js';
import { canFilter, lab } from '../support/netns.js';
import { rules } from '../support/rules.js';

const SAVED = `*nat
:PREROUTING ACCEPT
:POSTROUTING ACCEPT
:nwgate-from RETURN
:nwgate-from.vnet RETURN
:nwg-root-abcdefghijkl RETURN
:nwg-arp-abcdefghijk2 RETURN
:nwg-mine ACCEPT
:libvirt-I-vnet9 ACCEPT
-A PREROUTING -j nwgate-from
-A PREROUTING -i vnet9 -j libvirt-I-vnet9
-A PREROUTING -i vnet8 -j nwgate-from
-A nwgate-from -i vnet+ -j nwgate-from.vnet
-A nwgate-from -i eth0 -j nwg-root-abcdefghijkl
-A nwgate-from.vnet -i vnet1 -j nwg-arp-abcdefghijk2
-A nwgate-from.vnet -i vnet2 -j DROP
-A nwg-root-abcdefghijkl -p ARP -j nwg-arp-abcdefghijk2
-A nwg-root-abcdefghijkl -p IPv4 -j nwg-arp-abcdefghijk2
-A nwg-root-abcdefghijkl -j ACCEPT
*filter
:FORWARD ACCEPT
:nwg-root-aaaaaaaaaaaa RETURN
`;

describe('viewOf', () => {
  it('finds what is ours by its name, in the table that is ours', () => {
    expect(viewOf('ebtables', parseSave(SAVED))).toEqual({
      hooks: ['PREROUTING nwgate-from'],
      dispatch: new Set(['nwgate-from', 'nwgate-from.vnet']),
      ports: new Map([
        ['eth0', { fromGuest: 'nwg-root-abcdefghijkl', toGuest: undefined }],
        ['vnet1', { fromGuest: 'nwg-arp-abcdefghijk2', toGuest: undefined }],
      ]),
      chains: new Map([
        ['nwg-root-abcdefghijkl', ['nwg-arp-abcdefghijk2']],
        ['nwg-arp-abcdefghijk2', []],
      ]),
    });
  });

  it('of a kernel without anything of ours is the empty one', () => {
    for (const tool of TOOLS) expect(viewOf(tool, [])).toEqual(emptyView[tool]);
  });
});

const lacking = await canFilter();
describe.skipIf(lacking !== undefined)(`readView ${lacking ?? ''}`, () => {
  it('reads back exactly what the plan says it makes', async () => {
    const world = await lab({ ports: [] });
    try {
      const names = ['eth0', ...Array.from({ length: 25 }, (_, index) => `vnet${index}`)];
      const all = new Map(
        names.map((port, index) => [
          port,
          rules(
            port,
            ['drop', 'out', 'mac', { srcmacaddr: `52:54:00:00:00:${index + 10}` }],
            ['accept', 'in', 'tcp', { dstportstart: '22' }],
            ['drop', 'inout', 'all-ipv6', { comment: '-j nwg-from-aaaaaaaaaaaa' }],
          ),
        ]),
      );
      await (await hostIn(world.host)).host.replace(all);
      const of = (tool: Tool) => ({ restore: '', save: `${tool}-save`, variant: 'nf_tables' as const });
      const commands = { ebtables: of('ebtables'), iptables: of('iptables'), ip6tables: of('ip6tables') };
      const view = await readView({ commands, netns: world.host.netns, run });
      expect(view).toEqual(applyToView(emptyView, all));
      expect(view.ebtables.ports.size).toBe(26);
      expect(replacePlan(view, new Map()).steps.length).toBeGreaterThan(0);
    } finally {
      await world.dispose();
    }
  });

  it('says so when a tool cannot read', async () => {
    const of = { restore: '', save: 'false', variant: 'nf_tables' as const };
    const commands = { ebtables: of, iptables: of, ip6tables: of };
    await expect(readView({ commands, netns: undefined, run })).rejects.toMatchObject({ code: 'HOST_LACKS' });
  });
});
