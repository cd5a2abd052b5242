/** CIM-XML: the shapes instances come in, and what is refused. */
import { describe, expect, it } from 'vitest';
import { cimxmlInstances, isCimxml } from '../../src/cim/cimxml-read.js';
import { cimxmlDocument } from '../../src/cim/cimxml-write.js';
import { decodeInstances } from '../../src/cim/decode.js';
import { NwgateError } from '../../src/model/errors.js';
import { parseXml } from '../../src/xml/parse.js';
import { serialise } from '../../src/xml/serialise.js';

const read = (text: string) => decodeInstances(cimxmlInstances(parseXml(text)));
const shown = (text: string) =>
  read(text).map(({ className, properties }) => [className, Object.fromEntries(properties)]);

function refusal(text: string): string {
  try {
    read(text);
    return 'read';
  } catch (error) {
    if (!(error instanceof NwgateError)) throw error;
    return error.faults.map(({ code, message }) => `${code} ${message}`).join('\n');
  }
}

const property = (name: string, value: string) =>
  `<PROPERTY NAME="${name}" TYPE="string"><VALUE>${value}</VALUE></PROPERTY>`;
const list = (name: string) =>
  `<INSTANCE CLASSNAME="kvm_FilterList"><QUALIFIER NAME="x"/>${property('name', name)}</INSTANCE>`;
const name = (value: string) =>
  `<INSTANCENAME CLASSNAME="KVM_FilterList"><KEYBINDING NAME="Name"><KEYVALUE>${value}</KEYVALUE></KEYBINDING><KEYBINDING NAME="SystemName"><KEYVALUE VALUETYPE="string">h</KEYVALUE></KEYBINDING></INSTANCENAME>`;
const space = '<LOCALNAMESPACEPATH><NAMESPACE NAME="root"/><NAMESPACE NAME="virt"/></LOCALNAMESPACEPATH>';

const plain = [['KVM_FilterList', { Name: 'a' }]];
const keyed = [['KVM_FilterList', { Name: 'a', SystemName: 'h' }]];

describe('CIM-XML instances', () => {
  it.each([
    ['INSTANCE', list('a'), plain],
    ['VALUE.OBJECT', `<VALUE.OBJECT>${list('a')}</VALUE.OBJECT>`, plain],
    ['VALUE.NAMEDINSTANCE', `<VALUE.NAMEDINSTANCE>${name('a')}${list('a')}</VALUE.NAMEDINSTANCE>`, keyed],
    [
      'VALUE.OBJECTWITHPATH',
      `<VALUE.OBJECTWITHPATH><INSTANCEPATH><NAMESPACEPATH><HOST>h</HOST>${space}</NAMESPACEPATH>${name('a')}</INSTANCEPATH>${list('a')}</VALUE.OBJECTWITHPATH>`,
      keyed,
    ],
    [
      'VALUE.INSTANCEWITHPATH in a response',
      `<CIM><MESSAGE><SIMPLERSP><IMETHODRESPONSE><IRETURNVALUE><VALUE.INSTANCEWITHPATH><INSTANCEPATH>${name('a')}</INSTANCEPATH>${list('a')}</VALUE.INSTANCEWITHPATH></IRETURNVALUE></IMETHODRESPONSE></SIMPLERSP></MESSAGE></CIM>`,
      keyed,
    ],
    [
      'DECLGROUP.WITHPATH',
      `<CIM><DECLARATION><DECLGROUP.WITHPATH><VALUE.OBJECTWITHLOCALPATH><LOCALINSTANCEPATH>${space}${name('a')}</LOCALINSTANCEPATH>${list('a')}</VALUE.OBJECTWITHLOCALPATH></DECLGROUP.WITHPATH></DECLARATION></CIM>`,
      keyed,
    ],
    [
      'CreateInstance',
      `<CIM><MESSAGE><SIMPLEREQ><IMETHODCALL NAME="CreateInstance">${space}<IPARAMVALUE NAME="NewInstance">${list('a')}</IPARAMVALUE></IMETHODCALL></SIMPLEREQ></MESSAGE></CIM>`,
      plain,
    ],
    [
      'DECLGROUP',
      `<CIM><DECLARATION><DECLGROUP>${space}<VALUE.OBJECT>${list('a')}</VALUE.OBJECT></DECLGROUP></DECLARATION></CIM>`,
      plain,
    ],
  ])('%s', (_, text, wanted) => {
    expect(isCimxml(parseXml(text))).toBe(true);
    expect(shown(text)).toEqual(wanted);
  });

  it('read octets with and without their length, null, and references', () => {
    const octets = (...values: readonly (number | string)[]) =>
      `<VALUE.ARRAY>${values.map((value) => `<VALUE>${value}</VALUE>`).join('')}</VALUE.ARRAY>`;
    const array = (property: string, content: string) =>
      `<PROPERTY.ARRAY NAME="${property}" TYPE="uint8">${content}</PROPERTY.ARRAY>`;
    const entry = `<INSTANCE CLASSNAME="CIM_IPHeadersFilter">${[
      property('HdrIPVersion', ' 4 '),
      '<PROPERTY NAME="HdrProtocolID" TYPE="uint8"/>',
      array('HdrSrcAddress', octets(0, 0, 0, 8, 10, 1, 2, 3)),
      array('HdrDestAddress', octets('0x0a', 1, 2, 4)),
      array('HdrDSCP', ''),
    ].join('')}</INSTANCE>`;
    expect(shown(entry)).toEqual([
      ['CIM_IPHeadersFilter', { HdrIPVersion: 4, HdrSrcAddress: '10.1.2.3', HdrDestAddress: '10.1.2.4' }],
    ]);
    const tie = `<INSTANCE CLASSNAME="KVM_EntriesInFilterList"><PROPERTY.REFERENCE NAME="GroupComponent"><VALUE.REFERENCE><LOCALINSTANCEPATH>${space}${name('a')}</LOCALINSTANCEPATH></VALUE.REFERENCE></PROPERTY.REFERENCE></INSTANCE>`;
    expect(read(tie)[0]?.properties.get('GroupComponent')).toMatchObject({
      namespace: 'root/virt',
      className: 'KVM_FilterList',
    });
  });

  it('are refused, all at once, where they do not say what they are', () => {
    const wrong = [
      '<ERROR/>',
      '<VALUE.OBJECT><CLASS/></VALUE.OBJECT>',
      `<VALUE.NAMEDINSTANCE>${name('b')}${list('a')}</VALUE.NAMEDINSTANCE>`,
      '<IMETHODCALL NAME="DeleteInstance"/>',
      '<INSTANCE CLASSNAME="KVM_FilterList"><OTHER NAME="x"/></INSTANCE>',
      '<VALUE.NAMEDINSTANCE><INSTANCENAME CLASSNAME="x"><KEYVALUE>1</KEYVALUE></INSTANCENAME><INSTANCE/></VALUE.NAMEDINSTANCE>',
    ];
    expect(refusal(`<CIM>${wrong.join('')}</CIM>`).split('\n')).toEqual([
      'SCHEMA <ERROR> holds no instance',
      'SCHEMA <VALUE.OBJECT> holds no INSTANCE',
      'SCHEMA <IMETHODCALL> holds no instance',
      'SCHEMA <OTHER> is no property with a NAME',
      'SCHEMA a key must be a KEYBINDING with NAME and one value',
    ]);
    expect(refusal(`<CIM>${wrong[2]}</CIM>`)).toBe(
      'CIM_PROPERTY KVM_FilterList: name is not what the path of the instance says',
    );
    const nulls = '<PROPERTY.ARRAY NAME="HdrDSCP"><VALUE.ARRAY><VALUE.NULL/></VALUE.ARRAY></PROPERTY.ARRAY>';
    expect(refusal(`<INSTANCE CLASSNAME="CIM_IPHeadersFilter">${nulls}</INSTANCE>`)).toContain(
      'a null in its array',
    );
    expect(refusal('<INSTANCE CLASSNAME="X_Y"/>')).toContain('CLASS_NOT_FOUND');
  });
});

it('a document declares objects with typed values', () => {
  const instance = {
    className: 'NWG_IPHeadersFilter',
    properties: new Map<string, string | number | readonly number[]>([
      ['SystemCreationClassName', 'NWG_HostSystem'],
      ['SystemName', 'h'],
      ['CreationClassName', 'NWG_IPHeadersFilter'],
      ['Name', 'f:1'],
      ['HdrIPVersion', 4],
      ['HdrSrcAddress', '10.1.2.3'],
      ['HdrDSCP', [1]],
    ]),
  };
  const document = serialise(cimxmlDocument([instance], 'root/nwgate'));
  expect(document).toContain(
    '<DECLGROUP><LOCALNAMESPACEPATH><NAMESPACE NAME="root"/><NAMESPACE NAME="nwgate"/></LOCALNAMESPACEPATH><VALUE.OBJECT><INSTANCE CLASSNAME="NWG_IPHeadersFilter">',
  );
  expect(document).toContain('<PROPERTY NAME="Name" TYPE="string"><VALUE>f:1</VALUE></PROPERTY>');
  expect(document).toContain('<PROPERTY NAME="HdrIPVersion" TYPE="uint8"><VALUE>4</VALUE></PROPERTY>');
  expect(document).toContain(
    '<VALUE.ARRAY><VALUE>0</VALUE><VALUE>0</VALUE><VALUE>0</VALUE><VALUE>8</VALUE><VALUE>10</VALUE>',
  );
});
