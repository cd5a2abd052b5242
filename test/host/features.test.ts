/** What a host lacks is said before anything changes, and what it has is asked for once. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PortRuleset } from '../../src/compiler/ruleset.js';
import { featureDemand } from '../../src/host/features.js';
import { kernelHost } from '../../src/host/kernel.js';
import type { Tools } from '../../src/host/tools.js';
import { type Run, run } from '../../src/process/run.js';
import { canFilter, type Lab, lab } from '../support/netns.js';
import { rules } from '../support/rules.js';
import { snapshot } from '../support/snapshot.js';

const lacking = await canFilter();

const of = (name: string) => ({
  restore: `${name}-restore`,
  save: `${name}-save`,
  variant: 'nf_tables' as const,
});
const COMMANDS = { ebtables: of('ebtables'), iptables: of('iptables'), ip6tables: of('ip6tables') };

/** Tools that answer for a kernel without some extensions; `fed` keeps what they were given. */
function without(missing: readonly RegExp[], words: string): Tools & { fed: [string, string][] } {
  const fed: [string, string][] = [];
  const answer: Run = async (command, _, options) => {
    const input = options?.input ?? '';
    fed.push([command, input]);
    const fails = missing.some((each) => each.test(input));
    return {
      code: fails ? 2 : 0,
      stdout: '',
      stderr: fails ? words : '',
      failure: fails ? 'exit code 2' : undefined,
    };
  };
  return { commands: COMMANDS, netns: undefined, run: answer, fed };
}

const SUPPORTED = 'Extension u32 revision 0 not supported, missing kernel module?';
const typed = () =>
  rules('vnet0', ['accept', 'out', 'tcp', { dstportstart: '22' }], ['drop', 'in', 'icmp', { type: '255' }]);
const bound = (ruleset: PortRuleset) => new Map([[ruleset.port, ruleset]]);

describe('featureDemand', () => {
  it('names filter, rule, what is missing and what mends it', async () => {
    const tools = without([/-m u32/], SUPPORTED);
    await expect(featureDemand(tools)([typed()])).rejects.toMatchObject({
      code: 'HOST_LACKS',
      exit: 5,
      message: `filter short, rule 2: iptables has no match u32 here (${SUPPORTED}); run: modprobe xt_u32`,
    });
  });

  it('tells everything that is missing at once', async () => {
    const tools = without([/-m u32/, /-m conntrack/, /REJECT/], 'No chain/target/match by that name.');
    const more = rules('vnet1', ['reject', 'out', 'tcp-ipv6']);
    const error = await featureDemand(tools)([typed(), undefined, more]).catch((caught: unknown) => caught);
    const found = (error as { faults: { message: string; where: object }[] }).faults;
    expect(found.map(({ message }) => message.replace(/ \(.*\)/, ''))).toEqual([
      'iptables has no match conntrack here; run: modprobe xt_conntrack',
      'iptables has no match u32 here; run: modprobe xt_u32',
      'ip6tables has no target REJECT here; run: modprobe ip6t_REJECT',
    ]);
    expect(found.map(({ where }) => where)).toMatchObject([{ rule: 1 }, { rule: 2 }, { rule: 1 }]);
  });

  it.each([
    ["Couldn't load match `u32':No such file or directory", /run: apt-get install .*iptables/],
    [SUPPORTED, /run: modprobe xt_u32/],
  ])('tells a tool that lacks it from a kernel: %s', async (words, mend) => {
    await expect(featureDemand(without([/u32/], words))([typed()])).rejects.toThrow(mend);
  });

  it('asks once for what works, and in one go', async () => {
    const tools = without([], '');
    const demand = featureDemand(tools);
    await demand([typed()]);
    await demand([typed(), rules('vnet7', ['drop', 'in', 'tcp', { dstportstart: '9' }])]);
    expect(tools.fed.map(([command]) => command)).toEqual(['iptables-restore']);
    await demand([rules('vnet0', ['drop', 'in', 'vlan', { vlanid: '5' }])]);
    expect(tools.fed.map(([command]) => command)).toEqual(['iptables-restore', 'ebtables-restore']);
    expect(tools.fed[1]?.[1]).toContain('-A nwgate-try -p 0x8100 --vlan-id 5 -j RETURN');
  });

  it('asks again for what did not work', async () => {
    const missing = [/-m u32/];
    const demand = featureDemand(without(missing, SUPPORTED));
    await expect(demand([typed()])).rejects.toThrow('u32');
    missing.length = 0;
    await demand([typed()]);
  });

  it('starts nothing for rules that need nothing', async () => {
    const tools = without([], '');
    await featureDemand(tools)([rules('vnet0', ['drop', 'out', 'mac', { protocolid: 'arp' }]), undefined]);
    expect(tools.fed).toEqual([]);
  });
});

describe.skipIf(lacking !== undefined)(`on a kernel ${lacking ?? ''}`, () => {
  let world: Lab;
  beforeAll(async () => {
    world = await lab({ ports: [] });
  });
  afterAll(() => world.dispose());

  const sets = rules(
    'vnet0',
    ['drop', 'out', 'tcp', { dstportstart: '25' }],
    ['drop', 'in', 'tcp', { ipset: 'nosuch' }],
  );

  it('refuses an IP set that is not there, and changes nothing', async () => {
    const tools = { commands: COMMANDS, netns: world.host.netns, run };
    const before = await snapshot(world.host);
    await expect(kernelHost(tools).apply(bound(sets))).rejects.toMatchObject({
      code: 'HOST_LACKS',
      message: expect.stringMatching(
        /^filter short, rule 2: (there is no IP set nosuch .*run: ipset create nosuch hash:ip|.*modprobe xt_set)$/s,
      ),
    });
    expect(await snapshot(world.host)).toBe(before);
  });

  it('changes nothing when a match fails that only the kernel can miss', async () => {
    const failing: Run = async (command, args, options) => {
      if (/-m u32/.test(options?.input ?? ''))
        return { code: 2, stdout: '', stderr: SUPPORTED, failure: 'exit code 2' };
      return run(command, args, options);
    };
    const tools = { commands: COMMANDS, netns: world.host.netns, run: failing };
    const host = kernelHost(tools);
    await host.apply(bound(rules('vnet0', ['drop', 'out', 'tcp', { dstportstart: '25' }])));
    const before = await snapshot(world.host);
    await expect(host.apply(bound(typed()))).rejects.toMatchObject({ code: 'HOST_LACKS' });
    await expect(host.replace(bound(typed()))).rejects.toMatchObject({ code: 'HOST_LACKS' });
    expect(await snapshot(world.host)).toBe(before);
    await host.replace(new Map());
  });

  it('takes everything that the compiler can write, and leaves nothing of the attempt', async () => {
    const before = await snapshot(world.host);
    const all = rules(
      'vnet0',
      ['drop', 'in', 'vlan', { vlanid: '5' }],
      ['drop', 'in', 'arp', { opcode: 'Request' }],
      ['drop', 'in', 'stp', { 'root-cost': '5' }],
      ['drop', 'in', 'ip', { protocol: 'tcp', dstportstart: '5' }],
      ['drop', 'in', 'ipv6', { protocol: 'icmpv6', type: '5' }],
      ['reject', 'in', 'tcp', { option: '5', comment: 'x', srcipfrom: '10.0.0.1' }],
      ['drop', 'out', 'udp', { srcmacaddr: '52:54:00:00:00:01', dscp: '5', 'connlimit-above': '5' }],
      ['accept', 'out', 'sctp-ipv6', { dstportstart: '5' }],
      ['accept', 'out', 'icmpv6', { type: '5' }],
      ['accept', 'out', 'icmp', { type: '255' }],
      ['accept', 'out', 'icmp', { type: '8' }],
      ['drop', 'out', 'ah-ipv6'],
    );
    await featureDemand({ commands: COMMANDS, netns: world.host.netns, run })([all]);
    expect(await snapshot(world.host)).toBe(before);
  });
});
