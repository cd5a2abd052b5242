/** What a change costs, in numbers that no machine's speed changes: a guard against work that grows with the host. */
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { auditedProduct } from '../../src/app/audited.js';
import type { PortRuleset } from '../../src/compiler/ruleset.js';
import { kernelHost } from '../../src/host/kernel.js';
import type { Run } from '../../src/process/run.js';
import { fileAudit } from '../../src/store/audit.js';
import { fileUsers } from '../../src/store/users.js';
import { temporaryDirectory } from '../support/directory.js';
import { ADMIN, bound, doc, openTestGateway, rule } from '../support/gateway.js';
import { rules } from '../support/rules.js';

const ON = ['iptables', 'ip6tables']
  .map((tool) => `/proc/sys/net/bridge/bridge-nf-call-${tool}:1\n`)
  .join('');

/** The kernel host over tools that take everything, and what they are given. */
function countedHost() {
  const started: { readonly command: string; readonly input: string }[] = [];
  const run: Run = async (command, _args, { input = '' } = {}) => {
    started.push({ command, input });
    return { code: 0, stdout: command === 'grep' ? ON : '', stderr: '', failure: undefined };
  };
  const of = (tool: string) => ({
    restore: `${tool}-restore`,
    save: `${tool}-save`,
    variant: 'nf_tables' as const,
  });
  const commands = { ebtables: of('ebtables'), iptables: of('iptables'), ip6tables: of('ip6tables') };
  const host = kernelHost({ commands, netns: 'ns', run });
  return {
    host,
    /** Of one piece of work. */
    async costOf(work: () => Promise<void>) {
      started.length = 0;
      await work();
      const text = started.map(({ input }) => input).join('');
      return {
        processes: started.filter(({ command }) => command !== 'grep').length,
        octets: text.length,
        rules: text.split('\n').filter((line) => line.startsWith('-A ')).length,
      };
    },
  };
}

const BOTH: readonly Parameters<typeof rules>[1][] = [
  ['drop', 'out', 'mac', { srcmacaddr: '52:54:00:00:00:01' }],
  ['drop', 'out', 'tcp', { dstportstart: '25' }],
  ['drop', 'out', 'tcp-ipv6', { dstportstart: '25' }],
];
const names = (count: number) => Array.from({ length: count }, (_, index) => `vnet${index}`);
const map = (all: readonly PortRuleset[]) => new Map(all.map((each) => [each.port, each]));
const changed = (port: string) => rules(port, ...BOTH, ['drop', 'out', 'udp', { dstportstart: '53' }]);

async function withPorts(count: number) {
  const counted = countedHost();
  const all = names(count).map((port) => rules(port, ...BOTH));
  await counted.host.replace(map(all));
  // What rules need is tried when it is needed first.
  await counted.host.apply(map([rules('other', ['drop', 'out', 'udp', { dstportstart: '53' }])]));
  return counted;
}

describe('the kernel', () => {
  it('is touched for one port as if the others were not there', async () => {
    const costs = await Promise.all(
      [10, 300].map(async (count) => {
        const { host, costOf } = await withPorts(count);
        return costOf(() => host.apply(map([changed('vnet1')])));
      }),
    );
    for (const { processes, rules: written, octets } of costs) {
      expect(processes).toBe(1);
      // Its own eight, and the ways to it: at most ten ports or branches in each of three dispatch chains and sides.
      expect(written).toBeLessThanOrEqual(40);
      expect(octets).toBeLessThanOrEqual(4_000);
    }
  });

  it('is fed by as many processes for 300 ports as for one', async () => {
    const { host, costOf } = await withPorts(300);
    const one = await costOf(() => host.apply(map([changed('vnet1')])));
    const all = await costOf(() => host.apply(map(names(300).map(changed))));
    expect([one.processes, all.processes]).toEqual([1, 1]);
    const back = await costOf(() => host.apply(map(names(300).map((port) => rules(port, ...BOTH)))));
    expect(back.processes).toBe(1);
  });

  it('is given a chain that many ports share once', async () => {
    const { host, costOf } = await withPorts(1);
    const hundred = names(100).map((port) => rules(port, ...BOTH));
    const { rules: written } = await costOf(() => host.apply(map(hundred)));
    // Seven or eight dispatch chains of a hundred names; not one rule of the filter, which is there.
    expect(written).toBeLessThanOrEqual(8 * 120);
  });
});

describe('the disk', () => {
  /** How often anything is flushed from now on. */
  async function flushes(directory: string) {
    const file = await open(join(directory, 'probe'), 'w');
    const prototype = Object.getPrototypeOf(file) as typeof file;
    await file.close();
    const spies = [vi.spyOn(prototype, 'sync'), vi.spyOn(prototype, 'datasync')];
    onTestFinished(() => {
      for (const spy of spies) spy.mockRestore();
    });
    return () => {
      const count = spies.reduce((sum, { mock }) => sum + mock.calls.length, 0);
      for (const spy of spies) spy.mockClear();
      return count;
    };
  }

  async function opened() {
    const state = temporaryDirectory();
    const { gateway } = await openTestGateway(state);
    const audit = fileAudit(state);
    onTestFinished(() => audit.close());
    const product = auditedProduct({ gateway, users: fileUsers(state) }, audit, {
      info: () => undefined,
      warn: () => undefined,
    });
    await product.gateway.define(doc('first', rule(25)), {}, ADMIN);
    return { gateway: product.gateway, audit, count: await flushes(state) };
  }

  it('is flushed four times for a change: request, content, name, outcome', async () => {
    const { gateway, count } = await opened();
    await gateway.define(doc('a', rule(25)), {}, ADMIN);
    expect(count()).toBe(4);
    await gateway.bind(bound('vnet0', 'a'), {}, ADMIN);
    expect(count()).toBe(4);
    await gateway.define(doc('a', rule(25)), {}, ADMIN);
    expect(count(), 'nothing to change').toBe(2);
  });

  it('keeps requests of one moment together in the record', async () => {
    const { audit, count } = await opened();
    const ends = await Promise.all(
      names(50).map((name) => audit.begin({ operation: 'define', objects: [name], by: ADMIN })),
    );
    await Promise.all(ends.map((end) => end({ outcome: 'done', changes: [] })));
    expect(count()).toBeLessThanOrEqual(4);
  });
});
