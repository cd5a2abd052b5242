import { describe, expect, it } from 'vitest';
import type { Batch } from '../../src/compiler/ruleset.js';
import { dryRunHost } from '../../src/host/dry-run.js';
import { fail } from '../../src/model/errors.js';
import type { Run } from '../../src/process/run.js';
import { rules } from '../support/rules.js';

const filtered = (port: string) =>
  rules(port, ['drop', 'out', 'tcp', { dstportstart: '25' }], ['drop', 'in', 'arp']);
const never: Run = () => Promise.reject(fail('HOST_LACKS', 'nothing may be started'));

function recorded() {
  const batches: Batch[] = [];
  const host = dryRunHost({ reason: 'a test', run: never, show: (batch) => batches.push(batch) });
  return { host, take: () => batches.splice(0) };
}

describe('dryRunHost', () => {
  it('shows the batches and remembers what it would have done', async () => {
    const { host, take } = recorded();
    await host.apply(new Map([['vnet0', filtered('vnet0')]]));
    const shown = take();
    expect(shown.map(({ tool }) => tool)).toContain('iptables');
    expect(shown.find(({ tool }) => tool === 'iptables')?.input).toMatch(
      /^\*filter\n[\s\S]*--dport 25[\s\S]*\nCOMMIT\n$/,
    );
    await host.apply(new Map([['vnet0', filtered('vnet0')]]));
    expect(take()).toEqual([]);
    await host.apply(new Map([['vnet0', undefined]]));
    expect(
      take()
        .map(({ input }) => input)
        .join(''),
    ).toContain('-X nwgate-from');
    await host.apply(new Map([['vnet0', undefined]]));
    expect(take()).toEqual([]);
  });

  it('replaces what it holds', async () => {
    const { host, take } = recorded();
    await host.replace(new Map([['vnet0', filtered('vnet0')]]));
    await host.replace(new Map([['vnet1', filtered('vnet1')]]));
    take();
    await host.apply(
      new Map([
        ['vnet0', undefined],
        ['vnet1', filtered('vnet1')],
      ]),
    );
    expect(take()).toEqual([]);
  });

  it('has no interfaces where there is no ip', async () => {
    expect(await recorded().host.interfaces()).toEqual([]);
    expect(recorded().host).toMatchObject({ kind: 'dry-run', reason: 'a test' });
  });
});
