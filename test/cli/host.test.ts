/** `verify` and `doctor` from outside: what they print and how they end. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../support/directory.js';
import { canFilter, type Lab, lab } from '../support/netns.js';
import { build, nwgate } from '../support/program.js';
import { startServe } from '../support/running.js';

const lacking = await canFilter();

beforeAll(build);

describe('without a kernel', () => {
  it('verify has nothing to compare, doctor says what is lacking', async () => {
    const state = temporaryDirectory();
    const verified = await nwgate(['--state', state, '--host', 'dry-run', 'verify']);
    expect(verified).toMatchObject({ code: 5, stdout: '' });
    expect(verified.stderr).toContain('the host is dry-run');
    const findings = await nwgate(['--state', state, '--netns', 'nwgt-none', '--json', 'doctor']);
    expect(findings.code).toBe(5);
    expect(JSON.parse(findings.stdout)).toContainEqual(
      expect.objectContaining({ what: 'netfilter tools', state: 'lacks' }),
    );
  });
});

describe.skipIf(lacking !== undefined)(`with a kernel ${lacking ?? ''}`, () => {
  let world: Lab;
  beforeAll(async () => {
    world = await lab({ ports: ['vnet0'] });
  });
  afterAll(() => world.dispose());

  it('verify finds, repairs and finds nothing; doctor is content', async () => {
    const state = temporaryDirectory();
    const call = (...args: readonly string[]) =>
      nwgate(['--state', state, '--netns', world.host.netns, ...args]);
    const bound = await call(
      'bind',
      'vnet0',
      '--filter',
      'no-arp-spoofing',
      '--mac',
      '52:54:00:00:00:01',
      '--param',
      'IP=10.0.0.5',
    );
    expect(bound).toMatchObject({ code: 0, stdout: 'Port vnet0 bound to no-arp-spoofing: applied\n' });
    expect(await call('verify')).toMatchObject({ code: 0, stdout: 'The host is as it should be\n' });

    await world.host.exec('ebtables', ['-t', 'nat', '-F', 'nwgate-from']);
    const found = await call('verify');
    expect(found.code).toBe(6);
    expect(found.stdout).toMatch(
      /^ebtables nwgate-from, port vnet0: a rule is missing: "-i vnet0 -j nwg-root-\S+"\n$/,
    );
    expect(found.stderr).toContain('the host differs in one point');
    const asJson = await call('--json', 'verify');
    expect(asJson.code).toBe(6);
    expect(JSON.parse(asJson.stdout)).toMatchObject({
      differences: [{ kind: 'rule-missing', tool: 'ebtables', ports: ['vnet0'], found: null, source: null }],
      repaired: false,
    });

    expect(await call('verify', '--repair')).toMatchObject({ code: 0, stdout: `${found.stdout}Repaired\n` });
    expect(await call('verify')).toMatchObject({ code: 0 });
    expect(await call('doctor')).toMatchObject({ code: 0 });
    expect(await call('unbind', 'vnet0')).toMatchObject({ code: 0 });
  });

  it('a running gateway repairs by itself, and verify goes through it', async () => {
    const state = temporaryDirectory();
    const gateway = await startServe(state, [], ['--host', 'kernel', '--netns', world.host.netns]);
    const call = (...args: readonly string[]) => nwgate(['--state', state, ...args]);
    await call(
      'bind',
      'vnet0',
      '--filter',
      'no-arp-spoofing',
      '--mac',
      '52:54:00:00:00:01',
      '--param',
      'IP=10.0.0.5',
    );
    await world.host.exec('nft', ['flush', 'ruleset']);
    for (let asked = 0; !gateway.output().includes('the host differed and was put right'); asked += 1) {
      expect(asked).toBeLessThan(400);
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    expect(await call('verify')).toMatchObject({ code: 0, stdout: 'The host is as it should be\n' });
    await call('unbind', 'vnet0');
    expect(await gateway.stop()).toBe(0);
  });
});
