import { describe, expect, it } from 'vitest';
import { decodeInstance, decodeInstances, decodeParameters } from '../../src/cim/decode.js';
import { classRow, DMTF_BASE, findMethod, NWG_BASE } from '../../src/cim/schema.js';
import { NwgateError } from '../../src/model/errors.js';
import { parseXml } from '../../src/xml/parse.js';

const XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"';
const decode = (className: string, body: string, base = NWG_BASE) =>
  decodeInstance(parseXml(`<p:${className} xmlns:p="${base}${className}" ${XSI}>${body}</p:${className}>`));
const faultsOf = (run: () => unknown) => {
  try {
    run();
  } catch (error) {
    if (error instanceof NwgateError) return error.faults;
    throw error;
  }
  return [];
};

describe('reading WS-CIM', () => {
  it('reads a rule as WS-Management clients send it', () => {
    const read = decode(
      'NWG_IPHeadersFilter',
      `<p:Action>2</p:Action><p:Direction> 2 </p:Direction><p:HdrDSCP xsi:nil="true"/>
       <p:HdrIPVersion>4</p:HdrIPVersion><p:HdrSrcAddress>CgECAA==</p:HdrSrcAddress><p:HdrSrcMask>////AA==</p:HdrSrcMask>
       <p:IsNegated>FALSE</p:IsNegated><p:Name>no-smtp:x</p:Name>
       <p:ConnectionStates>1</p:ConnectionStates><p:ConnectionStates>2</p:ConnectionStates>
       <p:TCPFlagsMask>18</p:TCPFlagsMask>`,
    );
    expect(read).toEqual({
      className: 'NWG_IPHeadersFilter',
      properties: new Map<string, unknown>([
        ['Action', 2],
        ['Direction', 2],
        ['HdrIPVersion', 4],
        ['HdrSrcAddress', '10.1.2.0'],
        ['HdrSrcMask', '24'],
        ['IsNegated', false],
        ['Name', 'no-smtp:x'],
        ['ConnectionStates', [1, 2]],
        ['TCPFlagsMask', 18],
      ]),
    });
  });

  it('takes the DMTF base, names in any case, and arrays whose elements are apart', () => {
    const read = decode(
      'NWG_IPHeadersFilter',
      '<p:action>1</p:action><p:HDRDSCP>8</p:HDRDSCP><p:DIRECTION>3</p:DIRECTION><p:HDRDSCP>10</p:HDRDSCP>',
      DMTF_BASE,
    );
    expect([...read.properties]).toEqual([
      ['Action', 1],
      ['HdrDSCP', [8, 10]],
      ['Direction', 3],
    ]);
  });

  it('takes properties in the namespace of a superclass, and no others', () => {
    const body = (ns: string) => `<q:HdrIPVersion xmlns:q="${ns}">6</q:HdrIPVersion>`;
    const read = decode('NWG_IPHeadersFilter', body(`${DMTF_BASE}CIM_IPHeadersFilter`));
    expect(read.properties.get('HdrIPVersion')).toBe(6);
    expect(() => decode('NWG_IPHeadersFilter', body('urn:x'))).toThrow(/has no HdrIPVersion/);
  });

  it('reads words where neutral form has them', () => {
    const read = decode(
      'NWG_IPHeadersFilter',
      `<p:ConnectionStates>NEW,ESTABLISHED</p:ConnectionStates><p:IPSetFlags>src, DST,src</p:IPSetFlags>
       <p:TCPFlagsMask>ALL</p:TCPFlagsMask><p:TCPFlagsSet>SYN,ACK</p:TCPFlagsSet>
       <p:HdrSrcMACAddr>52:54:0:12:34:56</p:HdrSrcMACAddr><p:HdrProtocolID>0x06</p:HdrProtocolID>`,
    );
    expect(Object.fromEntries(read.properties)).toEqual({
      ConnectionStates: [1, 2],
      IPSetFlags: [1, 2, 1],
      TCPFlagsMask: 63,
      TCPFlagsSet: 18,
      HdrSrcMACAddr: '52:54:00:12:34:56',
      HdrProtocolID: 6,
    });
  });

  it('reads ARP addresses as IPv4 and refuses IPv6 there', () => {
    expect(
      decode('NWG_ARPFilter', '<p:ARPSrcIPAddr>10.0.0.1</p:ARPSrcIPAddr>').properties.get('ARPSrcIPAddr'),
    ).toBe('10.0.0.1');
    expect(() => decode('NWG_ARPFilter', '<p:ARPSrcIPAddr>::1</p:ARPSrcIPAddr>')).toThrow(/IPv4/);
  });

  it('finds every fault at once, each with its place and property', () => {
    const faults = faultsOf(() =>
      decode(
        'NWG_IPHeadersFilter',
        '\n<p:Action>7</p:Action>\n<p:Colour>red</p:Colour>\n<p:HdrIPVersion>4</p:HdrIPVersion><p:HdrSrcMask>/wD/AA==</p:HdrSrcMask>\n<p:Priority>1</p:Priority><p:Priority>2</p:Priority>',
      ),
    );
    expect(faults.map((f) => [f.code, f.where?.line, f.where?.attribute])).toEqual([
      ['CIM_PROPERTY', 3, 'Colour'],
      ['CIM_PROPERTY', 2, 'Action'],
      ['CIM_PROPERTY', 4, 'HdrSrcMask'],
      ['CIM_PROPERTY', 5, 'Priority'],
    ]);
  });

  it('finds the faults of all instances of a document at once', () => {
    const document = parseXml(
      `<x><p:NWG_AnyFilter xmlns:p="${NWG_BASE}NWG_AnyFilter"><p:Action>x</p:Action></p:NWG_AnyFilter>
       <q:CIM_Nothing xmlns:q="${DMTF_BASE}CIM_Nothing"/></x>`,
    );
    const list = document.children.filter((node) => typeof node !== 'string');
    expect(faultsOf(() => decodeInstances(list)).map((f) => f.code)).toEqual([
      'CIM_PROPERTY',
      'CLASS_NOT_FOUND',
    ]);
  });

  it('lets an unknown property pass that is null: it narrows nothing', () => {
    expect(decode('NWG_AnyFilter', '<p:Colour xsi:nil="true"/>').properties.size).toBe(0);
  });

  it('reports a reference that names no class under its property', () => {
    expect(faultsOf(() => decode('NWG_AppliedFilterList', '<p:Antecedent>x</p:Antecedent>'))).toEqual([
      {
        code: 'CIM_PROPERTY',
        message: 'not an endpoint reference with a wsman:ResourceURI',
        where: { line: 1, column: expect.any(Number), attribute: 'Antecedent' },
      },
    ]);
  });

  it('reads a datetime wrapped or plain', () => {
    const wrapped =
      '<c:Datetime xmlns:c="http://schemas.dmtf.org/wbem/wscim/1/common">2024-01-01T00:00:00Z</c:Datetime>';
    for (const content of [wrapped, ' 2024-01-01T00:00:00Z ']) {
      const read = decode('NWG_AnyFilter', `<p:InstallDate>${content}</p:InstallDate>`);
      expect(read.properties.get('InstallDate')).toBe('2024-01-01T00:00:00Z');
    }
  });
});

describe('reading method parameters', () => {
  const apply = findMethod(classRow('NWG_FilterService'), 'applyfilterlist')!;
  const input = (body: string) =>
    parseXml(
      `<p:ApplyFilterList_INPUT xmlns:p="${NWG_BASE}NWG_FilterService" ${XSI}>${body}</p:ApplyFilterList_INPUT>`,
    );

  it('takes what the method has, in any case', () => {
    const values = decodeParameters(
      apply,
      input(
        '<p:port>vnet0</p:port><p:ParameterNames>A</p:ParameterNames><p:ParameterNames>B</p:ParameterNames>',
      ),
    );
    expect(Object.fromEntries(values)).toEqual({ Port: 'vnet0', ParameterNames: ['A', 'B'] });
    expect(decodeParameters(apply, undefined).size).toBe(0);
  });

  it('refuses what it has not', () => {
    const faults = faultsOf(() =>
      decodeParameters(apply, input('<p:Bridge>br0</p:Bridge><p:Port>a</p:Port><p:Port>b</p:Port>')),
    );
    expect(faults.map((f) => [f.code, f.where?.attribute])).toEqual([
      ['CIM_PARAMETER', 'Bridge'],
      ['CIM_PARAMETER', 'Port'],
    ]);
  });
});
