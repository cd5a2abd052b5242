import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { type Entry, type Filter, type Rule, rulesOf } from '../../src/model/filter.js';
import { RULE_ID, ruleContent, withIdentities } from '../../src/model/rule-identity.js';
import { arbitraryFilter } from '../support/arbitrary-filter.js';

const rule = (priority: number, id = ''): Rule => ({
  kind: 'rule',
  id,
  action: 'drop',
  direction: 'in',
  priority,
  statematch: true,
  protocol: undefined,
  matches: [],
});
const filter = (...entries: Entry[]): Filter => ({
  name: 'f',
  uuid: undefined,
  chain: 'root',
  priority: 0,
  entries,
});
const ids = (f: Filter) => rulesOf(f).map(({ id }) => id);

describe('withIdentities', () => {
  const [a, b, c] = [rule(1), rule(2), rule(3)];
  const hash = (r: Rule) => ids(withIdentities(filter(r)))[0]!;

  it('names a rule after its content: the same in every filter, another for another rule', () => {
    expect(hash(a)).toMatch(/^[0-9a-f]{8}$/);
    expect(hash(a)).toBe(ids(withIdentities(filter(b, a)))[1]);
    expect(new Set([a, b, c].map(hash)).size).toBe(3);
  });

  it('does not change when the rule moves or another place reads it', () => {
    expect(hash({ ...a, place: { file: 'x', line: 9 } })).toBe(hash(a));
    expect(ruleContent({ ...a, place: { line: 9 }, id: 'x' })).toBe(ruleContent(a));
  });

  it('counts equal rules, even one object standing twice', () => {
    expect(ids(withIdentities(filter(a, a, { ...a })))).toEqual([hash(a), `${hash(a)}-2`, `${hash(a)}-3`]);
  });

  it('takes the id a rule of the same content had before, in order', () => {
    const before = filter(rule(1, 'first'), rule(2, 'other'), rule(1, 'second'));
    expect(ids(withIdentities(filter(c, a, a, a), before))).toEqual([hash(c), 'first', 'second', hash(a)]);
  });

  it('survives edits of other rules', () => {
    const before = withIdentities(filter(a, b, c));
    const [idA, idB, idC] = ids(before);
    expect(ids(withIdentities(filter(c, rule(7), a), before))).toEqual([idC, hash(rule(7)), idA]);
    expect(ids(withIdentities(filter(b), before))).toEqual([idB]);
  });

  it('keeps ids that are there and gives them to no other', () => {
    const taken = hash(b);
    expect(ids(withIdentities(filter(rule(1, taken), b)))).toEqual([taken, `${taken}-2`]);
    const before = filter(rule(2, 'kept'));
    expect(ids(withIdentities(filter(rule(1, 'kept'), b), before))).toEqual(['kept', hash(b)]);
  });

  it('renames the second of two equal ids', () => {
    expect(ids(withIdentities(filter(rule(1, 'x'), rule(2, 'x'))))).toEqual(['x', hash(b)]);
  });

  it('looks at each id a few times however many rules are equal', () => {
    const equal = filter(...Array.from({ length: 400 }, () => rule(1)));
    const has = vi.spyOn(Set.prototype, 'has');
    try {
      const named = withIdentities(equal);
      expect(ids(withIdentities(equal, named))).toEqual(ids(named));
      expect(has.mock.calls.length).toBeLessThan(400 * 8);
    } finally {
      has.mockRestore();
    }
  });

  it('touches nothing but ids, leaves references alone and is stable', () => {
    fc.assert(
      fc.property(arbitraryFilter(), arbitraryFilter(), (one, other) => {
        const blank = (entry: Entry) => (entry.kind === 'rule' ? { ...entry, id: '' } : entry);
        const bare = { ...one, entries: one.entries.map(blank) };
        const named = withIdentities(bare, other);
        expect({ ...named, entries: named.entries.map(blank) }).toEqual(bare);
        expect(new Set(ids(named)).size).toBe(rulesOf(one).length);
        expect(ids(named).every((id) => RULE_ID.test(id))).toBe(true);
        expect(withIdentities(named)).toEqual(named);
        expect(withIdentities(bare, named)).toEqual(named);
      }),
    );
  });
});
