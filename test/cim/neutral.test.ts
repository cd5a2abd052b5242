import { describe, expect, it } from 'vitest';
import { WSCIM_OUTPUT } from '../../src/cim/encode.js';
import { INSTANCES_NS, neutralToWscim, toNeutral, wscimToNeutral } from '../../src/cim/neutral.js';
import { DMTF_BASE } from '../../src/cim/schema.js';
import { instance } from '../../src/cim/views.js';
import { type Element, elements, text } from '../../src/xml/element.js';
import { parseXml } from '../../src/xml/parse.js';
import { serialise } from '../../src/xml/serialise.js';

const plain = (element: Element) =>
  Object.fromEntries(elements(element).map((node) => [node.local, text(node)]));

describe('neutral form', () => {
  it('has text for octets, words for flags and enumeration arrays, one element per other array value', () => {
    const element = toNeutral(
      instance('NWG_IPHeadersFilter', {
        HdrSrcMACAddr: '52:54:00:12:34:56',
        HdrSrcAddress: 'fd00::1',
        HdrSrcMask: '64',
        TCPFlagsMask: 63,
        TCPFlagsSet: 0,
        ConnectionStates: [1, 2],
        IPSetFlags: [2, 1],
        NegatedProperties: ['HdrSrcAddress', 'HdrSrcMask'],
      }),
    );
    expect(plain(element)).toMatchObject({
      HdrSrcMACAddr: '52:54:00:12:34:56',
      HdrSrcAddress: 'fd00::1',
      HdrSrcMask: '64',
      TCPFlagsMask: 'ALL',
      TCPFlagsSet: 'NONE',
      ConnectionStates: 'NEW,ESTABLISHED',
      IPSetFlags: 'dst,src',
    });
    expect(
      elements(element)
        .filter((node) => node.local === 'NegatedProperties')
        .map(text),
    ).toEqual(['HdrSrcAddress', 'HdrSrcMask']);
  });

  it("is made of a vendor's instance, octet by octet, and keeps its class", () => {
    const ns = `${DMTF_BASE}KVM_IPHeadersFilter`;
    const octet = (name: string, values: number[]) =>
      values.map((v) => `<k:${name}>${v}</k:${name}>`).join('');
    const document = wscimToNeutral(
      parseXml(
        `<k:KVM_IPHeadersFilter xmlns:k="${ns}"><k:Action>2</k:Action><k:Direction>2</k:Direction>
         <k:HdrIPVersion>4</k:HdrIPVersion>${octet('HdrSrcAddress', [10, 1, 2, 0])}${octet('HdrSrcMask', [255, 255, 255, 0])}
         <k:Name>no-smtp:0</k:Name></k:KVM_IPHeadersFilter>`,
      ),
    );
    expect(document.ns).toBe(INSTANCES_NS);
    const [entry] = elements(document);
    expect([entry?.local, entry?.ns]).toEqual(['KVM_IPHeadersFilter', ns]);
    expect(plain(entry!)).toEqual({
      Name: 'no-smtp:0',
      HdrIPVersion: '4',
      HdrSrcAddress: '10.1.2.0',
      HdrSrcMask: '24',
      Action: '2',
      Direction: '2',
    });
  });

  it('takes instances out of any wrapper, and refuses what is no class', () => {
    const inside = `<k:CIM_FilterList xmlns:k="${DMTF_BASE}CIM_FilterList"><k:Name>x</k:Name></k:CIM_FilterList>`;
    expect(elements(wscimToNeutral(parseXml(`<Items>${inside}${inside}</Items>`)))).toHaveLength(2);
    expect(() => wscimToNeutral(parseXml('<Items><policy/></Items>'))).toThrow(
      expect.objectContaining({ code: 'CLASS_NOT_FOUND' }),
    );
  });

  it('comes back from a WS-CIM document', () => {
    const before = [
      toNeutral(instance('NWG_FilterList', { Name: 'x', Chain: 'ipv4', Priority: -700 })),
      toNeutral(
        instance('NWG_ARPFilter', { Name: 'x:1', ARPSrcIPAddr: '10.0.0.0', ARPSrcIPMask: '8', OPCode: 1 }),
      ),
    ];
    const written = serialise(neutralToWscim(before), WSCIM_OUTPUT);
    expect(written).toContain('>/wAAAA==<');
    expect(elements(wscimToNeutral(parseXml(written, { plain: true })))).toEqual(before);
  });
});
