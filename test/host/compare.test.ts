/** What `verify` finds, in the kernel, after edits of every kind. */

import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { formatDifference } from '../../src/app/difference.js';
import type { Host } from '../../src/app/ports.js';
import { hostIn } from '../support/netfilter.js';
import { canFilter, type Lab, lab } from '../support/netns.js';
import { rules } from '../support/rules.js';

const lacking = await canFilter();

const WANTED = new Map(
  ['vnet0', 'vnet1'].map((port) => [
    port,
    rules(
      port,
      ['drop', 'out', 'mac', { srcmacaddr: '52:54:00:66:66:66', srcmacmask: 'ff:ff:ff:00:00:00' }],
      ['accept', 'inout', 'arp', { opcode: 'Request' }],
      [
        'accept',
        'in',
        'tcp',
        { srcipaddr: '10.0.0.0', srcipmask: '8', dstportstart: '22', dstportend: '23' },
      ],
      ['drop', 'out', 'udp', { dstportstart: '53' }],
      ['reject', 'in', 'all-ipv6', { srcipaddr: 'fd00::', srcipmask: '8', comment: 'not "here"' }],
    ),
  ]),
);

describe.skipIf(lacking !== undefined)(`compare ${lacking ?? ''}`, () => {
  let world: Lab;
  let host: Host;
  beforeAll(async () => {
    world = await lab({ ports: [] });
    host = (await hostIn(world.host)).host;
  });
  afterAll(() => world.dispose());
  beforeEach(() => host.replace(WANTED));

  const edit = (line: string) => {
    const [tool = '', ...args] = line.split(' ');
    return world.host.exec(tool, args);
  };
  const saved = async (tool: string) => (await world.host.exec(`${tool}-save`, [])).stdout;
  const chainLike = async (tool: string, pattern: RegExp) => pattern.exec(await saved(tool))?.[1] ?? 'none';
  const found = async () => {
    const { differences, by } = await host.compare(WANTED);
    expect(by).toBe('rules');
    return differences.map(formatDifference).map((line) => line.replace(/-[a-z2-7]{12}\b/g, '-HASH'));
  };

  it('finds nothing where nothing is wrong, and leaves no namespace behind', async () => {
    expect(await found()).toEqual([]);
    expect(readdirSync('/run/netns').filter((name) => name.includes(`scratch-${process.pid}-`))).toEqual([]);
  });

  it('finds a rule that was taken out, put in, or changed, though the names are right', async () => {
    const from = await chainLike('iptables', /^-A (nwg-from-\S+) .*udp/m);
    await edit(`iptables -D ${from} 1`);
    expect(await found()).toEqual([
      'iptables nwg-from-HASH, ports vnet0 vnet1: a rule is missing: "-d 10.0.0.0/8 -p tcp -m tcp --sport 22:23 -m conntrack --ctstate ESTABLISHED -m conntrack --ctdir REPLY -j RETURN" (filter short, rule 3)',
    ]);
    await host.replace(WANTED);
    await edit(`iptables -A ${from} -p udp -j ACCEPT`);
    await edit(`iptables -R ${from} 2 -p udp -m udp --dport 54 -j DROP`);
    expect(await found()).toEqual([
      'iptables nwg-from-HASH, ports vnet0 vnet1: a rule is missing: "-p udp -m udp --dport 53 -j DROP" (filter short, rule 4)',
      'iptables nwg-from-HASH, ports vnet0 vnet1: a rule should not be there: "-p udp -m udp --dport 54 -j DROP"',
      'iptables nwg-from-HASH, ports vnet0 vnet1: a rule should not be there: "-p udp -j ACCEPT"',
    ]);
    await host.replace(WANTED);
    await edit(`iptables -R ${from} 2 -p udp -m udp --dport 54 -j DROP`);
    expect(await found()).toEqual([
      'iptables nwg-from-HASH, ports vnet0 vnet1: a rule was changed: "-p udp -m udp --dport 53 -j DROP" is now "-p udp -m udp --dport 54 -j DROP" (filter short, rule 4)',
    ]);
  });

  it('finds an order that changed, and a policy', async () => {
    const root = await chainLike('ebtables', /^-A (nwg-root-\S+) -s/m);
    const lines = (await saved('ebtables')).split('\n').filter((line) => line.startsWith(`-A ${root} `));
    expect(await edit(`ebtables -t nat -D ${root} 1`)).toMatchObject({ code: 0 });
    expect(await edit(`ebtables -t nat ${lines[0]}`)).toMatchObject({ code: 0 });
    await edit(`ebtables -t nat -P nwgate-to DROP`);
    expect(await found()).toEqual([
      'ebtables nwg-root-HASH, ports vnet0 vnet1: the rules stand in another order',
      'ebtables nwgate-to: the chain ends otherwise: "RETURN" is now "DROP"',
    ]);
  });

  it('finds a jump that is gone, and one that others stand before', async () => {
    await edit('ip6tables -D FORWARD -j nwgate-from');
    await edit('iptables -I FORWARD -s 10.9.0.0/16 -j ACCEPT');
    expect(await found()).toEqual([
      "iptables FORWARD: other programs' rules stand before ours",
      'ip6tables FORWARD: a rule is missing: "-j nwgate-from, -j nwgate-to, -j nwgate-post" is now "-j nwgate-to, -j nwgate-post"',
    ]);
    await edit('iptables -D FORWARD -s 10.9.0.0/16 -j ACCEPT');
    await edit('iptables -A FORWARD -s 10.9.0.0/16 -j ACCEPT');
    expect((await found()).filter((line) => line.startsWith('iptables'))).toEqual([]);
    await edit('iptables -D FORWARD -s 10.9.0.0/16 -j ACCEPT');
  });

  it('finds chains that are gone or that nobody wants, and a port that goes another way', async () => {
    await edit('ip6tables -N nwg-from-aaaaaaaaaaaa');
    await edit('ebtables -t nat -D nwgate-from 1');
    await edit('ebtables -t nat -A nwgate-from -i vnet7 -j DROP');
    const lines = await found();
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(
      /^ebtables nwgate-from, port vnet0: a rule was changed: "-i vnet0 -j nwg-root-HASH" is now "-i vnet7 -j DROP"$/,
    );
    expect(lines[1]).toBe('ip6tables nwg-from-HASH: the chain should not be there');
    await edit('iptables -F');
    await edit('iptables -X');
    const gone = await found();
    expect(gone).toContain('iptables nwgate-from: the chain is missing');
    expect(gone).toContain(
      'iptables nwg-from-HASH, ports vnet0 vnet1: the chain is missing (filter short, rule 3)',
    );
    await host.replace(WANTED);
    expect(await found()).toEqual([]);
  });

  it('says when bridged packets do not come by at all', async () => {
    const file = '/proc/sys/net/bridge/bridge-nf-call-ip6tables';
    await world.host.exec('tee', [file], { input: '0' });
    expect(await found()).toEqual([
      'ip6tables net.bridge.bridge-nf-call-ip6tables, ports vnet0 vnet1: bridged packets do not come by',
    ]);
    await world.host.exec('tee', [file], { input: '1' });
  });

  it('compares names and numbers where there are no namespaces to try in, and says so', async () => {
    const { host: confined } = await hostIn(world.host, /^ip$/, true);
    expect(await confined.compare(WANTED)).toEqual({ differences: [], by: 'counts' });
    const from = await chainLike('iptables', /^-A (nwg-from-\S+) .*udp/m);
    await edit(`iptables -D ${from} 1`);
    const { differences } = await confined.compare(WANTED);
    expect(differences.map(({ kind, expected, found: there }) => [kind, expected, there])).toEqual([
      ['count', '2 rules', '1 rules'],
    ]);
  });
});

describe.skipIf(lacking !== undefined)(`drift ${lacking ?? ''}`, () => {
  it('asks for no more than what the tools print, also after changes of ours, and finds what others did', async () => {
    const world = await lab({ ports: [] });
    try {
      const { host, started } = await hostIn(world.host);
      const saves = ['ebtables-save', 'iptables-save', 'ip6tables-save', 'grep'];
      await host.replace(WANTED);
      started();
      expect(await host.drift(WANTED)).toEqual([]);
      expect(started()).toEqual(saves);
      const two = new Map([...WANTED, ['vnet2', rules('vnet2', ['drop', 'in', 'tcp'])]]);
      await host.apply(two);
      started();
      expect(await host.drift(two)).toEqual([]);
      expect(started()).toEqual(saves);
      const from = /^-A (nwg-from-\S+) .*udp/m.exec((await world.host.exec('iptables-save', [])).stdout)?.[1];
      await host.apply(new Map([['vnet2', undefined]]));
      await world.host.exec('iptables', ['-R', `${from}`, '2', '-p', 'udp', '-j', 'ACCEPT']);
      const kinds = (await host.drift(WANTED)).map(({ kind, expected }) => [kind, expected]);
      expect(kinds).toEqual([['rule-changed', '-p udp -m udp --dport 53 -j DROP']]);
      await host.replace(WANTED);
      expect(await host.drift(WANTED)).toEqual([]);
    } finally {
      await world.dispose();
    }
  });
});
