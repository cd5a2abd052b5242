import { describe, expect, it } from 'vitest';
import { compile } from '../../src/compiler/compile.js';
import type { Filter } from '../../src/model/filter.js';
import { filter, linesOf, lookupOf, reference, rule } from './build.js';

function lines(...filters: readonly Filter[]): readonly string[] {
  const root = filter(
    'top',
    filters.map(({ name }) => reference(name)),
  );
  return linesOf(
    compile('top', lookupOf(root, ...filters), { port: 'vnet0', mac: undefined, parameters: [] }),
    'ebtables',
  );
}

describe('order of rules and chains', () => {
  it('sorts rules by priority and leaves equals as they stand', () => {
    const f = filter('f', [
      rule('drop in mac 500', 'protocolid=arp'),
      rule('drop in - -1000'),
      rule('accept in mac 500', 'protocolid=ipv4'),
      rule('return in - 499'),
    ]);
    expect(lines(f)).toEqual([
      'to -j DROP',
      'to -j RETURN',
      'to -p 0x0806 -j DROP',
      'to -p 0x0800 -j ACCEPT',
    ]);
  });

  it('enters chains among the rules of the root chain by priority, before rules of the same', () => {
    const chain = (name: string, priority: number) => filter(name, [rule('drop in - 900')], name, priority);
    const f = filter('f', [rule('accept in - -100'), rule('return in - 0'), rule('accept in - 300')]);
    expect(
      lines(f, chain('arp', 0), chain('mac', -100), chain('ipv6-x', 301), chain('rarp', -99)).filter(
        (line) => !line.includes('/'),
      ),
    ).toEqual([
      'to -j mac',
      'to -j ACCEPT',
      'to -p 0x8035 -j rarp',
      'to -p 0x0806 -j arp',
      'to -j RETURN',
      'to -j ACCEPT',
      'to -p 0x86dd -j ipv6-x',
    ]);
  });

  it('puts rules of all filters that share a chain into it, entered at the priority of its last rule', () => {
    const one = filter('one', [rule('drop in - 900')], 'arp', -500);
    const two = filter('two', [rule('accept in - 100')], 'arp', 400);
    const f = filter('f', [rule('return in - 0')]);
    // The last rule in order is that of `one`.
    expect(lines(two, f, one)).toEqual([
      'to -p 0x0806 -j arp',
      'to -j RETURN',
      'to/arp -j ACCEPT',
      'to/arp -j DROP',
    ]);
    const later = filter('one', [rule('drop in - 50')], 'arp', -500);
    expect(lines(two, f, later).slice(0, 2)).toEqual(['to -j RETURN', 'to -p 0x0806 -j arp']);
  });

  it('tells frames for chains by their kind', () => {
    const names = ['mac-a', 'vlan-a', 'stp-a', 'arp-a', 'rarp-a', 'ipv4-a', 'ipv6-a'];
    const filters = names.map((name, index) => filter(name, [rule('drop out -')], name, index));
    expect(lines(...filters).filter((line) => line.startsWith('from '))).toEqual([
      'from -j mac-a',
      'from -p 0x8100 -j vlan-a',
      'from -d 01:80:c2:00:00:00 -j stp-a',
      'from -p 0x0806 -j arp-a',
      'from -p 0x8035 -j rarp-a',
      'from -p 0x0800 -j ipv4-a',
      'from -p 0x86dd -j ipv6-a',
    ]);
  });

  it('makes chains only for directions that have rules, and none for rules of packets', () => {
    const packets = filter('packets', [rule('drop inout tcp')], 'ipv4');
    const arp = filter('arp', [rule('drop in -')], 'arp');
    expect(lines(packets, arp)).toEqual(['to -p 0x0806 -j arp', 'to/arp -j DROP']);
  });
});
