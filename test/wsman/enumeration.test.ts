import { describe, expect, it } from 'vitest';
import {
  enumerateResponse,
  pullResponse,
  readEnumerate,
  readOfContext,
  readPull,
} from '../../src/wsman/enumeration.js';
import { SoapFault } from '../../src/wsman/faults.js';
import { elements } from '../../src/xml/element.js';
import { parseXml } from '../../src/xml/parse.js';

const E = 'http://schemas.xmlsoap.org/ws/2004/09/enumeration';
const W = 'http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd';
const B = 'http://schemas.dmtf.org/wbem/wsman/1/cimbinding.xsd';

const body = (inside: string) =>
  elements(parseXml(`<x xmlns:e="${E}" xmlns:w="${W}" xmlns:b="${B}">${inside}</x>`));
const enumerate = (inside: string) => readEnumerate(body(`<e:Enumerate>${inside}</e:Enumerate>`));
const pull = (inside: string) =>
  readPull(body(`<e:Pull><e:EnumerationContext>c</e:EnumerationContext>${inside}</e:Pull>`));

function faultOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof SoapFault) return `${error.fault} ${error.detail ?? ''}`.trim();
    throw error;
  }
  return 'no fault';
}

describe('Enumerate', () => {
  it('has defaults for everything', () => {
    expect(enumerate('')).toEqual({
      mode: 'EnumerateObject',
      polymorphism: 'IncludeSubClassProperties',
      filter: undefined,
      expires: undefined,
      maxElements: 0,
      optimized: false,
    });
  });

  it('takes its children in any order and ignores strangers', () => {
    const read = enumerate(
      `<b:PolymorphismMode> None </b:PolymorphismMode><x xmlns="urn:x"/><w:MaxElements>7</w:MaxElements>
       <w:Filter Dialect="d">text</w:Filter><w:EnumerationMode>EnumerateEPR</w:EnumerationMode><e:Expires>PT10S</e:Expires><w:OptimizeEnumeration/>`,
    );
    expect(read).toEqual({
      mode: 'EnumerateEPR',
      polymorphism: 'None',
      filter: { dialect: 'd', content: 'text' },
      expires: { kind: 'after', milliseconds: 10_000 },
      maxElements: 7,
      optimized: true,
    });
  });

  it('is for one item when optimised and nothing else is said', () => {
    expect(enumerate('<w:OptimizeEnumeration/>').maxElements).toBe(1);
    expect(enumerate('<w:MaxElements>7</w:MaxElements>').maxElements).toBe(0);
  });

  it('means XPath where no dialect is named', () => {
    expect(enumerate('<w:Filter>/a</w:Filter>').filter?.dialect).toBe(
      'http://www.w3.org/TR/1999/REC-xpath-19991116',
    );
  });

  it.each([
    ['<e:EndTo/>', 'wsman:UnsupportedFeature AddressingMode'],
    ['<w:EnumerationMode>All</w:EnumerationMode>', 'wsman:UnsupportedFeature EnumerationMode'],
    ['<b:PolymorphismMode>All</b:PolymorphismMode>', 'wsmb:PolymorphismModeNotSupported'],
    ['<e:Expires>soon</e:Expires>', 'wsen:InvalidExpirationTime'],
    ['<e:Expires>PT0S</e:Expires>', 'wsen:InvalidExpirationTime'],
    ['<e:Filter>a</e:Filter><w:Filter>a</w:Filter>', 'wsen:CannotProcessFilter'],
    ['<w:Filter><a/><b/></w:Filter>', 'wsen:CannotProcessFilter'],
    ['<w:Filter>text<a/></w:Filter>', 'wsen:CannotProcessFilter'],
    ['<w:OptimizeEnumeration/><w:MaxElements>0</w:MaxElements>', 'wsman:SchemaValidationError'],
    ['<w:OptimizeEnumeration/><w:OptimizeEnumeration/>', 'wsman:SchemaValidationError'],
  ])('refuses %s', (inside, fault) => {
    expect(faultOf(() => enumerate(inside))).toBe(fault);
  });
});

describe('Pull and Release', () => {
  it('have the defaults of the standard', () => {
    expect(pull('')).toEqual({ context: 'c', maxElements: 1, maxTime: undefined, maxCharacters: undefined });
  });

  it('take the number of items from either namespace', () => {
    expect(pull('<w:MaxElements>9</w:MaxElements>').maxElements).toBe(9);
    expect(
      pull('<e:MaxElements> 9 </e:MaxElements><e:MaxCharacters>99999</e:MaxCharacters>').maxCharacters,
    ).toBe(99_999);
  });

  it.each([
    () => readPull(body('<e:Pull/>')),
    () => readPull(body('<e:Release/>')),
    () => readPull(body('')),
    () => readOfContext(body('<e:Release/>'), 'Release'),
    () => pull('<e:MaxElements>-1</e:MaxElements>'),
    () => pull('<e:MaxTime>PT0S</e:MaxTime>'),
  ])('refuse what has no context or sense (%#)', (work) => {
    expect(faultOf(work)).toBe('wsman:SchemaValidationError');
  });
});

describe('answers', () => {
  it('end an Enumerate with an empty context beside EndOfSequence', () => {
    const pieces = enumerateResponse({ items: ['<i/>'], context: undefined }, true, 1000);
    expect(pieces.join('')).toBe(
      `<wsen:EnumerateResponse xmlns:wsen="${E}"><wsen:EnumerationContext/><wsman:Items><i/></wsman:Items><wsman:EndOfSequence></wsman:EndOfSequence></wsen:EnumerateResponse>`,
    );
  });

  it('end a Pull without any context: clients loop while there is one', () => {
    const text = pullResponse({ items: [], context: undefined }).join('');
    expect(text).not.toContain('EnumerationContext');
    expect(text).toContain('<wsen:EndOfSequence></wsen:EndOfSequence>');
  });

  it('show no end while there is a context', () => {
    for (const pieces of [
      pullResponse({ items: ['<i/>'], context: 'uuid:c' }),
      enumerateResponse({ items: [], context: 'uuid:c' }, false, 1000),
    ]) {
      const text = pieces.join('');
      expect(text).toContain('<wsen:EnumerationContext>uuid:c</wsen:EnumerationContext>');
      expect(text).not.toContain('EndOfSequence');
    }
  });
});
