/** The object manager over the real stylesheets, by whichever engine is here. */
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { stylesheetMapping } from '../../src/app/objects-filters.js';
import { objectManager } from '../../src/app/objects-manager.js';
import { decodeInstance } from '../../src/cim/decode.js';
import { encodeInstance, WSCIM_OUTPUT } from '../../src/cim/encode.js';
import type { CimValue, Instance } from '../../src/cim/instance.js';
import { pathOfInstance } from '../../src/cim/path.js';
import { cimSchemaFiles } from '../../src/cim/schema-files.js';
import { hostKeys, instance } from '../../src/cim/views.js';
import type { Rule } from '../../src/model/filter.js';
import { PROTOCOLS } from '../../src/protocols/registry.js';
import { readFilter } from '../../src/xml/nwfilter-read.js';
import { parseXml } from '../../src/xml/parse.js';
import { serialise } from '../../src/xml/serialise.js';
import { validateXsd } from '../../src/xml/validate.js';
import { chooseEngine } from '../../src/xslt/engine.js';
import { filterDocument } from './objects-document.js';
import { admin, all, changed, fakeGateway, filter, HOST, named, rule } from './objects-world.js';

const engine = await chooseEngine();
afterAll(() => engine.close());
const SCHEMAS = join(import.meta.dirname, '../../schemas');
const files = cimSchemaFiles();

function open(...filters: Parameters<typeof fakeGateway>[0]) {
  const gateway = fakeGateway(filters);
  const mapping = stylesheetMapping(engine.transform, HOST);
  return { gateway, objects: objectManager(gateway, mapping, { systemName: HOST, renderPort: () => '' }) };
}

function schemaFaults(each: Instance) {
  const path = `wscim/${each.className}.xsd`;
  return validateXsd(encodeInstance(each), files.get(path)!, join(SCHEMAS, path), WSCIM_OUTPUT);
}

/** As it comes back from a client that got it, and sends it as it was. */
function throughClient(each: Instance): Instance {
  const text = serialise(encodeInstance(each), WSCIM_OUTPUT);
  return decodeInstance(parseXml(text));
}

describe('every attribute of every protocol', () => {
  const whole = readFilter(filterDocument(PROTOCOLS));
  const withIds = {
    ...whole,
    entries: whole.entries.map((entry, index) =>
      entry.kind === 'rule' ? { ...entry, id: `r${index}` } : entry,
    ),
  };

  it('is a valid instance that comes back unchanged when it is written as it was read', async () => {
    const { gateway, objects } = open(withIds);
    const entries = await all(objects.enumerate('', 'CIM_FilterEntryBase'));
    expect(entries).toHaveLength(withIds.entries.length);
    for (const entry of entries) {
      expect(schemaFaults(entry), named(entry)).toEqual([]);
      const after = await objects.modify(objects.pathOf('', entry), throughClient(entry), admin);
      expect(after).toEqual(entry);
    }
    const places = gateway.filter('every').value.entries.map(({ place: _, ...entry }) => entry);
    expect(places).toEqual(withIds.entries.map(({ place: _, ...entry }) => entry));
  }, 300_000);

  it('has its associations in order', async () => {
    const { objects } = open(withIds);
    const members = await all(objects.enumerate('', 'NWG_EntriesInFilterList'));
    expect(members.map((member) => member.properties.get('RuleIndex'))).toEqual(
      members.map((_, index) => index),
    );
    expect(members.map((member) => named(member, 'PartComponent'))).toEqual(
      withIds.entries.map((entry) => `every:${(entry as Rule).id}`),
    );
    for (const member of members) expect(schemaFaults(member)).toEqual([]);
    await objects.get(objects.pathOf('', members[3]!));
  });
});

describe('writes through the stylesheets', () => {
  const mail = rule('r1', 'tcp', { dstportstart: '25' });
  const path = pathOfInstance(
    '',
    instance('NWG_IPHeadersFilter', { ...hostKeys(HOST, 'NWG_IPHeadersFilter'), Name: 'no-smtp:r1' }),
  );
  const matchesOf = ({ gateway }: ReturnType<typeof open>, position = 0) =>
    Object.fromEntries(
      (gateway.filter('no-smtp').value.entries[position] as Rule).matches.map((m) => [
        m.attribute,
        m.negated ? `not ${m.value}` : m.value,
      ]),
    );

  it.each<[string, Record<string, CimValue | undefined>, Record<string, string>]>([
    [
      'the end of a range that was one port',
      { HdrDestPortEnd: 26 },
      { dstportstart: '25', dstportend: '26' },
    ],
    ['both ends of it', { HdrDestPortStart: 26, HdrDestPortEnd: 26 }, { dstportstart: '26' }],
    [
      'an address',
      { HdrSrcAddress: '10.1.2.0', HdrSrcMask: '24' },
      { srcipaddr: '10.1.2.0', srcipmask: '24', dstportstart: '25' },
    ],
    ['states in any order', { ConnectionStates: [2, 1] }, { dstportstart: '25', state: 'NEW,ESTABLISHED' }],
    ['flags', { TCPFlagsMask: 18, TCPFlagsSet: 2 }, { dstportstart: '25', flags: 'SYN,ACK/SYN' }],
    [
      'a negated address range',
      {
        HdrSrcAddress: '10.0.0.1',
        HdrSrcAddressEndOfRange: '10.0.0.9',
        NegatedProperties: ['HdrSrcAddress', 'HdrSrcAddressEndOfRange'],
      },
      { dstportstart: '25', srcipfrom: 'not 10.0.0.1', srcipto: 'not 10.0.0.9' },
    ],
    [
      'a variable',
      { VariableProperties: ['HdrSrcAddress'], VariableExpressions: ['$IP'] },
      { dstportstart: '25', srcipaddr: '$IP' },
    ],
    ['nothing but the protocol', { HdrDestPortStart: undefined, HdrDestPortEnd: undefined }, {}],
    [
      'the whole negated, where one test is there',
      {
        ProtocolElement: 'all',
        HdrProtocolID: undefined,
        HdrDestPortStart: undefined,
        HdrDestPortEnd: undefined,
        HdrSrcAddress: '10.0.0.1',
        IsNegated: true,
      },
      { srcipaddr: 'not 10.0.0.1' },
    ],
  ])('change %s', async (_, values, matches) => {
    const w = open(filter('no-smtp', mail, rule('r2', undefined, {})));
    await w.objects.modify(path, throughClient(changed(await w.objects.get(path), values)), admin);
    expect(matchesOf(w)).toEqual(matches);
    expect(w.gateway.filter('no-smtp').value.entries[1]).toEqual(rule('r2', undefined, {}));
  });

  it.each<[string, Record<string, CimValue | undefined>]>([
    ['another protocol number than the element', { HdrProtocolID: 17 }],
    ['another family than the element', { HdrIPVersion: 6 }],
    ['a property of another protocol', { ICMPType: 8 }],
    ['a flow label', { HdrFlowLabel: '0x000001' }],
    ['two DSCP values', { HdrDSCP: [8, 10] }],
    ['a mask without address', { HdrSrcMask: '24' }],
    ['half a pair of variables', { VariableProperties: ['HdrSrcAddress'] }],
    ['a negated property that is null', { NegatedProperties: ['HdrSrcAddress'] }],
    ['a property that is no property, negated', { NegatedProperties: ['Colour'] }],
    ['the whole negated, where two tests are there', { IsNegated: true, HdrSrcAddress: '10.0.0.1' }],
  ])('refuse %s and change nothing', async (_, values) => {
    const w = open(filter('no-smtp', mail));
    const wanted = changed(await w.objects.get(path), values);
    await expect(w.objects.modify(path, wanted, admin)).rejects.toMatchObject({
      code: expect.stringMatching(/^(CIM_PROPERTY|FORM_CANNOT_HOLD|VALUE|SCHEMA)$/),
    });
    expect(w.gateway.calls).toEqual([]);
  });

  it('create an entry from headers alone', async () => {
    const w = open(filter('no-smtp', mail));
    const wanted = instance('NWG_IPHeadersFilter', {
      Name: 'no-smtp:',
      Action: 3,
      Direction: 1,
      HdrIPVersion: 6,
      HdrProtocolID: 17,
      HdrDestPortStart: 53,
    });
    const made = await w.objects.get(await w.objects.create('', wanted, admin));
    expect(made.properties.get('ProtocolElement')).toBe('udp-ipv6');
    expect(matchesOf(w, 1)).toEqual({ dstportstart: '53', dstportend: '65535' });
    expect(w.gateway.filter('no-smtp').value.entries[0]).toEqual(mail);
  });
});
