import { describe, expect, it } from 'vitest';
import { instantiate, type Limits } from '../../src/compiler/instantiate.js';
import { NwgateError } from '../../src/model/errors.js';
import type { Filter, Rule } from '../../src/model/filter.js';
import { filter, GUEST, lookupOf, params, reference, rule } from './build.js';

const LISTS = ['A=1.1.1.1,2.2.2.2,3.3.3.3,3.3.3.3', 'B=80,90,80,80', 'C=1080,1090,1100,1110'];

/** Values of each rule that comes out, joined by commas. */
function values(entries: readonly Rule[], ...parameters: string[]): readonly string[] {
  return instantiate('f', lookupOf(filter('f', entries)), params(...parameters), GUEST).map(({ matches }) =>
    matches.map(({ value }) => value).join(),
  );
}

/** `CODE message` of each fault. */
function faults(
  filters: readonly Filter[],
  parameters: readonly string[] = [],
  limits?: Limits,
): readonly string[] {
  try {
    instantiate('f', lookupOf(...filters), params(...parameters), GUEST, limits);
    return [];
  } catch (error) {
    if (!(error instanceof NwgateError)) throw error;
    return error.faults.map(
      ({ code, message, where }) =>
        `${code} ${[where?.filter, where?.rule, where?.attribute].filter((part) => part !== undefined).join()}: ${message}`,
    );
  }
}

describe('variables', () => {
  it('walks lists under one iterator in parallel, and skips a pair that was there', () => {
    expect(values([rule('accept out tcp', 'srcipaddr=$A', 'srcportstart=$B')], ...LISTS)).toEqual([
      '1.1.1.1,80',
      '2.2.2.2,90',
      '3.3.3.3,80',
    ]);
  });

  it('combines iterators, the first mentioned fastest', () => {
    expect(values([rule('accept out tcp', 'srcipaddr=$A[@1]', 'srcportstart=$B[@2]')], ...LISTS)).toEqual([
      '1.1.1.1,80',
      '2.2.2.2,80',
      '3.3.3.3,80',
      '1.1.1.1,90',
      '2.2.2.2,90',
      '3.3.3.3,90',
    ]);
  });

  it('mixes both: parallel pairs times addresses', () => {
    const found = values(
      [rule('accept out tcp', 'srcipaddr=$A[@1]', 'srcportstart=$B[@2]', 'dstportstart=$C[@2]')],
      ...LISTS,
    );
    const addresses = ['1.1.1.1', '2.2.2.2', '3.3.3.3'];
    const pairs = ['80,1080', '90,1090', '80,1100', '80,1110'];
    expect(found).toEqual(pairs.flatMap((pair) => addresses.map((address) => `${address},${pair}`)));
  });

  it('combines three iterators', () => {
    const found = values(
      [rule('accept out tcp', 'srcipaddr=$A[@1]', 'srcportstart=$B[@2]', 'dstportstart=$C[@3]')],
      ...LISTS,
    );
    expect(found).toHaveLength(24);
    expect(found.slice(0, 4)).toEqual([
      '1.1.1.1,80,1080',
      '2.2.2.2,80,1080',
      '3.3.3.3,80,1080',
      '1.1.1.1,90,1080',
    ]);
    expect(found.at(-1)).toBe('3.3.3.3,90,1110');
  });

  it('takes one variable under two iterators as two, under one as one', () => {
    expect(values([rule('accept out tcp', 'srcipaddr=$A[@1]', 'dstipaddr=$A[@2]')], ...LISTS)).toHaveLength(
      9,
    );
    expect(values([rule('accept out tcp', 'srcipaddr=$A', 'dstipaddr=$A')], ...LISTS)).toEqual([
      '1.1.1.1,1.1.1.1',
      '2.2.2.2,2.2.2.2',
      '3.3.3.3,3.3.3.3',
    ]);
  });

  it('gives iterator 0 the first place wherever it is mentioned', () => {
    expect(
      values([rule('accept out tcp', 'srcipaddr=$A[@1]', 'srcportstart=$B')], 'A=1.1.1.1,2.2.2.2', 'B=80,90'),
    ).toEqual(['1.1.1.1,80', '1.1.1.1,90', '2.2.2.2,80', '2.2.2.2,90']);
  });

  it('takes single elements', () => {
    expect(
      values(
        [
          rule('accept out tcp', 'srcipaddr=$A[ 0]', 'srcportstart=$B[  @0 ]'),
          rule('accept out tcp', 'srcipaddr=$A[1]', 'srcportstart=$B[2]', 'dstportstart=$C[2]'),
        ],
        ...LISTS,
      ),
    ).toEqual(['1.1.1.1,80', '1.1.1.1,90', '2.2.2.2,80,1100']);
  });

  it('leaves a comment alone', () => {
    expect(values([rule('accept out tcp', 'srcipaddr=1.1.1.1', 'comment=$A')])).toEqual(['1.1.1.1,$A']);
  });

  it('reads each value by the type of the attribute', () => {
    expect(values([rule('drop out mac', 'protocolid=$P')], 'P=0x806')).toEqual(['arp']);
    expect(
      faults(
        [filter('f', [rule('drop out tcp', 'srcipaddr=$A', 'dstportstart=$B')])],
        ['A=1.1.1', 'B=70000'],
      ),
    ).toEqual([
      'VARIABLE_VALUE f,1,srcipaddr: variable A is "1.1.1", which must be an IPv4 address',
      'VARIABLE_VALUE f,1,dstportstart: variable B is "70000", which must be a number from 0 to 65535',
    ]);
  });

  it('checks what only the values together can break', () => {
    expect(
      faults([filter('f', [rule('drop out tcp', 'dstportstart=$B', 'dstportend=80')])], ['B=90']),
    ).toEqual(['VARIABLE_VALUE f,1,dstportend: the range from 90 to 80 is empty']);
  });

  it('refuses lists of different length under one iterator', () => {
    expect(
      faults(
        [filter('f', [rule('drop out tcp', 'srcipaddr=$A', 'dstportstart=$B')])],
        ['A=1.1.1.1,2.2.2.2', 'B=1'],
      ),
    ).toEqual([
      'VARIABLE_LENGTH f,1: variables under one iterator need lists of equal length: A has 2, B has 1',
    ]);
  });

  it('reports all that is missing in the whole tree at once', () => {
    const inner = filter('inner', [
      rule('drop out tcp', 'srcipaddr=$X'),
      rule('drop out tcp', 'srcipaddr=$A[4]'),
    ]);
    const outer = filter('f', [
      rule('drop out mac', 'srcmacaddr=$Y'),
      reference('inner'),
      reference('inner'),
    ]);
    expect(faults([outer, inner], ['A=1.1.1.1'])).toEqual([
      'VARIABLE_UNSET f,1,srcmacaddr: variable Y has no value',
      'VARIABLE_UNSET inner,1,srcipaddr: variable X has no value',
      'VARIABLE_UNSET inner,2,srcipaddr: variable A has 1 value, and none at [4]',
    ]);
  });
});

describe('references', () => {
  it('expands them in place, depth first', () => {
    const c = filter('c', [rule('drop out mac', 'srcmacaddr=00:00:00:00:00:03')], 'arp');
    const b = filter('b', [reference('c'), rule('drop out mac', 'srcmacaddr=00:00:00:00:00:02')], 'mac', -5);
    const a = filter('f', [
      rule('drop out mac', 'srcmacaddr=00:00:00:00:00:01'),
      reference('b'),
      rule('drop out mac'),
    ]);
    expect(
      instantiate('f', lookupOf(a, b, c), []).map(({ filter: from, chain, chainPriority, place }) => [
        from,
        chain,
        chainPriority,
        place.rule,
      ]),
    ).toEqual([
      ['f', 'root', 0, 1],
      ['c', 'arp', -500, 1],
      ['b', 'mac', -5, 1],
      ['f', 'root', 0, 2],
    ]);
  });

  it('prefers parameters from further out: binding, then the reference further up', () => {
    const c = filter('c', [
      rule('drop out tcp', 'srcipaddr=$X'),
      rule('drop out tcp', 'srcipaddr=$Y'),
      rule('drop out tcp', 'srcipaddr=$Z'),
    ]);
    const b = filter('b', [reference('c', 'X=3.0.0.0', 'Y=3.0.0.0', 'Z=3.0.0.0')]);
    const a = filter('f', [reference('b', 'X=2.0.0.0', 'Y=2.0.0.0')]);
    const found = instantiate('f', lookupOf(a, b, c), params('X=1.0.0.0'));
    expect(found.map(({ matches }) => matches[0]?.value)).toEqual(['1.0.0.0', '2.0.0.0', '3.0.0.0']);
  });

  it("fills in the port's MAC unless the binding sets it", () => {
    const entries = [rule('drop out mac', 'srcmacaddr=$MAC')];
    expect(values(entries)).toEqual([GUEST]);
    expect(values(entries, 'MAC=00:00:00:00:00:01')).toEqual(['00:00:00:00:00:01']);
  });

  it('names the circle and what is missing', () => {
    const b = filter('b', [reference('c')]);
    const c = filter('c', [reference('b'), reference('nowhere')]);
    expect(faults([filter('f', [reference('b')]), b, c])).toEqual([
      'REF_LOOP c: filters refer to each other in a circle: b → c → b',
      'REF_MISSING c: there is no filter nowhere',
    ]);
    expect(faults([])).toEqual(['REF_MISSING : there is no filter f']);
  });

  it('takes a filter that is referred to twice, which is no circle', () => {
    const b = filter('b', [rule('drop out mac')]);
    expect(instantiate('f', lookupOf(filter('f', [reference('b'), reference('b')]), b), [])).toHaveLength(2);
  });

  it('stops what is too deep', () => {
    const chain = (length: number) =>
      Array.from({ length }, (_, i) =>
        filter(i === 0 ? 'f' : `f${i}`, i < length - 1 ? [reference(`f${i + 1}`)] : []),
      );
    expect(faults(chain(500))).toEqual([]);
    expect(faults(chain(501))).toEqual(['LIMIT f499: references of filter f go more than 500 filters deep']);
  });

  it('stops what grows like powers, of rules as of references', () => {
    const doubling = Array.from({ length: 40 }, (_, i) =>
      filter(i === 0 ? 'f' : `f${i}`, [reference(`f${i + 1}`), reference(`f${i + 1}`)]),
    );
    const limit = ['LIMIT', 'filter f makes more than 1000 rules'];
    for (const end of [filter('f40', []), filter('f40', [rule('drop out mac')])]) {
      const [only, ...more] = faults([...doubling, end], [], { maxRules: 1000 });
      expect(more).toEqual([]);
      for (const words of limit) expect(only).toContain(words);
    }
    const lists = ['A', 'B', 'C'].map((name) => `${name}=${Array.from({ length: 20 }, (_, i) => i).join()}`);
    expect(
      faults(
        [filter('f', [rule('drop out tcp', 'srcportstart=$A[@1]', 'dstportstart=$B[@2]', 'dscp=$C[@3]')])],
        lists,
        { maxRules: 7999 },
      ),
    ).toEqual(['LIMIT f,1: its variables make 8000 rules of it, more than 7999']);
  });
});
