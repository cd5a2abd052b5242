/** MOF instances: what is read, and what is refused with its place. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeInstances } from '../../src/cim/decode.js';
import { mofInstances } from '../../src/cim/mof-read.js';
import { instancesMof } from '../../src/cim/mof-write.js';
import { NwgateError } from '../../src/model/errors.js';

const read = (text: string) => decodeInstances(mofInstances(text));
const first = (text: string) => Object.fromEntries(read(text)[0]!.properties);

function refusal(text: string): string {
  try {
    read(text);
    return 'read';
  } catch (error) {
    if (!(error instanceof NwgateError)) throw error;
    const { code, message, where } = error.faults[0]!;
    return `${code} ${where?.line ?? ''}:${where?.column ?? ''} ${message}`;
  }
}

describe('MOF instances', () => {
  it('know every way to write a value, whatever the case', () => {
    const entry = `#PRAGMA Namespace ("root/x")
      /* a
         comment */ [Description("about the instance")]
      INSTANCE OF kvm_ipheadersfilter {
        name = "a" " and " /* between */ "b\\t\\"\\\\ \\x20AC"; // the rest of the line
        [Description("x")] Action = 10b; Direction = +0x2; Priority = -0017;
        HdrIPVersion = 4; HdrProtocolID = null; isnegated = TRUE;
        HdrSrcAddress = { 0, 0, 0, 0x8, 10, 0x01, 2, 3 }; HdrDestAddress = {10, 1, 2, 4};
        HdrDSCP = { 63 };
      };`;
    expect(first(entry)).toEqual({
      Name: 'a and b\t"\\ €',
      Action: 2,
      Direction: 2,
      Priority: -15,
      HdrIPVersion: 4,
      IsNegated: true,
      HdrSrcAddress: '10.1.2.3',
      HdrDestAddress: '10.1.2.4',
      HdrDSCP: [63],
    });
  });

  it('refer by alias, also forward and in another case, and by path', () => {
    const list = 'instance of KVM_FilterList as $List { Name = "l"; };';
    const association = (group: string) =>
      `instance of KVM_EntriesInFilterList { GroupComponent = ${group}; PartComponent = "//h/root/v:KVM_Hdr8021Filter.Name=\\"l:\\\\\\"0\\",X=5"; };`;
    const [{ properties } = { properties: new Map() }] = read(association('$LIST') + list);
    const keys = (property: string) => [...(properties.get(property)?.keys ?? [])];
    expect(keys('GroupComponent')).toEqual([['Name', 'l']]);
    expect(properties.get('PartComponent')).toMatchObject({ namespace: 'root/v' });
    expect(keys('PartComponent')).toEqual([
      ['Name', 'l:"0'],
      ['X', '5'],
    ]);
  });

  it.each([
    ['#pragma include ("other.mof")', 'SCHEMA 1:17 an include is never followed'],
    ['class X {};', 'SCHEMA 1:1 a declaration of a class is not read: the classes are known'],
    ['instance of KVM_FilterList {\n  Name = 08;\n};', 'MOF_MALFORMED 2:10 08 is no number'],
    ['instance of KVM_FilterList { Name = "\\q"; };', 'MOF_MALFORMED 1:37 "\\q" is no string'],
    ['instance of KVM_FilterList { Name = "x" };', 'MOF_MALFORMED 1:41 } where ; belongs'],
    ['instance of KVM_FilterList { Name = $x; };', 'MOF_MALFORMED 1:37 no instance has the alias $x'],
    ['instance of KVM_FilterList', 'MOF_MALFORMED 1:27 the end where { belongs'],
    ['/* open', 'MOF_MALFORMED 1:1 comment not terminated'],
    [
      'instance of KVM_FilterList {\n Name = "x\n"; };',
      'MOF_MALFORMED 2:9 string not terminated: its closing quote must stand on the same line',
    ],
    ['[open', 'MOF_MALFORMED 1:6 the end where ] belongs'],
    [
      'instance of KVM_FilterList as $a { }; instance of KVM_FilterList as $A { };',
      'MOF_MALFORMED 1:39 $A is there twice',
    ],
    [
      'instance of KVM_FilterList { Name = "a"; NAME = "b"; };',
      'CIM_PROPERTY 1:42 KVM_FilterList: NAME is there twice',
    ],
    [
      'instance of CIM_IPHeadersFilter { HdrDSCP = {}; };',
      'CIM_PROPERTY 1:35 CIM_IPHeadersFilter: HdrDSCP has no value in its array',
    ],
    [
      'instance of CIM_IPHeadersFilter { HdrDSCP = {1, null}; };',
      'CIM_PROPERTY 1:35 CIM_IPHeadersFilter: HdrDSCP has a null in its array',
    ],
    ['instance of CIM_FilterEntry { Colour = 1; };', 'CIM_PROPERTY 1:31 CIM_FilterEntry has no Colour'],
    ['instance of KVM_FilterList { Priority = 1.5; };', /CIM_PROPERTY 1:30 "1.5" must be a number/],
    [
      'instance of CIM_EntriesInFilterList { GroupComponent = "nonsense"; };',
      'CIM_SELECTORS : "nonsense" is no path of an object',
    ],
  ])('%s is refused', (text, wanted) => {
    expect(refusal(text)).toEqual(wanted instanceof RegExp ? expect.stringMatching(wanted) : wanted);
  });

  it('any text is a string that comes back, and any document is read or refused', () => {
    const list = (name: string) => ({
      className: 'NWG_FilterList',
      properties: new Map(
        Object.entries({ SystemCreationClassName: 'c', SystemName: 's', CreationClassName: 'n', Name: name }),
      ),
    });
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (name) => {
        const document = instancesMof([list(name)], 'root/nwgate');
        expect(first(document).Name).toBe(name);
      }),
    );
    const piece = fc.constantFrom(
      'instance of ',
      'KVM_FilterList',
      '{',
      '}',
      ';',
      '"',
      '\\',
      '$a',
      '/*',
      '*/',
      '=',
      '0x',
      'as ',
      '#',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        expect(typeof refusal(pieces.join(''))).toBe('string');
      }),
    );
  });
});
