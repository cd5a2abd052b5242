import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Binding } from '../../src/model/binding.js';
import { rulesOf } from '../../src/model/filter.js';
import { checkMatches } from '../../src/protocols/check.js';
import { mac } from '../../src/protocols/datatypes.js';
import { PROTOCOLS, protocolSpec } from '../../src/protocols/registry.js';
import { readBinding } from '../../src/xml/binding-read.js';
import { writeBinding } from '../../src/xml/binding-write.js';
import { readFilter, storedRevision } from '../../src/xml/nwfilter-read.js';
import { writeFilter } from '../../src/xml/nwfilter-write.js';
import { parseXml } from '../../src/xml/parse.js';
import {
  arbitraryFilter,
  arbitraryParameters,
  arbitraryRule,
  filterName,
} from '../support/arbitrary-filter.js';
import { literalOf } from '../support/literals.js';
import { withoutPlaces } from '../support/places.js';

describe('filters', () => {
  it('written with identities and read again are the same', () => {
    fc.assert(
      fc.property(arbitraryFilter(), fc.integer({ min: 1, max: 1e9 }), (filter, revision) => {
        const text = writeFilter(filter, { identities: true, revision });
        expect(withoutPlaces(readFilter(text))).toEqual(filter);
        expect(storedRevision(parseXml(text))).toBe(revision);
      }),
      { numRuns: 300 },
    );
  });

  it('in plain form are the same but for the ids, and writing again changes nothing', () => {
    fc.assert(
      fc.property(arbitraryFilter(), (filter) => {
        const text = writeFilter(filter);
        const read = readFilter(new TextEncoder().encode(text));
        const entries = filter.entries.map((entry) => (entry.kind === 'rule' ? { ...entry, id: '' } : entry));
        expect(withoutPlaces(read)).toEqual({ ...filter, entries });
        expect(writeFilter(read)).toBe(text);
        expect(text).not.toContain('nwgate');
      }),
    );
  });

  it('without a uuid stay without one', () => {
    const filter = readFilter('<filter name="a"/>');
    expect(filter).toEqual({ name: 'a', uuid: undefined, chain: 'root', priority: 0, entries: [] });
    expect(writeFilter(filter)).toBe('<filter name="a" chain="root"/>\n');
  });
});

describe('bindings', () => {
  const binding: fc.Arbitrary<Binding> = fc.record({
    port: fc.oneof(
      fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9_.@-]{0,14}$/),
      fc.stringMatching(/^(mac:[0-9a-f]{2}(:[0-9a-f]{2}){5}|vm:[A-Za-z0-9_][A-Za-z0-9_.:+-]{0,9})$/),
    ),
    filter: filterName,
    mac: fc.option(literalOf(mac), { nil: undefined }),
    owner: fc.option(
      fc.record(
        { name: fc.constantFrom('vm', 'a b & <c> "d"', 'ß漢'), uuid: fc.uuid() },
        { requiredKeys: ['name'] },
      ),
      { nil: undefined },
    ),
    parameters: arbitraryParameters,
  });

  it('written and read again are the same', () => {
    fc.assert(
      fc.property(binding, (value) => {
        const text = writeBinding(value, { revision: 7 });
        expect(readBinding(text)).toEqual(value);
        const claimed = { ...value, claim: 'vm:web1' };
        expect(readBinding(writeBinding(claimed, { revision: 7 }))).toEqual(claimed);
        expect(writeBinding(claimed)).toBe(writeBinding(value));
        expect(storedRevision(parseXml(text))).toBe(7);
      }),
    );
  });
});

describe('the arbitrary filters themselves', () => {
  const samples = PROTOCOLS.flatMap(({ element }) =>
    fc.sample(arbitraryRule({ protocols: [element] }), { numRuns: 200, seed: 1 }),
  );

  it('are valid', () => {
    const faults = samples.flatMap((rule) => checkMatches(protocolSpec(rule.protocol!)!, rule.matches, {}));
    expect(faults).toEqual([]);
  });

  it('use every attribute of every protocol', () => {
    const used = new Set(
      samples.flatMap((rule) => rule.matches.map((m) => `${rule.protocol} ${m.attribute}`)),
    );
    const all = PROTOCOLS.flatMap((spec) => spec.attributes.map((a) => `${spec.element} ${a.name}`));
    expect(all.filter((name) => !used.has(name))).toEqual([]);
  });

  it('negate every test and use variables, unless told not to', () => {
    const negated = new Set(
      samples.flatMap((rule) =>
        rule.matches.filter((m) => m.negated).map((m) => `${rule.protocol} ${m.attribute}`),
      ),
    );
    const testable = PROTOCOLS.flatMap((spec) =>
      spec.tests.flatMap((test) => test.parts.map((part) => `${spec.element} ${part}`)),
    );
    expect(testable.filter((name) => !negated.has(name))).toEqual([]);
    expect(samples.some((rule) => rule.matches.some((m) => m.value.startsWith('$')))).toBe(true);
    const plain = fc.sample(arbitraryFilter({ variables: false, references: false }), {
      numRuns: 100,
      seed: 1,
    });
    const values = plain.flatMap((f) =>
      rulesOf(f).flatMap((r) => r.matches.filter((m) => m.attribute !== 'comment')),
    );
    expect(values.filter(({ value }) => value.startsWith('$'))).toEqual([]);
    expect(plain.flatMap((f) => f.entries.filter((e) => e.kind === 'filterref'))).toEqual([]);
  });
});
