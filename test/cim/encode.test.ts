import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeInstance } from '../../src/cim/decode.js';
import { encodeInstance, encodeOutput, WSCIM_COMMON, WSCIM_OUTPUT } from '../../src/cim/encode.js';
import type { CimValue, Instance } from '../../src/cim/instance.js';
import { toNeutral } from '../../src/cim/neutral.js';
import type { PropertyRow } from '../../src/cim/rows.js';
import { CLASSES, classRow, DMTF_BASE, findMethod, NWG_BASE, propertiesOf } from '../../src/cim/schema.js';
import { instance, listPath } from '../../src/cim/views.js';
import { attribute, childText, elements } from '../../src/xml/element.js';
import { parseXml } from '../../src/xml/parse.js';
import { serialise } from '../../src/xml/serialise.js';

const XSI = 'http://www.w3.org/2001/XMLSchema-instance';
const smtp = instance('NWG_IPHeadersFilter', {
  SystemCreationClassName: 'NWG_HostSystem',
  SystemName: 'host.example',
  CreationClassName: 'NWG_IPHeadersFilter',
  Name: 'no-smtp:1',
  Action: 2,
  Direction: 2,
  HdrIPVersion: 4,
  HdrProtocolID: 6,
  HdrSrcAddress: '10.1.2.0',
  HdrSrcMask: '24',
  HdrDestPortStart: 25,
  HdrDestPortEnd: 25,
});

describe('WS-CIM elements', () => {
  it('have every property in the namespace of the class, sorted, octets as typed base64, null as nil', () => {
    const element = encodeInstance(smtp);
    expect(element.ns).toBe(`${NWG_BASE}NWG_IPHeadersFilter`);
    expect(elements(element).every((node) => node.ns === element.ns)).toBe(true);
    const names = elements(element).map((node) => node.local);
    expect(names).toEqual([...names].sort());
    expect(names).toHaveLength(propertiesOf(classRow('NWG_IPHeadersFilter')).length);
    const address = elements(element).find((node) => node.local === 'HdrSrcAddress')!;
    expect([attribute(address, 'type', XSI), address.children]).toEqual([
      'cim:cimBase64Binary',
      ['CgECAA=='],
    ]);
    const dscp = elements(element).find((node) => node.local === 'HdrDSCP')!;
    expect([attribute(dscp, 'nil', XSI), dscp.children]).toEqual(['true', []]);
  });

  it('leave null out when asked to', () => {
    const names = elements(encodeInstance(smtp, { nil: false })).map((node) => node.local);
    expect(names).toEqual([...smtp.properties.keys()].sort());
  });

  it('bind the prefix that the types of octets use', () => {
    const text = serialise(encodeInstance(smtp), WSCIM_OUTPUT);
    expect(text).toContain(`xmlns:cim="${WSCIM_COMMON}"`);
    expect(decodeInstance(parseXml(text))).toEqual({
      className: smtp.className,
      properties: new Map([...smtp.properties].sort(([a], [b]) => (a < b ? -1 : 1))),
    });
  });

  it('show a base class with its own properties, in its namespace', () => {
    const element = encodeInstance(smtp, { asClass: 'cim_ipheadersfilter', nil: false });
    expect([element.local, element.ns]).toEqual(['CIM_IPHeadersFilter', `${DMTF_BASE}CIM_IPHeadersFilter`]);
    const names = elements(element).map((node) => node.local);
    expect(names).toContain('HdrSrcAddress');
    expect(names).not.toContain('Action');
    expect(names).not.toContain('StatusDescriptions');
  });

  it('tell a reader of the base class about constraints it does not show', () => {
    const negated = {
      ...smtp,
      properties: new Map([...smtp.properties, ['NegatedProperties', ['HdrSrcAddress']]]),
    };
    const element = encodeInstance(negated as Instance, { asClass: 'CIM_FilterEntryBase', nil: false });
    expect(childText(element, element.ns, 'OperationalStatus')).toBe('1');
    expect(childText(element, element.ns, 'StatusDescriptions')).toMatch(/less than .* NegatedProperties/);
    const unmarked = encodeInstance(negated as Instance, { nil: false });
    expect(childText(unmarked, unmarked.ns, 'StatusDescriptions')).toBeUndefined();
  });

  it('hold method output in declared order with ReturnValue last', () => {
    const method = findMethod(classRow('NWG_FilterService'), 'ImportPolicy')!;
    const values = new Map<string, CimValue>([
      ['ReturnValue', 0],
      ['Report', 'x'],
      ['Names', ['a', 'b']],
    ]);
    const output = encodeOutput('NWG_FilterService', method, values);
    expect(output.local).toBe('ImportPolicy_OUTPUT');
    expect(elements(output).map((node) => [node.local, node.children[0]])).toEqual([
      ['Names', 'a'],
      ['Names', 'b'],
      ['Report', 'x'],
      ['ReturnValue', '0'],
    ]);
  });
});

/** Any value a row allows. */
function anyValue(row: PropertyRow, version: 4 | 6): fc.Arbitrary<CimValue> {
  const octet = fc.integer({ min: 0, max: 255 }).map((n) => n.toString(16).padStart(2, '0'));
  const mac = fc.array(octet, { minLength: 6, maxLength: 6 }).map((octets) => octets.join(':'));
  const octets = {
    mac,
    macmask: fc.constantFrom('ff:ff:ff:00:00:00', 'ff:ff:ff:ff:ff:ff', '00:00:00:00:00:00'),
    address: version === 4 ? fc.ipV4() : fc.constantFrom('fd00::1', '::', '2001:db8::ff00:42:8329'),
    mask: fc.integer({ min: 0, max: version === 4 ? 32 : 128 }).map(String),
    flowlabel: fc.constantFrom('0x012345', '0x000000'),
  };
  if (row.octets) return octets[row.octets];
  if (row.type === 'reference') return fc.constant(listPath('host.example', 'x'));
  const scalar = anyScalar(row);
  return row.array ? (fc.array(scalar, { minLength: 1, maxLength: 3 }) as fc.Arbitrary<CimValue>) : scalar;
}

function anyScalar(row: PropertyRow): fc.Arbitrary<string | number | bigint | boolean> {
  if (row.type === 'boolean') return fc.boolean();
  if (row.type === 'datetime')
    return fc.constantFrom('2024-01-01T00:00:00Z', 'PT5S', '20240101000000.000000+000');
  if (row.type === 'string')
    return fc.string({ maxLength: Math.min(row.max ?? 20, 20), unit: fc.constantFrom(...'aZ09 <&">é-') });
  if (row.values && !row.bits) return fc.constantFrom(...Object.keys(row.values).map(Number));
  if (row.type.endsWith('64'))
    return fc.bigInt({ min: row.type === 'uint64' ? 0n : -5n, max: 2n ** 63n - 1n });
  return fc.integer({ min: row.min ?? 0, max: row.max ?? (row.type.endsWith('8') ? 127 : 32767) });
}

describe('any instance of any class', () => {
  const anyInstance = fc
    .record({
      // Indications are sent and never read.
      row: fc.constantFrom(...CLASSES.filter((row) => !row.abstract && !row.indication)),
      version: fc.constantFrom<4 | 6>(4, 6),
    })
    .chain(({ row, version }) => {
      const family = propertiesOf(row).some((p) => p.name === 'HdrIPVersion') ? version : 4;
      const shape = propertiesOf(row)
        .filter((p) => !p.momentary)
        .map((p) => {
          const value = p.name === 'HdrIPVersion' ? fc.constant(family) : anyValue(p, family);
          return [p.name, p.name === 'HdrIPVersion' ? value : fc.option(value, { nil: undefined })] as const;
        });
      return fc
        .record(Object.fromEntries(shape) as Record<string, fc.Arbitrary<CimValue | undefined>>)
        .map((values) => instance(row.name, values));
    });
  const sorted = ({ className, properties }: Instance) => ({
    className,
    properties: [...properties].sort(([a], [b]) => (a < b ? -1 : 1)),
  });

  it('comes back from WS-CIM text', () => {
    fc.assert(
      fc.property(anyInstance, fc.boolean(), (before, nil) => {
        const text = serialise(encodeInstance(before, { nil }), WSCIM_OUTPUT);
        expect(sorted(decodeInstance(parseXml(text)))).toEqual(sorted(before));
      }),
      { numRuns: 150 },
    );
  });

  it('comes back from neutral form', () => {
    fc.assert(
      fc.property(anyInstance, (before) => {
        const text = serialise(toNeutral(before));
        expect(sorted(decodeInstance(parseXml(text)))).toEqual(sorted(before));
      }),
      { numRuns: 150 },
    );
  });
});
