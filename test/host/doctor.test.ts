import { chmodSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { extensionsOf } from '../../src/app/extensions.js';
import { doctor, type Finding } from '../../src/host/doctor.js';
import { fail } from '../../src/model/errors.js';
import { type Run, run } from '../../src/process/run.js';
import { temporaryDirectory } from '../support/directory.js';
import { read } from '../support/gateway.js';
import { canFilter, lab } from '../support/netns.js';

const lacking = await canFilter();

const FILTER = read(`<filter name='f'>
  <rule action='accept' direction='in'><tcp dstportstart='22' connlimit-above='3' comment='c'/></rule>
  <rule action='drop' direction='out' statematch='false'><udp-ipv6 srcipfrom='fd00::1' srcipto='fd00::9'/></rule>
  <rule action='reject' direction='out'><all dscp='3' srcmacaddr='52:54:00:00:00:01' ipset='s'/></rule>
  <rule action='drop' direction='out'><ah-ipv6/></rule>
  <rule action='drop' direction='out'><arp/></rule>
</filter>`);

describe('extensionsOf', () => {
  it('reads them from the rules', () => {
    const needed = [...extensionsOf([FILTER])].map(([tool, names]) => [tool, [...names].sort()]);
    expect(needed).toEqual([
      ['iptables', ['REJECT', 'comment', 'connlimit', 'conntrack', 'dscp', 'mac', 'physdev', 'set', 'tcp']],
      ['ip6tables', ['ah', 'iprange', 'physdev']],
    ]);
    expect(extensionsOf([]).size).toBe(0);
  });
});

describe.skipIf(lacking !== undefined)(`doctor ${lacking ?? ''}`, () => {
  const examine = async (options: {
    without?: RegExp;
    bridgeNetfilter?: '0' | '1';
    others?: string;
    mode?: number;
  }): Promise<ReadonlyMap<string, Finding>> => {
    const world = await lab({ ports: [], bridgeNetfilter: options.bridgeNetfilter ?? '1' });
    const confined: Run = async (command, args, given) => {
      if (options.without?.test(command)) throw fail('HOST_LACKS', `${command} is not installed`);
      return run(command, args, given);
    };
    try {
      if (options.others !== undefined) {
        await world.host.exec('iptables-restore', ['--noflush'], { input: options.others });
      }
      const state = temporaryDirectory();
      chmodSync(state, options.mode ?? 0o700);
      const extensions = extensionsOf([FILTER]);
      const findings = await doctor({ run: confined, netns: world.host.netns, state, extensions });
      return new Map(findings.map((finding) => [finding.what.replace(state, 'DIR'), finding]));
    } finally {
      await world.dispose();
    }
  };
  const stateOf = (findings: ReadonlyMap<string, Finding>, what: string) => findings.get(what)?.state;

  it('finds a host that can all that the filters need', async () => {
    const findings = await examine({});
    expect([...findings.values()].filter(({ state }) => state === 'lacks')).toEqual([]);
    for (const what of ['node', 'ebtables', 'iptables', 'ip6tables', 'iptables connlimit', 'state DIR'])
      expect([what, stateOf(findings, what)]).toEqual([what, 'ok']);
  });

  it('says what is missing, and the command that mends it', async () => {
    const findings = await examine({ without: /^ip6tables|^(conntrack|ipset)$/, mode: 0o755 });
    expect(findings.get('netfilter tools')).toMatchObject({
      state: 'lacks',
      found: 'ip6tables-restore is not installed',
      mend: expect.stringMatching(/^apt-get install .*iptables/),
    });
    expect(stateOf(findings, 'ip6tables')).toBeUndefined();
    expect(findings.get('conntrack (ending connections that new rules forbid)')).toMatchObject({
      state: 'note',
      mend: 'apt-get install conntrack',
    });
    expect(findings.get('state DIR')).toMatchObject({
      state: 'note',
      mend: expect.stringMatching(/^chmod 700/),
    });
    expect(await examine({ without: /^ipset$/ }).then((all) => all.get('iptables set'))).toMatchObject({
      state: 'lacks',
      mend: 'apt-get install ipset',
    });
  });

  it('sees the switches of the bridge, and who else writes rules', async () => {
    const findings = await examine({
      bridgeNetfilter: '0',
      others: '*filter\n:DOCKER - [0:0]\n:LIBVIRT_FWI - [0:0]\nCOMMIT\n',
    });
    expect(findings.get('net.bridge.bridge-nf-call-iptables')).toMatchObject({
      state: 'lacks',
      mend: expect.stringMatching(/sysctl -w net.bridge.bridge-nf-call-iptables=1$/),
    });
    expect([stateOf(findings, 'docker'), stateOf(findings, 'libvirt networks')]).toEqual(['note', 'note']);
    expect(findings.has('firewalld')).toBe(false);
  });
});
