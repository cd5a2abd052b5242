/** Filters of an enumeration over real HTTP: queries, XPath, associations. */
import { describe, expect, it } from 'vitest';
import { faultIn } from './messages.js';
import { CLASS, envelope, post, type Running, run, WSEN } from './running.js';

const DMTF = 'http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/';
const ALL = 'http://schemas.dmtf.org/wbem/wscim/1/*';
const WQL = 'http://schemas.microsoft.com/wbem/wsman/1/WQL';
const CQL = 'http://schemas.dmtf.org/wbem/cql/1/dsp0202.pdf';
const XPATH = 'http://www.w3.org/TR/1999/REC-xpath-19991116';
const ASSOCIATION = 'http://schemas.dmtf.org/wbem/wsman/1/cimbinding/associationFilter';

interface Asked {
  readonly dialect?: string;
  readonly filter?: string;
  readonly resource?: string;
  readonly more?: string;
}

function ask(server: Running, { dialect, filter, resource = ALL, more = '' }: Asked) {
  const attribute = dialect === undefined ? '' : ` Dialect="${dialect}"`;
  const inside = filter === undefined ? '' : `<w:Filter${attribute}>${filter}</w:Filter>`;
  const body = `<e:Enumerate><w:OptimizeEnumeration/><w:MaxElements>50</w:MaxElements>${inside}${more}</e:Enumerate>`;
  return post(server, envelope({ action: `${WSEN}/Enumerate`, resource, body }));
}

const namesIn = (text: string) => [...text.matchAll(/<p:Name>([^<]*)</g)].map(([, name]) => name);
const itemsIn = (text: string) => /<wsman:Items>(.*)<\/wsman:Items>/s.exec(text)?.[1] ?? '';

describe.each([
  ['WQL', WQL],
  ['the DMTF spelling of WQL', 'http://schemas.dmtf.org/wbem/wsman/1/WQL'],
  ['CQL', CQL],
])('%s', (_, dialect) => {
  it('says the class and the condition', async () => {
    const filter = "SELECT * FROM CIM_FilterList WHERE Name LIKE 'no-%' AND NOT Name = 'no-smtp'";
    const { status, text } = await ask(await run(), { dialect, filter });
    expect([status, namesIn(text)]).toEqual([200, ['no-mac-spoofing']]);
    expect(text).toContain('<p:NWG_FilterList ');
  });

  it('projects into fragments', async () => {
    const filter = 'SELECT Name, Action FROM CIM_FilterEntryBase WHERE Action = 2';
    const { text } = await ask(await run(), { dialect, filter });
    expect(itemsIn(text).replaceAll(/ xmlns:\w+="[^"]*"/g, '')).toBe(
      '<wsman:XmlFragment><p:Action>2</p:Action><p:Name>no-smtp:1a2b</p:Name></wsman:XmlFragment>' +
        '<wsman:XmlFragment><p:Action>2</p:Action><p:Name>no-mac-spoofing:77aa</p:Name></wsman:XmlFragment>',
    );
  });

  it('gives references as well', async () => {
    const filter = "SELECT * FROM NWG_FilterList WHERE Name = 'no-smtp'";
    const more = '<w:EnumerationMode>EnumerateEPR</w:EnumerationMode>';
    const { text } = await ask(await run(), { dialect, filter, more });
    expect(itemsIn(text)).toMatch(/^<wsa:EndpointReference>.*no-smtp.*<\/wsa:EndpointReference>$/s);
  });

  it.each([
    ['SELECT * FROM', 'wsen:CannotProcessFilter'],
    ['SELECT * FROM NWG_Nonsense', 'wsen:CannotProcessFilter'],
    ['SELECT Colour FROM NWG_FilterList', 'wsen:CannotProcessFilter'],
    ['SELECT * FROM NWG_FilterList WHERE Colour = 1', 'wsen:CannotProcessFilter'],
    ['', 'wsen:CannotProcessFilter'],
    ['<x/>', 'wsen:CannotProcessFilter'],
  ])('%s is refused', async (filter, fault) => {
    const { status, text } = await ask(await run(), { dialect, filter });
    expect([status, faultIn(text)]).toEqual([400, fault]);
  });

  it('decides over the class in the ResourceURI', async () => {
    const filter = 'SELECT * FROM NWG_Hdr8021Filter';
    const { text } = await ask(await run(), { dialect, filter, resource: `${DMTF}CIM_FilterEntryBase` });
    expect(namesIn(text)).toEqual(['no-mac-spoofing:77aa']);
  });
});

describe('XPath', () => {
  it.each([
    ['/n:NWG_FilterList[n:Name = "no-smtp"]', XPATH],
    ['NWG_FilterList[starts-with(Name, "no-s")]', undefined],
    ['*[Name = "no-smtp"]', 'http://schemas.dmtf.org/wbem/wsman/1/wsman/xpath1'],
    ['Name = "no-smtp"', 'http://schemas.dmtf.org/wbem/wsman/1/wsman/xpath2'],
  ])('%s', async (filter, dialect) => {
    const asked = { ...(dialect !== undefined && { dialect }), filter, resource: `${CLASS}NWG_FilterList` };
    const { text } = await ask(await run(), asked);
    expect(namesIn(text)).toEqual(['no-smtp']);
  });

  it('needs a class where the ResourceURI has none', async () => {
    const server = await run();
    expect(namesIn((await ask(server, { filter: '/NWG_FilterList[Name = "no-smtp"]' })).text)).toHaveLength(
      1,
    );
    expect(faultIn((await ask(server, { filter: 'Name = "no-smtp"' })).text)).toBe(
      'wsen:CannotProcessFilter',
    );
    expect(faultIn((await ask(server, { filter: 'count(*) > 1' })).text)).toBe('wsen:CannotProcessFilter');
  });
});

describe('all classes', () => {
  it.each([
    ['without a filter', {}, 'wsman:UnsupportedFeature FilteringRequired'],
    [
      'with a filter that names none',
      { dialect: 'http://schemas.dmtf.org/wbem/wsman/1/wsman/SelectorFilter', filter: '<w:SelectorSet/>' },
      'wsen:CannotProcessFilter',
    ],
    [
      'as another class',
      {
        dialect: WQL,
        filter: 'SELECT * FROM CIM_FilterList',
        more: '<b:PolymorphismMode>ExcludeSubClassProperties</b:PolymorphismMode>',
      },
      'wsmb:PolymorphismModeNotSupported',
    ],
  ])('%s is refused', async (_, asked, fault) => {
    const { text } = await ask(await run(), asked);
    expect(faultIn(text)).toBe(fault);
  });

  it('is known under its other name', async () => {
    const asked = { dialect: WQL, filter: 'SELECT * FROM NWG_FilterList', resource: `${DMTF}*` };
    expect(namesIn((await ask(await run(), asked)).text)).toHaveLength(3);
  });
});

const LIST = `<b:Object><a:Address>urn:x</a:Address><a:ReferenceParameters><w:ResourceURI>${CLASS}NWG_FilterList</w:ResourceURI>
<w:SelectorSet><w:Selector Name="Name">no-smtp</w:Selector></w:SelectorSet></a:ReferenceParameters></b:Object>`;
const associated = (inside: string, kind = 'AssociatedInstances') => ({
  dialect: ASSOCIATION,
  filter: `<b:${kind}>${inside}</b:${kind}>`,
});

describe('associations', () => {
  it('lead from a list to its entries', async () => {
    const inside = `${LIST}<b:AssociationClassName>CIM_EntriesInFilterList</b:AssociationClassName><b:ResultClassName>CIM_FilterEntryBase</b:ResultClassName>`;
    const { text } = await ask(await run(), associated(inside));
    expect(namesIn(text)).toEqual(['no-smtp:1a2b']);
    expect(text).toContain('<p:NWG_IPHeadersFilter ');
  });

  it('give objects with their references, and take any spelling of the dialect', async () => {
    const asked = { ...associated(LIST), dialect: ASSOCIATION.replace('association', 'Association') };
    const more = '<w:EnumerationMode>EnumerateObjectAndEPR</w:EnumerationMode>';
    const { text } = await ask(await run(), { ...asked, more });
    expect(itemsIn(text)).toMatch(
      /^<wsman:Item><p:NWG_IPHeadersFilter .*<wsa:EndpointReference>.*<\/wsman:Item>$/s,
    );
  });

  it('are objects themselves, with the properties wanted', async () => {
    const inside = `${LIST}<b:ResultClassName>NWG_EntriesInFilterList</b:ResultClassName><b:IncludeResultProperty>RuleIndex</b:IncludeResultProperty><b:IncludeResultProperty>Nonsense</b:IncludeResultProperty>`;
    const { text } = await ask(await run(), associated(inside, 'AssociationInstances'));
    expect(itemsIn(text)).toMatch(
      /^<wsman:XmlFragment [^>]*><p:RuleIndex>0<\/p:RuleIndex><\/wsman:XmlFragment>$/,
    );
  });

  it.each([
    ['no object', associated('')],
    ['an object that is no reference', associated('<b:Object/>')],
    ['an object that is not there', associated(LIST.replace('no-smtp', 'nothing'))],
    ['an object of no class', associated(LIST.replace('NWG_FilterList', 'NWG_Nonsense'))],
    [
      'an object of no namespace',
      associated(
        LIST.replace(
          '<w:SelectorSet>',
          '<w:SelectorSet><w:Selector Name="__cimnamespace">root/x</w:Selector>',
        ),
      ),
    ],
    ['another element', associated(LIST, 'Nonsense')],
    ['text', { dialect: ASSOCIATION, filter: 'x' }],
  ])('from %s are refused', async (_, asked) => {
    const { status, text } = await ask(await run(), asked);
    expect([status, faultIn(text)]).toEqual([400, 'wsen:CannotProcessFilter']);
  });
});
