import { describe, expect, it } from 'vitest';
import { readSwitches } from '../../src/host/bridge-netfilter.js';
import { probe } from '../../src/host/capabilities.js';
import { chooseHost, formatLacks } from '../../src/host/choose.js';
import { fail } from '../../src/model/errors.js';
import { type Run, run } from '../../src/process/run.js';
import { canFilter, lab } from '../support/netns.js';

const lacking = await canFilter();

/** The real programs, but for those whose name matches. */
const without =
  (missing: RegExp): Run =>
  async (command, args, options) => {
    if (missing.test(command)) throw fail('HOST_LACKS', `${command} is not installed`);
    return run(command, args, options);
  };

const inLab = async (test: (netns: string) => Promise<void>, bridgeNetfilter: '0' | '1' = '1') => {
  const world = await lab({ ports: [], bridgeNetfilter });
  try {
    await test(world.host.netns);
  } finally {
    await world.dispose();
  }
};

describe.skipIf(lacking !== undefined)(`probe ${lacking ?? ''}`, () => {
  it('finds the tools, and leaves no trace', () =>
    inLab(async (netns) => {
      const { tools, lacks, bridgeNetfilter } = await probe(run, netns);
      expect(lacks).toEqual([]);
      expect(Object.keys(tools)).toEqual(['ebtables', 'iptables', 'ip6tables']);
      expect(tools.ebtables).toMatchObject({ restore: 'ebtables-restore', save: 'ebtables-save' });
      const version = await run('iptables', ['--version']);
      expect(tools.iptables?.variant).toBe(version.stdout.includes('nf_tables') ? 'nf_tables' : 'legacy');
      expect(bridgeNetfilter).toEqual({ iptables: 'on', ip6tables: 'on' });
      for (const save of ['ebtables-save', 'iptables-save', 'ip6tables-save'])
        expect((await run(save, [], { netns })).stdout).not.toContain('-A');
    }));

  it('takes a variant where the usual name does not work', () =>
    inLab(async (netns) => {
      const { tools, lacks } = await probe(without(/^iptables-(restore|nft)/), netns);
      expect(lacks).toEqual([]);
      expect(tools.iptables).toEqual({
        restore: 'iptables-legacy-restore',
        save: 'iptables-legacy-save',
        variant: 'legacy',
      });
    }));

  it('says what is missing and what mends it', () =>
    inLab(async (netns) => {
      const { tools, lacks } = await probe(without(/^ebtables|^ip6tables/), netns);
      expect(Object.keys(tools)).toEqual(['iptables']);
      expect(formatLacks(lacks)).toBe(
        'ebtables-restore is not installed, ip6tables-restore is not installed ' +
          '(apt-get install ebtables iptables iproute2 conntrack)',
      );
    }));

  it('reads the switches of the namespace, not ours', () =>
    inLab(async (netns) => {
      expect(await readSwitches(run, netns)).toEqual({ iptables: 'off', ip6tables: 'off' });
    }, '0'));
});

describe.skipIf(lacking !== undefined)(`chooseHost ${lacking ?? ''}`, () => {
  it('takes the kernel where it can', () =>
    inLab(async (netns) => {
      expect(await chooseHost({ want: 'auto', netns })).toMatchObject({ kind: 'kernel', reason: undefined });
      expect(await chooseHost({ want: 'kernel', netns })).toMatchObject({ kind: 'kernel' });
    }));

  it('falls back with the reason, or refuses where the kernel was demanded', async () => {
    const lame = without(/tables/);
    const reason = expect.stringContaining('apt-get install ebtables iptables iproute2 conntrack');
    expect(await chooseHost({ want: 'auto', run: lame })).toMatchObject({ kind: 'dry-run', reason });
    await expect(chooseHost({ want: 'kernel', run: lame })).rejects.toMatchObject({
      code: 'HOST_LACKS',
      message: reason,
    });
  });

  it('names a namespace that is not there', async () => {
    await expect(chooseHost({ want: 'kernel', netns: 'nwgt-none' })).rejects.toMatchObject({
      code: 'HOST_LACKS',
      message: 'the network namespace nwgt-none cannot be entered (ip netns add nwgt-none)',
    });
  });
});

describe('chooseHost dry-run', () => {
  it('starts nothing', async () => {
    const never: Run = () => Promise.reject(new Error('started'));
    expect(await chooseHost({ want: 'dry-run', run: never })).toMatchObject({ kind: 'dry-run' });
  });
});
