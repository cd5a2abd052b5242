/** Where a fault lies, and what an object is called: the same in every form. */
import { expect, it } from 'vitest';
import { readPolicy } from '../../src/app/forms.js';
import { NwgateError } from '../../src/model/errors.js';
import { anyEngine } from '../support/engines.js';

const context = { transform: anyEngine, systemName: 'host' };
const BASE = 'http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2';

async function faultOf(document: string): Promise<string> {
  try {
    await readPolicy({ document, source: 'p.xml' }, context);
    return 'read';
  } catch (error) {
    if (!(error instanceof NwgateError)) throw error;
    return error.message;
  }
}

/** By form, a document with a fault and where that stands. */
const XML_FAULTS: [form: string, document: string, place: string][] = [
  ['native', `<filter name='a'>\n  <rule action='drop' direction='up'/>\n</filter>`, 'p.xml:2:23'],
  [
    'wscim',
    `<f:CIM_FilterList xmlns:f='${BASE}/CIM_FilterList'>\n  <f:Colour/>\n</f:CIM_FilterList>`,
    'p.xml:2:3',
  ],
  ['cimxml', `<CIM>\n <INSTANCE CLASSNAME='CIM_FilterList'>\n  <PROPERTY/></INSTANCE></CIM>`, 'p.xml:3:3'],
];

it.each<(typeof XML_FAULTS)[number]>([
  ...XML_FAULTS,
  ['mof', 'instance of CIM_FilterList {\n  Colour = 1; };', 'p.xml:2:3'],
  ['mof', 'instance of CIM_FilterList {\n  Name = "open; };', 'p.xml:2:10: string not terminated'],
  ['draft', `<FilterEntry>\n <Colour>1</Colour></FilterEntry>`, 'p.xml'],
  ['any', `<a>\n<b></a>`, 'p.xml:2:'],
  ['of no form', `\n<a/>`, 'p.xml:2:1: <a> begins no form'],
])('a fault in %s says file, line and column', async (_, document, place) => {
  expect((await faultOf(document)).slice(0, place.length)).toBe(place);
});

/** So long that it is read without places first. */
const long = (document: string) => document + ' '.repeat(5 * 1024 * 1024);

it.each(XML_FAULTS)('so does one in a long document in %s', async (_, document, place) => {
  expect((await faultOf(long(document))).slice(0, place.length)).toBe(place);
});

it('a rule of a long native document knows where it stood', async () => {
  const document = long(`<filter name='a'>\n <rule action='drop' direction='in'/>\n</filter>`);
  const { filters } = await readPolicy({ document, source: 'p.xml' }, context);
  expect(filters[0]?.entries[0]?.place).toMatchObject({ line: 2, column: 2 });
});

it('an instance that is no part of a filter is found by its line', async () => {
  const list = 'instance of CIM_FilterList { Name = "a"; };';
  expect(await faultOf(`${list}\n ${list}`)).toBe('p.xml:2:2: CIM_FilterList a: is there twice');
  const entry = 'instance of CIM_FilterEntry { Name = "b:1"; };';
  expect(await faultOf(`${list}\n\n${entry}`)).toMatch(
    /^p\.xml:3:1: CIM_FilterEntry b:1: belongs to no list/,
  );
});

it('what the engine lacks is no fault of the file', async () => {
  const transform = async () => {
    throw new NwgateError({ code: 'HOST_LACKS', message: 'xsltproc is not installed' });
  };
  const document = 'instance of NWG_FilterList { Name = "a"; };';
  const reading = readPolicy({ document, source: 'p.mof' }, { ...context, transform });
  await expect(reading).rejects.toThrow(/^xsltproc is not installed$/);
});

it('the report calls each object by the class that the document gives it', async () => {
  const document = `instance of CIM_FilterList { Name = "a"; };
    instance of CIM_IPHeadersFilter { Name = "a:0"; Action = 2; Direction = 2; HdrIPVersion = 4; HdrProtocolID = 6; };`;
  const { report } = await readPolicy({ document }, context);
  expect(report).toEqual([
    'CIM_FilterList a: filter a: 1 rule, 0 references',
    expect.stringMatching(/^CIM_IPHeadersFilter a:0: rule drop out tcp/),
  ]);
});
