import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nameChain } from '../../src/compiler/chains.js';
import type { PortRuleset } from '../../src/compiler/ruleset.js';
import { kernelHost } from '../../src/host/kernel.js';
import { type Run, run } from '../../src/process/run.js';
import { hostIn } from '../support/netfilter.js';
import { canFilter, type Lab, lab } from '../support/netns.js';
import { rules } from '../support/rules.js';
import { othersIn, snapshot } from '../support/snapshot.js';

const lacking = await canFilter();
const NOT_LEGACY = /^ip6?tables(-nft)?-(restore|save)$/;
const noLegacy = lacking ?? (await legacyLacks());

/** Both layers, both families. */
const filtered = (port: string, mac = '52:54:00:00:00:01') =>
  rules(
    port,
    ['drop', 'out', 'mac', { srcmacaddr: mac }],
    ['accept', 'inout', 'arp'],
    ['drop', 'out', 'tcp', { dstportstart: '25' }],
    ['drop', 'out', 'tcp-ipv6', { dstportstart: '25' }],
  );

const frames = (port: string, ethertype: string) =>
  rules(port, ['drop', 'inout', 'mac', { protocolid: ethertype }]);

const bound = (...rulesets: readonly PortRuleset[]) => new Map(rulesets.map((each) => [each.port, each]));
const gone = (...ports: readonly string[]) => new Map(ports.map((port) => [port, undefined]));
const thirty = Array.from({ length: 30 }, (_, index) => `vnet${index}`);

/** As the kernel would have it from libvirt, from an administrator and from something that has no place in our tables. */
const OTHERS = {
  'ebtables-restore':
    '*nat\n:libvirt-I-vnet9 ACCEPT\n-A PREROUTING -i vnet9 -j libvirt-I-vnet9\n-A libvirt-I-vnet9 -p ARP -j DROP\nCOMMIT\n',
  'iptables-restore':
    '*filter\n:nwg - [0:0]\n-A FORWARD -m comment --comment "to nwgate\'s \\"box\\" -j nwgate" -s 10.9.0.0/16 -j nwg\n-A nwg -p tcp -m tcp --dport 22 -j DROP\nCOMMIT\n*nat\n-A POSTROUTING -s 10.9.0.0/16 -j MASQUERADE\nCOMMIT\n',
  'ip6tables-restore': '*filter\n-A FORWARD -s fd09::/64 -j REJECT\nCOMMIT\n',
};

describe.skipIf(lacking !== undefined)(`kernelHost ${lacking ?? ''}`, () => {
  let world: Lab;
  beforeEach(async () => {
    world = await lab({ ports: [] });
    for (const [restore, input] of Object.entries(OTHERS))
      expect(await world.host.exec(restore, ['--noflush'], { input })).toMatchObject({ code: 0 });
  });
  afterEach(() => world.dispose());

  it.each([
    ['one', ['vnet0']],
    ['thirty', thirty],
  ])('leaves no trace of %s, nor touches what is not ours', async (_, ports) => {
    const { host } = await hostIn(world.host);
    const [before, others] = [await snapshot(world.host), await othersIn(world.host)];
    await host.apply(bound(...ports.map((port, index) => filtered(port, `52:54:00:00:00:${10 + index}`))));
    const during = await snapshot(world.host);
    for (const port of ports) expect(during).toContain(`--physdev-in ${port} `);
    expect(await othersIn(world.host)).toBe(others);
    await host.apply(gone(...ports));
    expect(await snapshot(world.host)).toBe(before);
  });

  it('starts one program per batch and as many for thirty ports as for one', async () => {
    const { host, started } = await hostIn(world.host);
    await host.apply(bound(frames('vnet0', 'ipv6')));
    expect(started()).toEqual(['ebtables-save', 'iptables-save', 'ip6tables-save', 'ebtables-restore']);
    await host.apply(bound(filtered('vnet1')));
    // What rules need is tried when it is needed first.
    const tried = ['iptables-restore', 'ip6tables-restore'];
    const one = ['grep', 'ebtables-restore', 'iptables-restore', 'ip6tables-restore'];
    expect(started()).toEqual(['grep', ...tried, ...one.slice(1)]);
    await host.apply(bound(...thirty.slice(2).map((port) => filtered(port))));
    expect(started()).toEqual(one);
  });

  it('recognises what another process has made', async () => {
    const [first, second] = [await hostIn(world.host), await hostIn(world.host)];
    const all = bound(...thirty.map((port) => filtered(port)), frames('eth9', '0x0835'));
    await first.host.apply(all);
    const made = await snapshot(world.host);
    await second.host.apply(all);
    expect(second.started().filter((name) => !name.endsWith('-restore'))).toEqual([
      'grep',
      'ebtables-save',
      'iptables-save',
      'ip6tables-save',
    ]);
    await second.host.replace(all);
    expect(await snapshot(world.host)).toBe(made);
    await second.host.replace(bound(filtered('vnet3')));
    const fewer = await snapshot(world.host);
    expect(fewer).toContain('--physdev-in vnet3 ');
    expect(fewer).not.toMatch(/vnet4|eth9/);
  });

  it('leaves everything as it was when a tool refuses', async () => {
    const { host } = await hostIn(world.host);
    await host.apply(bound(filtered('vnet0')));
    const before = await snapshot(world.host);
    const bad = spoiled(filtered('vnet1'));
    const error = await host
      .apply(new Map([...bound(bad), ...gone('vnet0')]))
      .catch((caught: unknown) => caught);
    expect(error).toMatchObject({
      code: 'NOT_APPLIED',
      details: expect.stringContaining('--no-such-option'),
    });
    expect(await snapshot(world.host)).toBe(before);
    await expect(host.replace(bound(bad))).rejects.toMatchObject({ code: 'NOT_APPLIED' });
    expect(await snapshot(world.host)).toBe(before);
    await host.apply(bound(filtered('vnet1')));
    expect(await snapshot(world.host)).toContain('--physdev-in vnet1 ');
  });

  it('repairs what somebody else broke', async () => {
    const { host } = await hostIn(world.host);
    const all = bound(filtered('vnet0'), filtered('vnet1'));
    await host.apply(all);
    const before = await snapshot(world.host);
    const content = /^-A (nwg-from-\S+) .*--dport 25/m.exec(before)?.[1] as string;
    await world.host.exec('ebtables', ['-t', 'nat', '-F', 'nwgate-from']);
    await world.host.exec('iptables', ['-D', content, '1']);
    await world.host.exec('iptables', ['-I', 'FORWARD', '-s', '10.0.0.0/8', '-j', 'ACCEPT']);
    await world.host.exec('ip6tables', ['-D', 'FORWARD', '-j', 'nwgate-from']);
    expect(await snapshot(world.host)).not.toBe(before);
    await host.replace(all);
    await world.host.exec('iptables', ['-D', 'FORWARD', '-s', '10.0.0.0/8', '-j', 'ACCEPT']);
    expect(await snapshot(world.host)).toBe(before);
  });

  it('looks again when what it remembers is no longer so', async () => {
    const { host } = await hostIn(world.host);
    await host.apply(bound(filtered('vnet0')));
    const before = await snapshot(world.host);
    await (await hostIn(world.host)).host.replace(bound());
    await host.apply(gone('vnet0'));
    await host.apply(bound(filtered('vnet0')));
    expect(await snapshot(world.host)).toBe(before);
  });

  it('sets right what a process left half done when it died', async () => {
    const { host } = await hostIn(world.host);
    const fresh = bound(filtered('vnet0', '52:54:00:00:00:02'), rules('vnet1', ['drop', 'in', 'all']));
    await host.replace(fresh);
    const wanted = await snapshot(world.host);
    const old = bound(filtered('vnet0'), filtered('vnet1'));
    for (const batches of [1, 2, 3]) {
      await host.replace(old);
      let left = batches;
      const dying: Run = async (command, args, options) => {
        if (command.endsWith('-restore') && left-- <= 0) throw new Error('died');
        return run(command, args, options);
      };
      const tool = (name: string) => ({
        restore: `${name}-restore`,
        save: `${name}-save`,
        variant: 'nf_tables' as const,
      });
      const commands = {
        ebtables: tool('ebtables'),
        iptables: tool('iptables'),
        ip6tables: tool('ip6tables'),
      };
      const victim = kernelHost({ commands, netns: world.host.netns, run: dying });
      await expect(victim.apply(fresh)).rejects.toThrow('died');
      expect(await snapshot(world.host)).not.toBe(wanted);
      await (await hostIn(world.host)).host.replace(fresh);
      expect(await snapshot(world.host)).toBe(wanted);
    }
  });

  it.skipIf(noLegacy !== undefined)(`does the same with legacy iptables ${noLegacy ?? ''}`, async () => {
    const { host, started } = await hostIn(world.host, NOT_LEGACY);
    const saved = async () => {
      const { stdout } = await world.host.exec('iptables-legacy-save', []);
      return stdout.replace(/^#.*\n/gm, '').replace(/\[\d+:\d+\]/g, '');
    };
    await host.apply(bound(filtered('vnet0')));
    await host.apply(gone('vnet0'));
    const before = await saved();
    await host.apply(bound(...thirty.map((port) => filtered(port))));
    expect(started()).toContain('iptables-legacy-restore');
    expect(await saved()).toContain('--physdev-in vnet29 ');
    await host.replace(bound(filtered('vnet0')));
    await host.apply(gone('vnet0'));
    expect(await saved()).toBe(before);
  });

  it('makes changes one after the other', async () => {
    const { host } = await hostIn(world.host);
    await Promise.all(thirty.slice(0, 6).map((port) => host.apply(bound(filtered(port)))));
    const now = await snapshot(world.host);
    for (const port of thirty.slice(0, 6)) expect(now).toContain(`--physdev-in ${port} `);
  });
});

describe.skipIf(lacking !== undefined)(`bridge netfilter off ${lacking ?? ''}`, () => {
  it('refuses IP rules with the way out, and takes Ethernet rules', async () => {
    const world = await lab({ ports: [], bridgeNetfilter: '0' });
    try {
      const { host } = await hostIn(world.host);
      const before = await snapshot(world.host);
      await expect(host.apply(bound(filtered('vnet0')))).rejects.toMatchObject({
        code: 'HOST_LACKS',
        message: `filter short, rule 3: net.bridge.bridge-nf-call-iptables is 0: iptables would not see what crosses the bridge; run: ip netns exec ${world.host.netns} sysctl -w net.bridge.bridge-nf-call-iptables=1`,
      });
      expect(await snapshot(world.host)).toBe(before);
      await host.apply(bound(frames('vnet0', 'ipv6')));
      expect(await snapshot(world.host)).toContain('-i vnet0 ');
    } finally {
      await world.dispose();
    }
  });
});

/** An IPv6 rule that the tool does not know: ebtables and iptables have had their batches by then. */
function spoiled(ruleset: PortRuleset): PortRuleset {
  const test = { option: '--no-such-option', args: [], negated: false };
  const chain = nameChain('ip6tables', 'from', [
    { tests: [test], target: { kind: 'verdict', verdict: 'DROP' } },
  ]);
  const ip6tables = { fromGuest: chain.name, toGuest: undefined, chains: [chain] };
  return { ...ruleset, tools: { ...ruleset.tools, ip6tables } };
}

/** Why legacy iptables cannot be tried. */
async function legacyLacks(): Promise<string | undefined> {
  const world = await lab({ ports: [] });
  try {
    const input = '*filter\nCOMMIT\n';
    const tried = await world.host.exec('iptables-legacy-restore', ['--noflush'], { input });
    return tried.failure && `not supported: ${tried.stderr.trim()}`;
  } catch (error) {
    return (error as Error).message;
  } finally {
    await world.dispose();
  }
}
