import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { chooseEngine } from '../../src/xslt/engine.js';
import { temporaryDirectory } from '../support/directory.js';
import { ADMIN, bound, doc, openTestGateway, ref, rule } from '../support/gateway.js';

const several = (...documents: readonly string[]) => `<filters>${documents.join('')}</filters>`;
const binding = (port: string, filter: string) =>
  `<filterbinding><portdev name='${port}'/><filterref filter='${filter}'/></filterbinding>`;

async function opened() {
  const all = await openTestGateway(temporaryDirectory());
  const names = () => all.gateway.listFilters().map(({ name }) => name);
  return { ...all, names };
}

/** As `opened`, with the XSLT engine that is always there. */
async function withEngine() {
  const { transform, close } = await chooseEngine({ prefer: 'builtin' });
  onTestFinished(close);
  return openTestGateway(temporaryDirectory(), { transform });
}

describe('importing native policies', () => {
  it('stores all filters of a document, in any order of reference, and binds its ports', async () => {
    const { gateway, host, names } = await opened();
    const document = several(binding('vnet0', 'a'), doc('a', ref('b')), doc('b', rule(25)));
    const imported = await gateway.importPolicy({ document }, ADMIN);
    expect(imported).toEqual({
      names: ['a', 'b'],
      report: [
        'filter a: 0 rules, 1 reference',
        'filter b: 1 rule, 0 references',
        'port vnet0: bound to the filter a',
      ],
    });
    expect(names()).toEqual(['a', 'b']);
    expect(JSON.stringify(host.rules.get('vnet0'))).toContain('"25"');
  });

  it('is all or nothing', async () => {
    const { gateway, host, names } = await opened();
    await gateway.define(doc('used', rule(25)), {}, ADMIN);
    await gateway.bind(bound('vnet0', 'used'), {}, ADMIN);
    const { changes } = host;
    const bad = (...documents: readonly string[]) =>
      gateway.importPolicy({ document: several(doc('new', rule(1)), ...documents), source: 'p.xml' }, ADMIN);
    await expect(bad(doc('c', ref('nowhere')))).rejects.toMatchObject({
      code: 'REF_MISSING',
      message: expect.stringContaining('p.xml:1:'),
    });
    await expect(bad(doc('c', ref('d')), doc('d', ref('c')))).rejects.toMatchObject({ code: 'REF_LOOP' });
    await expect(bad(doc('new', rule(2)))).rejects.toMatchObject({ code: 'EXISTS' });
    await expect(bad(doc('used', rule(2)))).rejects.toMatchObject({ code: 'EXISTS' });
    await expect(bad('<other/>', '<filter/>')).rejects.toMatchObject({ faults: { length: 2 } });
    await expect(bad(binding('vnet1', 'nowhere'))).rejects.toMatchObject({ code: 'REF_MISSING' });
    await expect(bad(binding('vnet0', 'new'))).rejects.toMatchObject({ code: 'EXISTS' });
    host.refuses = () => true;
    await expect(bad(binding('vnet1', 'new'))).rejects.toMatchObject({ code: 'NOT_APPLIED' });
    expect(names()).toEqual(['used']);
    expect(host.changes).toBe(changes);
  });

  it('replaces or skips what exists, uuid kept', async () => {
    const { gateway } = await opened();
    const before = await gateway.define(doc('a', rule(25)), {}, ADMIN);
    const document = doc('a', rule(26), '11111111-1111-4111-8111-111111111111');
    const skipped = await gateway.importPolicy({ document, onConflict: 'skip' }, ADMIN);
    expect(skipped.names).toEqual([]);
    expect(skipped.report).toContain('filter a: skipped, it is there already');
    expect(gateway.dumpxml('a')).toContain('"25"');
    await gateway.importPolicy({ document, onConflict: 'replace' }, ADMIN);
    expect(gateway.dumpxml('a')).toContain('"26"');
    expect(gateway.listFilters()[0]?.uuid).toBe(before.uuid);
  });

  it('in a dry run finds what would be refused and changes nothing', async () => {
    const { gateway, host, names } = await opened();
    await gateway.define(doc('a', rule(25)), {}, ADMIN);
    await gateway.bind(bound('vnet0', 'a'), {}, ADMIN);
    const { changes } = host;
    const dry = (document: string) =>
      gateway.importPolicy({ document, onConflict: 'replace', dryRun: true }, ADMIN);
    expect((await dry(several(doc('a', rule(26)), doc('b')))).names).toEqual(['a', 'b']);
    await expect(dry(doc('a', rule('$UNSET')))).rejects.toMatchObject({ code: 'VARIABLE_UNSET' });
    expect(names()).toEqual(['a']);
    expect(gateway.dumpxml('a')).toContain('"25"');
    expect(host.changes).toBe(changes);
  });
});

describe('other forms', () => {
  it('a vendor’s list becomes a filter, and the report says what each instance became', async () => {
    const { gateway } = await withEngine();
    const document = readFileSync(join(import.meta.dirname, '../../examples/vendor-policy.xml'), 'utf8');
    const { names, report } = await gateway.importPolicy({ document }, ADMIN);
    expect(names).toEqual(['vendor-no-smtp']);
    expect(report).toEqual([
      'KVM_FilterList vendor-no-smtp: filter vendor-no-smtp: 1 rule, 0 references',
      'KVM_IPHeadersFilter vendor-no-smtp:0: rule drop out tcp dstportstart=25 dstportend=25',
      'KVM_EntriesInFilterList: says to which filter a rule belongs',
    ]);
    expect(gateway.dumpxml('vendor-no-smtp')).toContain('<tcp dstportstart="25" dstportend="25"/>');
  });

  it('what cannot be held exactly refuses the whole document', async () => {
    const { gateway } = await withEngine();
    const example = readFileSync(join(import.meta.dirname, '../../examples/vendor-policy.xml'), 'utf8');
    const document = example.replace('<f:Action>2</f:Action>', '');
    expect(document).not.toBe(example);
    await expect(gateway.importPolicy({ document }, ADMIN)).rejects.toMatchObject({
      code: 'FORM_CANNOT_HOLD',
    });
    expect(gateway.listFilters()).toEqual([]);
  });

  it('WS-CIM holds several filters and keeps the ids of their rules', async () => {
    const { gateway } = await withEngine();
    await gateway.define(doc('b', rule('$PORTS[@1]') + rule(26)), {}, ADMIN);
    const reference = "<filterref filter='b'><parameter name='PORTS' value='25'/></filterref>";
    await gateway.define(doc('a', rule(1) + reference + rule(2)), {}, ADMIN);
    const { document, leftOut } = await gateway.exportPolicy({ names: [], form: 'wscim' });
    expect(leftOut).toEqual([]);
    const before = gateway.filters().map(({ value }) => value);
    for (const name of ['a', 'b']) await gateway.undefine(name, ADMIN);
    await gateway.importPolicy({ document }, ADMIN);
    expect(gateway.filters().map(({ value }) => value)).toEqual(expect.arrayContaining(before));
    await expect(gateway.exportPolicy({ names: ['x'], form: 'wscim' })).rejects.toMatchObject({
      code: 'FILTER_NOT_FOUND',
    });
  });

  it('a draft takes its name from outside, and holds one filter', async () => {
    const { gateway } = await withEngine();
    const document = `<FilterEntry><Action>DROP</Action><TrafficType>outgoing</TrafficType><IPHeadersFilter>
      <HdrIPVersion>4</HdrIPVersion><HdrProtocolID>6</HdrProtocolID><HdrDestPortStart>25</HdrDestPortStart>
      </IPHeadersFilter></FilterEntry>`;
    await expect(gateway.importPolicy({ document }, ADMIN)).rejects.toMatchObject({ code: 'USAGE' });
    const imported = await gateway.importPolicy({ document, name: 'd' }, ADMIN);
    expect(imported.names).toEqual(['d']);
    expect(imported.report[1]).toMatch(/^FilterEntry 1: rule drop out ip .*dstportstart=25/);
    await gateway.define(doc('e', rule(1)), {}, ADMIN);
    const both = { names: ['d', 'e'], form: 'draft' } as const;
    await expect(gateway.exportPolicy(both)).rejects.toMatchObject({ code: 'FORM_CANNOT_HOLD' });
  });
});

describe('forms', () => {
  it('are told by the document', async () => {
    const { gateway } = await opened();
    const refused = (document: string, form: 'auto' | 'mof' | 'cimxml' | 'native' = 'auto') =>
      expect(gateway.importPolicy({ document, form }, ADMIN)).rejects;
    await refused('<unknown/>').toMatchObject({ code: 'FORM_UNKNOWN' });
    await refused("<filter xmlns='urn:x' name='a'/>").toMatchObject({ code: 'FORM_UNKNOWN' });
    await refused('// a comment\ninstance of X {};').toMatchObject({ code: 'CLASS_NOT_FOUND' });
    await refused('anything', 'mof').toMatchObject({ code: 'MOF_MALFORMED' });
    await refused('<CIM><MESSAGE><ERROR/></MESSAGE></CIM>').toMatchObject({ code: 'SCHEMA' });
    await refused('<CIM/>', 'native').toMatchObject({ code: 'SCHEMA' });
    await refused('nothing').toMatchObject({ code: 'XML_MALFORMED' });
    await refused('<!DOCTYPE filter><filter/>').toMatchObject({ code: 'XML_FORBIDDEN' });
  });
});

describe('lossy exports', () => {
  it('write what a draft holds and list what they left out; plain ones refuse by the same names', async () => {
    const { gateway } = await withEngine();
    const inout = "<rule action='drop' direction='inout'/>";
    const smtp = "<rule action='drop' direction='out'><ip protocol='tcp' dstportstart='25'/></rule>";
    await gateway.define(doc('a', smtp + inout + ref('gone')), {}, ADMIN);
    const { document, leftOut } = await gateway.exportPolicy({ names: ['a'], form: 'draft', lossy: true });
    expect(leftOut).toEqual([
      {
        code: 'FORM_CANNOT_HOLD',
        message: 'the draft knows incoming and outgoing, not both in one entry',
        where: { filter: 'a', rule: 2, attribute: 'direction' },
      },
      {
        code: 'FORM_CANNOT_HOLD',
        message: 'the draft has no references (gone)',
        where: { filter: 'a', attribute: 'filterref' },
      },
    ]);
    expect(document.match(/<FilterEntry /g)).toHaveLength(1);
    expect(document).toContain('<HdrDestPortStart>25<');
    await expect(gateway.exportPolicy({ names: ['a'], form: 'draft' })).rejects.toMatchObject({
      faults: leftOut,
    });
    const all = await gateway.exportPolicy({ names: ['a'], form: 'mof', lossy: true });
    expect(all.leftOut).toEqual([]);
  });
});

describe('bundles', () => {
  it('take a port with its filters to another host, where the same filters may be already', async () => {
    const here = await opened();
    await here.gateway.define(doc('base', rule('$PORT')), {}, ADMIN);
    await here.gateway.define(doc('vm', ref('base')), {}, ADMIN);
    await here.gateway.define(doc('other', rule(1)), {}, ADMIN);
    await here.gateway.bind(bound('vnet0', 'vm', 'PORT=25'), {}, ADMIN);
    const bundle = { names: [], form: 'native', binding: 'vnet0' } as const;
    const { document } = await here.gateway.exportPolicy(bundle);

    const fresh = await opened();
    await fresh.gateway.importPolicy({ document }, ADMIN);
    expect(fresh.names()).toEqual(['base', 'vm']);
    expect(JSON.stringify(fresh.host.rules.get('vnet0'))).toContain('"25"');

    const same = await opened();
    await same.gateway.define(doc('base', rule('$PORT')), {}, ADMIN);
    const imported = await same.gateway.importPolicy({ document }, ADMIN);
    expect(imported.names).toEqual(['vm']);
    expect(imported.report).toContain('filter base: the same is there already');
    expect(same.gateway.bindings().map(({ port }) => port)).toEqual(['vnet0']);

    const differs = await opened();
    await differs.gateway.define(doc('base', rule(26)), {}, ADMIN);
    await differs.gateway.define(doc('vm', rule(26)), {}, ADMIN);
    await expect(differs.gateway.importPolicy({ document }, ADMIN)).rejects.toMatchObject({
      code: 'EXISTS',
      faults: [{ message: 'there is filter base already' }, { message: 'there is filter vm already' }],
    });
    expect(differs.gateway.bindings()).toEqual([]);
  });

  it('are native, of a bound port', async () => {
    const { gateway } = await opened();
    const wanted = { names: [], binding: 'vnet0' };
    await expect(gateway.exportPolicy({ ...wanted, form: 'native' })).rejects.toMatchObject({
      code: 'BINDING_NOT_FOUND',
    });
    await expect(gateway.exportPolicy({ ...wanted, form: 'mof' })).rejects.toMatchObject({ code: 'USAGE' });
  });
});

describe('exporting native policies', () => {
  it('gives one filter alone, several together, and references when asked', async () => {
    const { gateway } = await opened();
    await gateway.define(doc('a', ref('b') + ref('gone')), {}, ADMIN);
    await gateway.define(doc('b', rule(25)), {}, ADMIN);
    await gateway.define(doc('c', rule(26)), {}, ADMIN);
    const out = async (names: readonly string[], withReferences = false) =>
      (await gateway.exportPolicy({ names, form: 'native', withReferences })).document;
    const filters = (document: string) =>
      [...document.matchAll(/<filter name="(\w)"/g)].map(([, name]) => name);
    expect(await out(['a'])).toBe(gateway.dumpxml('a'));
    expect(filters(await out(['a'], true))).toEqual(['a', 'b']);
    expect(filters(await out(['c', 'a', 'c']))).toEqual(['a', 'c']);
    expect(filters(await out([]))).toEqual(['a', 'b', 'c']);
    await expect(out(['x'])).rejects.toMatchObject({ code: 'FILTER_NOT_FOUND' });
    const other = await opened();
    await expect(other.gateway.importPolicy({ document: await out([]) }, ADMIN)).rejects.toMatchObject({
      code: 'REF_MISSING',
    });
    await other.gateway.importPolicy({ document: await out(['b', 'c']) }, ADMIN);
    expect(other.gateway.dumpxml('b')).toBe(gateway.dumpxml('b'));
  });
});
