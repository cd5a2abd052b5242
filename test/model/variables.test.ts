import { describe, expect, it } from 'vitest';
import { chainKind, chainPriority } from '../../src/model/chains.js';
import { inNameOrder } from '../../src/model/filter.js';
import { formatVariable, isVariable, parseVariable } from '../../src/model/variables.js';

describe('variables', () => {
  it.each([
    ['$A', { name: 'A', access: { kind: 'iterator', iterator: 0 } }, '$A'],
    ['$A[@0]', { name: 'A', access: { kind: 'iterator', iterator: 0 } }, '$A'],
    ['$B[  @1000 ] ', { name: 'B', access: { kind: 'iterator', iterator: 1000 } }, '$B[@1000]'],
    ['$x_1[ 0]', { name: 'x_1', access: { kind: 'element', index: 0 } }, '$x_1[0]'],
  ] as const)('%j', (text, reference, canonical) => {
    expect(parseVariable(text)).toEqual(reference);
    expect(formatVariable(reference)).toBe(canonical);
  });

  it.each([
    'A',
    '$',
    '$A[',
    '$A[]',
    '$A[@]',
    '$A[1001]',
    '$A[@1001]',
    '$A[-1]',
    '$A-B',
    '$A[1][2]',
    '$A[x]',
    '$A\n',
  ])('%j is none', (text) => {
    expect(parseVariable(text)).toBeUndefined();
  });

  it('are told by their first character', () => {
    expect([isVariable('$'), isVariable(' $A'), isVariable('')]).toEqual([true, false, false]);
  });
});

describe('chains', () => {
  it.each([
    ['root', 'root', 0],
    ['mac', 'mac', -800],
    ['vlan', 'vlan', -750],
    ['stp-xyz', 'stp', -810],
    ['arp-mac', 'arp', -500],
    ['rarp', 'rarp', -400],
    ['ipv4-ip', 'ipv4', -700],
    ['ipv6.a:b_c-d', 'ipv6', -600],
  ])('%s', (name, prefix, priority) => {
    expect(chainKind(name)?.prefix).toBe(prefix);
    expect(chainPriority(name)).toBe(priority);
  });

  it.each(['', 'root-2', 'ip', 'Arp', 'arp mac', 'arp/x', 'ipv4-12345678'])('%j is none', (name) => {
    expect(chainKind(name)).toBeUndefined();
    expect(() => chainPriority(name)).toThrow('not a chain name');
  });
});

it('parameters in canonical order keep the order of one name', () => {
  const p = (name: string, value: string) => ({ name, value });
  expect(inNameOrder([p('b', '2'), p('a', '9'), p('b', '1'), p('B', '0')])).toEqual([
    p('B', '0'),
    p('a', '9'),
    p('b', '2'),
    p('b', '1'),
  ]);
});
