import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chainLines } from '../../src/compiler/chains.js';
import { dispatchChains } from '../../src/compiler/dispatch.js';
import type { Entry, Tool } from '../../src/compiler/ruleset.js';
import { dispatched } from './model-kernel.js';

const entry = (port: string): Entry => ({ fromGuest: `F-${port}`, toGuest: `T-${port}` });
const portsOf = (...names: readonly string[]) => new Map(names.map((name) => [name, entry(name)]));
const numbered = (count: number) => Array.from({ length: count }, (_, i) => `vnet${i}`);

function tree(tool: Tool, ports: ReadonlyMap<string, Entry>): ReadonlyMap<string, readonly string[]> {
  return new Map([...dispatchChains(tool, ports)].map(([name, rules]) => [name, chainLines(tool, rules)]));
}

describe('dispatch', () => {
  it('is a short list for few ports', () => {
    expect([...tree('ebtables', portsOf('vnet1', 'vnet0', 'vnet10'))]).toEqual([
      ['nwgate-from', ['-i vnet0 -j F-vnet0', '-i vnet1 -j F-vnet1', '-i vnet10 -j F-vnet10']],
      ['nwgate-to', ['-o vnet0 -j T-vnet0', '-o vnet1 -j T-vnet1', '-o vnet10 -j T-vnet10']],
    ]);
  });

  it('asks for physical ports in the IP tools, and goes there for good', () => {
    expect([...tree('iptables', portsOf('vnet1'))]).toEqual([
      ['nwgate-from', ['-m physdev --physdev-in vnet1 -g F-vnet1']],
      ['nwgate-to', ['-m physdev --physdev-is-bridged --physdev-out vnet1 -g T-vnet1']],
      ['nwgate-post', ['-m physdev --physdev-in vnet1 -j ACCEPT']],
    ]);
  });

  it('branches by prefix for many ports', () => {
    const from = [...tree('ebtables', portsOf(...numbered(12)))].filter(([name]) =>
      name.startsWith('nwgate-from'),
    );
    expect(from).toEqual([
      ['nwgate-from.vnet1', ['-i vnet1 -j F-vnet1', '-i vnet10 -j F-vnet10', '-i vnet11 -j F-vnet11']],
      [
        'nwgate-from',
        [
          '-i vnet0 -j F-vnet0',
          '-i vnet1+ -j nwgate-from.vnet1',
          ...Array.from({ length: 8 }, (_, i) => `-i vnet${i + 2} -j F-vnet${i + 2}`),
        ],
      ],
    ]);
    expect(tree('iptables', portsOf(...numbered(12))).get('nwgate-from')?.[1]).toBe(
      '-m physdev --physdev-in vnet1+ -g nwgate-from.vnet1',
    );
  });

  it('costs a packet few comparisons however many ports there are', () => {
    const chains = tree('ebtables', portsOf(...numbered(1000)));
    expect(Math.max(...[...chains.values()].map((rules) => rules.length))).toBeLessThanOrEqual(11);
  });

  it('leaves out a side without rules, but not its base chain', () => {
    const chains = tree('iptables', new Map([['vnet0', { fromGuest: undefined, toGuest: 'T' }]]));
    expect(chains.get('nwgate-from')).toEqual([]);
    expect(chains.get('nwgate-post')).toHaveLength(1);
  });

  it('stays within what the kernel can hold for names of any shape', () => {
    const deep = Array.from({ length: 15 }, (_, i) => 'a'.repeat(i + 1));
    const wide = deep.flatMap((name) => [...'bcdefghij'].map((letter) => `${name.slice(0, 14)}${letter}`));
    const chains = tree('ebtables', portsOf(...new Set([...deep, ...wide])));
    for (const name of chains.keys()) expect(name.length).toBeLessThanOrEqual(28);
    const depth = (name: string): number =>
      1 +
      Math.max(
        0,
        ...(chains.get(name) ?? [])
          .map((rule) => depth(/ -j (nwgate\S+)/.exec(rule)?.[1] ?? ''))
          .map((d) => d - (d === 1 ? 1 : 0)),
      );
    expect(depth('nwgate-from')).toBeLessThanOrEqual(7);
  });

  it('leads every port to its own chains, and no other interface anywhere', () => {
    const name = fc.oneof(
      fc.stringMatching(/^vnet\d{1,4}$/),
      fc.stringMatching(/^[ab]{1,15}$/),
      fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9_.:@-]{0,14}$/),
    );
    const tool = fc.constantFrom<Tool>('ebtables', 'iptables', 'ip6tables');
    fc.assert(
      fc.property(
        fc.uniqueArray(name, { maxLength: 60 }),
        fc.array(name, { maxLength: 20 }),
        tool,
        (names, others, which) => {
          const chains = tree(which, portsOf(...names));
          for (const port of [...names, ...others]) {
            const known = names.includes(port);
            expect(dispatched(chains, 'nwgate-from', port)).toEqual(known ? [`F-${port}`] : []);
            expect(dispatched(chains, 'nwgate-to', port)).toEqual(known ? [`T-${port}`] : []);
            if (which !== 'ebtables')
              expect(dispatched(chains, 'nwgate-post', port)).toEqual(known ? ['ACCEPT'] : []);
          }
          const order = [...chains.keys()];
          for (const [at, rules] of [...chains.values()].entries())
            for (const rule of rules) {
              const child = / -[jg] (nwgate\S+)$/.exec(rule)?.[1];
              if (child !== undefined) expect(order.indexOf(child)).toBeLessThan(at);
            }
        },
      ),
    );
  });
});
