/** A running gateway puts right what somebody else breaks, and leaves alone what is not its own. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Watch } from '../../src/app/ports.js';
import type { HostDiffers } from '../../src/app/reconcile.js';
import { run } from '../../src/process/run.js';
import { temporaryDirectory } from '../support/directory.js';
import { ADMIN, doc } from '../support/gateway.js';
import { type KernelGateway, kernelGateway, until } from '../support/kernel-gateway.js';
import { canFilter, type Lab, lab } from '../support/netns.js';
import { othersIn, snapshot } from '../support/snapshot.js';

const lacking = await canFilter();

const FILTER = doc(
  'mixed',
  `<rule action='drop' direction='out'><mac srcmacaddr='52:54:00:66:66:66'/></rule>
   <rule action='drop' direction='out'><tcp dstportstart='25'/></rule>
   <rule action='drop' direction='out'><tcp-ipv6 dstportstart='25'/></rule>`,
);

/** Chains as libvirt, docker and firewalld have them. */
const OTHERS: readonly (readonly [restore: string, input: string])[] = [
  ['ebtables-restore', '*nat\n:libvirt-I-vnet9 ACCEPT\n-A PREROUTING -i vnet9 -j libvirt-I-vnet9\nCOMMIT\n'],
  [
    'iptables-restore',
    '*filter\n:LIBVIRT_FWO - [0:0]\n:DOCKER-USER - [0:0]\n:FWD_public - [0:0]\n-A FORWARD -j LIBVIRT_FWO\n-A FORWARD -j DOCKER-USER\n-A FORWARD -i eth0 -j FWD_public\n-A LIBVIRT_FWO -s 192.168.122.0/24 -i virbr0 -j ACCEPT\n-A DOCKER-USER -j RETURN\nCOMMIT\n',
  ],
];

/** What somebody does, as commands; `-` feeds the input to the command. */
interface Deed {
  readonly what: string;
  readonly commands: readonly string[];
  /** It takes other people's rules away as well. */
  readonly flushesOthers?: true;
}

const DEEDS: readonly Deed[] = [
  { what: 'iptables -F', commands: ['iptables -F'], flushesOthers: true },
  { what: 'iptables -F, -X', commands: ['iptables -F', 'iptables -X'], flushesOthers: true },
  { what: 'ebtables -t nat -F', commands: ['ebtables -t nat -F'], flushesOthers: true },
  { what: 'nft flush ruleset', commands: ['nft flush ruleset'], flushesOthers: true },
  { what: 'a jump of ours deleted', commands: ['iptables -D FORWARD -j nwgate-from'] },
  { what: 'a rule of ours deleted', commands: ['ip6tables -D CONTENT 1'] },
  { what: 'a rule of ours changed', commands: ['ip6tables -R CONTENT 1 -p tcp --dport 26 -j DROP'] },
  { what: 'a rule put before ours', commands: ['iptables -I FORWARD -m comment --comment mine -j ACCEPT'] },
  { what: 'a chain named like ours', commands: ['iptables -N nwg-from-aaaaaaaaaaaa'] },
  { what: 'a policy of ours', commands: ['ebtables -t nat -P nwgate-from DROP'] },
];

describe.skipIf(lacking !== undefined)(`a watched host ${lacking ?? ''}`, () => {
  let world: Lab;
  let product: KernelGateway;
  let watch: Watch;
  let events: HostDiffers[];
  const command = async (line: string) => {
    const [tool = '', ...args] = line.split(' ');
    const outcome = await world.host.exec(tool, args);
    expect(outcome, line).toMatchObject({ code: 0 });
    return outcome.stdout;
  };
  const begin = async (missing?: RegExp) => {
    world = await lab({ ports: ['vnet0'] });
    for (const [restore, input] of OTHERS) await world.host.exec(restore, ['--noflush'], { input });
    product = await kernelGateway(temporaryDirectory(), world.host, missing ? { missing } : {});
    await product.define(FILTER);
    await product.bind('vnet0', 'mixed');
    events = [];
    product.gateway.onHostDiffers((event) => void events.push(event));
    watch = await product.gateway.watch();
    // The listeners hear from now on.
    await new Promise((resolve) => setTimeout(resolve, 700));
  };
  afterEach(async () => {
    await watch.close();
    await world.dispose();
  });

  describe('that tells of changes', () => {
    beforeEach(() => begin());

    it('is put right after whatever somebody does, and others keep theirs', async () => {
      const others = await othersIn(world.host);
      const right = await product.host.compare(wanted(product));
      expect(right).toEqual({ differences: [], by: 'rules' });
      const rows: string[] = [];
      for (const { what, commands, flushesOthers } of DEEDS) {
        const content = /^-A (nwg-from-\S+) .*25/m.exec(await command('ip6tables-save'))?.[1] ?? '';
        const seen = events.length;
        for (const line of commands) await command(line.replace('CONTENT', content));
        const ms = await until(what, () => events.length > seen);
        await until(`${what}: right`, () => isRight(product));
        expect(events.slice(seen).every(({ failure }) => failure === undefined)).toBe(true);
        rows.push(`${what.padEnd(24)} ${String(ms).padStart(6)} ms`);
        if (flushesOthers) {
          expect(await othersIn(world.host)).not.toContain('nwg');
          for (const [restore, input] of OTHERS) await world.host.exec(restore, ['--noflush'], { input });
          await until('others are back', () => isRight(product));
        } else if (what === 'a rule put before ours') {
          expect(await command('iptables -S FORWARD')).toMatch(/nwgate-post\n-A FORWARD .*mine/);
          await command('iptables -D FORWARD -m comment --comment mine -j ACCEPT');
        }
      }
      console.log(['put right after', ...rows].join('\n'));
      for (const line of others.split('\n').filter((text) => text.startsWith('-A'))) {
        expect(await othersIn(world.host)).toContain(line);
      }
    });

    it('hears of nothing from its own changes', async () => {
      await product.define(
        doc('second', "<rule action='drop' direction='in'><udp dstportstart='53'/></rule>"),
      );
      for (const filter of ['second', 'mixed', 'second']) await product.bind('vnet0', filter);
      await product.gateway.unbind('vnet0', ADMIN);
      const left = await snapshot(world.host);
      await new Promise((resolve) => setTimeout(resolve, 800));
      expect(events).toEqual([]);
      expect(await snapshot(world.host)).toBe(left);
      product.started();
      await new Promise((resolve) => setTimeout(resolve, 700));
      expect(product.started().filter((name) => name.endsWith('-restore'))).toEqual([]);
    });

    it('is said not to be right while it cannot be, and then it is', async () => {
      const file = '/proc/sys/net/bridge/bridge-nf-call-iptables';
      await world.host.exec('tee', [file], { input: '0' });
      await command('iptables -N tick');
      const state = () => product.gateway.bindings()[0];
      await until('failed', () => state()?.state === 'failed');
      expect(state()?.reason).toContain('net.bridge.bridge-nf-call-iptables is 0');
      expect(events.at(-1)).toMatchObject({
        differences: [{ kind: 'switched-off' }],
        failure: state()?.reason,
      });
      await world.host.exec('tee', [file], { input: '1' });
      await command('iptables -X tick');
      await until('applied', () => state()?.state === 'applied');
    });

    it('has ports that come and go, known at once and never open', async () => {
      const state = () => product.gateway.bindings()[0]?.state;
      await until('applied', () => state() === 'applied');
      const before = await snapshot(world.host);
      await command('ip link del vnet0');
      const gone = await until('pending', () => state() === 'pending');
      expect(await snapshot(world.host)).toBe(before);
      await command('ip link add vnet0 type veth peer name vnet0-far');
      const came = await until('applied', () => state() === 'applied');
      expect(await snapshot(world.host)).toBe(before);
      expect(product.log).toEqual(expect.arrayContaining(['a bound port has gone', 'a bound port has come']));
      console.log(`port gone: pending after ${gone} ms; port there: applied after ${came} ms`);
    });

    it('is as it was when the gateway ends: nothing of it stays behind but the rules', async () => {
      const pids = async () => (await run('ip', ['netns', 'pids', world.host.netns])).stdout.trim();
      expect((await pids()).split('\n')).toHaveLength(2);
      await watch.close();
      await until('no program runs', async () => (await pids()) === '');
    });
  });

  it('that tells of nothing is looked at again and again', async () => {
    await begin(/^(xtables-monitor|nft)$/);
    await command('iptables -F');
    const ms = await until('put right', () => events.length > 0);
    expect(await isRight(product)).toBe(true);
    console.log(`polled: put right after ${ms} ms`);
    expect(events[0]?.failure).toBeUndefined();
  });
});

const wanted = (product: KernelGateway) =>
  new Map(
    product.gateway.bindings().map(({ port, filter }) => [port, product.gateway.compile({ filter, port })]),
  );
const isRight = async (product: KernelGateway) =>
  (await product.host.compare(wanted(product))).differences.length === 0;
