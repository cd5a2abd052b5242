/** A vendor's policy, out again in the vendor's own classes and syntax, means what it meant. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import type { Form } from '../../src/app/api.js';
import { describeEntry } from '../../src/app/describe.js';
import { readPolicy, writePolicy } from '../../src/app/forms.js';
import { FOREIGN, type ForeignClasses } from '../../src/mapping/foreign.js';
import type { Transform } from '../../src/mapping/transform.js';
import { chainPriority } from '../../src/model/chains.js';
import { type Fault, NwgateError } from '../../src/model/errors.js';
import { type Filter, rulesOf as rulesOfFilter } from '../../src/model/filter.js';
import { readFilter } from '../../src/xml/nwfilter-read.js';
import { writeFilter } from '../../src/xml/nwfilter-write.js';
import { cached, resultCache } from '../../src/xslt/cache.js';
import { arbitraryFilter } from '../support/arbitrary-filter.js';
import { anyEngine, libxslt, noXsltproc, pure } from '../support/engines.js';
import { rulesOf, verdictsOf } from '../support/meaning.js';

afterAll(() => pure.close());

const DATA = join(import.meta.dirname, '../data/mapping');
const SYNTAXES: readonly Form[] = ['wscim', 'cimxml', 'mof'];

/** Documents of vendors by the classes they are in. */
const SAMPLES: readonly (readonly [ForeignClasses, string])[] = [
  ['kvm', 'kvm'],
  ['kvm', 'kvm-protocols'],
  ['kvm', 'loose'],
  ['amt', 'amt'],
  ['cim', 'filter-entry'],
  ['policy', 'policy'],
];

const ENGINES: readonly (readonly [string, Transform])[] = [
  ['the built-in engine', cached(pure.transform, resultCache())],
  ...(noXsltproc === undefined ? [['xsltproc', cached(libxslt, resultCache())] as const] : []),
];

const ALWAYS = ['2 NegatedProperties', '2 VariableExpressions'];
const FLAGS = ['3 TCPFlagsMask', '3 TCPFlagsSet'];
const ONE_ORDER = ['- chain', '1 action', ...ALWAYS, '3 ProtocolElement', ...FLAGS, '- filterref'];

/** What is left out of the filter below, by rule. */
const LEFT_OUT: Readonly<Record<ForeignClasses, readonly string[]>> = {
  kvm: ['- chain', '2 ProtocolElement', ...ALWAYS, ...FLAGS, '- parameter'],
  amt: ONE_ORDER,
  cim: ['- chain', '1 ProtocolElement', '2 ProtocolElement', ...ALWAYS, ...FLAGS, '- filterref'],
  policy: ONE_ORDER,
};

const vendorDocument = (sample: string) =>
  ['vendor.xml', 'vendor.mof'].map((file) => join(DATA, sample, file)).find(existsSync)!;

const xml = (filters: readonly Filter[]) => filters.map((filter) => writeFilter(filter)).join('');

describe.each(ENGINES)('with %s', (_, transform) => {
  const context = { transform, systemName: 'host1.example' };
  const read = async (document: string, name?: string) =>
    (await readPolicy({ document, name }, context)).filters;

  it.each(SAMPLES)('%s: %s comes back with its meaning in every syntax', async (classes, sample) => {
    const filters = await read(readFileSync(vendorDocument(sample), 'utf8'), 'named');
    const [rules, verdicts] = [rulesOf(filters), verdictsOf(filters)];
    expect(new Set(verdicts).size).toBeGreaterThan(1);
    for (const form of SYNTAXES) {
      const { document, leftOut } = await writePolicy(form, filters, context, classes);
      expect(leftOut).toEqual([]);
      const back = await read(document);
      expect(xml(back), form).toBe(xml(filters));
      expect(rulesOf(back)).toEqual(rules);
      expect(verdictsOf(back)).toEqual(verdicts);
    }
  });
});

/** The policies in examples/, with the rules they become. */
const EXAMPLES: Readonly<Record<string, readonly [ForeignClasses | 'draft', ...rules: string[]]>> = {
  'vendor-policy.xml': ['kvm', 'drop out tcp dstportstart=25 dstportend=25'],
  'amt-policy.mof': [
    'amt',
    'drop out ip protocol=tcp dstportstart=25 dstportend=25',
    'accept in ip protocol=tcp',
    'accept in mac protocolid=arp',
    'drop in any',
  ],
  'cim-list.mof': ['cim', 'accept out all dstipaddr=10.0.0.0 dstipmask=8', 'drop out all'],
  'policy-model.mof': [
    'policy',
    'drop out ip srcmacaddr=52:54:00:00:00:01 protocol=tcp dstportstart=25 dstportend=25',
  ],
  'draft-policy.xml': ['draft', 'drop out ip srcmacaddr!=$MAC', 'drop out ip srcipaddr!=$IP'],
};

it.each(Object.entries(EXAMPLES))(
  'examples/%s is read, and written again',
  async (file, [form, ...rules]) => {
    const context = { transform: anyEngine, systemName: 'host1.example' };
    const document = readFileSync(join(import.meta.dirname, '../../examples', file), 'utf8');
    const { filters } = await readPolicy({ document, name: 'example' }, context);
    const said = filters.flatMap(rulesOfFilter).map((rule) => describeEntry(rule).replace(/^rule /, ''));
    expect(said).toEqual(rules);
    const { document: again } =
      form === 'draft'
        ? await writePolicy(form, filters, context)
        : await writePolicy('mof', filters, context, form);
    expect(xml((await readPolicy({ document: again }, context)).filters)).toBe(xml(filters));
  },
);

describe("a filter in others' classes", () => {
  const context = { transform: anyEngine, systemName: 'host1.example' };

  /** The filter without what was left out, as it must come back. */
  const without = (filter: Filter, leftOut: readonly Fault[]): Filter => {
    const gone = new Set(leftOut.map(({ where }) => where?.rule));
    return { ...filter, entries: rulesOfFilter(filter).filter((_, index) => !gone.has(index + 1)) };
  };

  /** Rules that some of the classes can hold, of arbitrary ones: those that look at little, and that the tools take. */
  const tame = (filter: Filter): Filter => {
    const root = { ...filter, chain: 'root', priority: chainPriority('root') };
    const entries = rulesOfFilter(filter).map((rule) => ({
      ...rule,
      statematch: true,
      action: rule.action === 'accept' ? ('accept' as const) : ('drop' as const),
      matches: rule.matches.length > 3 ? [] : rule.matches,
    }));
    return { ...root, entries: entries.filter((rule) => compiles({ ...root, entries: [rule] })) };
  };
  const compiles = (filter: Filter): boolean => {
    try {
      return rulesOf([filter]).length === 1;
    } catch (error) {
      if (error instanceof NwgateError && error.code === 'NOT_COMPILABLE') return false;
      throw error;
    }
  };
  const rules = arbitraryFilter({
    references: false,
    variables: false,
    protocols: ['mac', 'vlan', 'ip', 'ipv6', 'tcp', 'udp-ipv6', 'all', 'icmpv6', undefined],
  });

  it.each(FOREIGN)(
    '%s: what is not left out comes back, whatever the filter',
    { timeout: 120_000 },
    async (classes) => {
      let kept = 0;
      const property = fc.asyncProperty(rules, async (any) => {
        const filter = tame(any);
        const { document, leftOut } = await writePolicy('wscim', [filter], context, classes);
        for (const { code, where } of leftOut)
          expect([code, where?.filter]).toEqual(['FORM_CANNOT_HOLD', filter.name]);
        const wanted = without(filter, leftOut);
        kept += wanted.entries.length;
        const [back] = (await readPolicy({ document }, context)).filters;
        expect(rulesOf([{ ...back!, name: 'f' }])).toEqual(rulesOf([{ ...wanted, name: 'f' }]));
      });
      await fc.assert(property, { numRuns: 40 });
      expect(kept).toBeGreaterThan(20);
    },
  );

  it.each(FOREIGN)('%s: says of each rule why it was left out', async (classes) => {
    const filter = readFilter(`<filter name='f' chain='mac'>
      <rule action='reject' direction='out'><mac protocolid='0x88cc'/></rule>
      <rule action='drop' direction='out'><ip match='no' srcipaddr='$IP'/></rule>
      <rule action='drop' direction='out'><tcp flags='SYN/SYN'/></rule>
      <filterref filter='g'><parameter name='A' value='1'/></filterref>
    </filter>`);
    const { leftOut } = await writePolicy('wscim', [filter], context, classes);
    const said = leftOut.map(({ where }) => `${where?.rule ?? '-'} ${where?.attribute}`);
    expect(said).toEqual(LEFT_OUT[classes]);
    expect(leftOut.map(({ message }) => message)).toContain('these classes have no chains (mac)');
  });

  it('is for the syntaxes of CIM only', async () => {
    const filter = readFilter("<filter name='f' chain='root'/>");
    for (const form of ['native', 'draft'] as const)
      await expect(writePolicy(form, [filter], context, 'kvm')).rejects.toMatchObject({ code: 'USAGE' });
  });

  it('libvirt-cim has octets as they are, others their length in front, AMT a namespace of its own', async () => {
    const filter = readFilter(
      "<filter name='f' chain='root'><rule action='drop' direction='out'><all srcipaddr='10.1.2.3'/></rule></filter>",
    );
    const bridge = readFilter(
      "<filter name='f' chain='root'><rule action='drop' direction='out'><ip srcipaddr='10.1.2.3'/></rule></filter>",
    );
    const written = async (form: Form, one: Filter, classes: ForeignClasses) =>
      (await writePolicy(form, [one], context, classes)).document;
    expect(await written('mof', filter, 'kvm')).toContain('HdrSrcAddress = { 10, 1, 2, 3 };');
    expect(await written('mof', bridge, 'policy')).toContain('HdrSrcAddress = { 0, 0, 0, 8, 10, 1, 2, 3 };');
    expect(await written('wscim', bridge, 'amt')).toContain(
      '"http://intel.com/wbem/wscim/1/amt-schema/1/AMT_IPHeadersFilter"',
    );
  });
});
