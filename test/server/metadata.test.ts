/** Classes themselves over real HTTP, as PowerShell's Get-CimClass asks for them. */
import { describe, expect, it } from 'vitest';
import { attribute, elements } from '../../src/xml/element.js';
import { parseXml } from '../../src/xml/parse.js';
import { bodyIn, faultIn } from './messages.js';
import { envelope, post, type Running, run, WSEN, WXF } from './running.js';

const CIM_XML = 'http://schemas.dmtf.org/wbem/cim-xml/2/cim-schema/2/*';
const WS_CIM = 'http://schemas.dmtf.org/wbem/ws-cim/1/cim-schema/2/*';

const options = (values: Readonly<Record<string, string>>) =>
  `<w:OptionSet s:mustUnderstand="true">${Object.entries(values)
    .map(
      ([name, value]) => `<w:Option Name="${name}" Type="xs:boolean" MustComply="true">${value}</w:Option>`,
    )
    .join('')}</w:OptionSet>`;

interface Asked {
  readonly resource?: string;
  readonly selectors?: Readonly<Record<string, string>>;
  readonly headers?: string;
  readonly more?: string;
}

const get = (server: Running, { resource = CIM_XML, selectors = {}, headers = '' }: Asked) =>
  post(server, envelope({ action: `${WXF}/Get`, resource, selectors, headers }));

function list(server: Running, { resource = CIM_XML, selectors = {}, headers = '', more = '' }: Asked) {
  const body = `<e:Enumerate><w:OptimizeEnumeration/><w:MaxElements>500</w:MaxElements>${more}</e:Enumerate>`;
  return post(server, envelope({ action: `${WSEN}/Enumerate`, resource, selectors, headers, body }));
}

/** The one element of the answer, read; it declares everything it needs itself. */
const classIn = (text: string) => parseXml(bodyIn(text));
const namesIn = (text: string) => [...text.matchAll(/<CLASS NAME="(\w+)"/g)].map(([, name]) => name);

describe('a class', () => {
  it('has its qualifiers, properties and methods', async () => {
    const { status, text } = await get(await run(), { selectors: { ClassName: 'nwg_filterservice' } });
    expect(status).toBe(200);
    const found = classIn(text);
    expect([found.local, attribute(found, 'NAME'), attribute(found, 'SUPERCLASS')]).toEqual([
      'CLASS',
      'NWG_FilterService',
      'CIM_Service',
    ]);
    expect(text).toContain(
      '<PROPERTY NAME="SystemName" TYPE="string" PROPAGATED="true"><QUALIFIER NAME="Key" TYPE="boolean"><VALUE>true</VALUE></QUALIFIER>',
    );
    expect(text).toMatch(
      /<METHOD NAME="ApplyFilterList" TYPE="uint32">.*<PARAMETER NAME="Port" TYPE="string">/s,
    );
    expect(text).toContain('<PARAMETER.ARRAY NAME="ParameterNames" TYPE="string">');
  });

  it('has what the options say', async () => {
    const server = await run();
    const selectors = { ClassName: 'NWG_EntriesInFilterList' };
    const bare = await get(server, {
      selectors,
      headers: options({ IncludeQualifiers: 'false', IncludeInheritedElements: 'false' }),
    });
    expect(elements(classIn(bare.text)).map((each) => attribute(each, 'NAME'))).toEqual([
      'RuleIndex',
      'Generation',
    ]);
    expect(bare.text).not.toContain('QUALIFIER');
    const full = await get(server, { selectors, headers: options({ IncludeClassOrigin: 'true' }) });
    expect(full.text).toContain(
      '<PROPERTY.REFERENCE NAME="GroupComponent" REFERENCECLASS="CIM_FilterList" CLASSORIGIN="CIM_EntriesInFilterList" PROPAGATED="true">',
    );
  });

  it('is an XML schema in the WS-CIM form', async () => {
    const { text } = await get(await run(), { resource: WS_CIM, selectors: { ClassName: 'NWG_FilterList' } });
    expect(classIn(text)).toMatchObject({ ns: 'http://www.w3.org/2001/XMLSchema', local: 'schema' });
    expect(text).toContain('name="NWG_FilterList_Type"');
  });

  it('has a reference', async () => {
    const { text } = await get(await run(), {
      selectors: { ClassName: 'CIM_FilterList' },
      headers: '<w:RequestEPR/>',
    });
    expect(text).toMatch(/<wsman:RequestedEPR>.*cim-schema\/2\/\*<.*Name="ClassName">CIM_FilterList</s);
  });

  it.each([
    [{}, 'wsman:InvalidSelectors InsufficientSelectors'],
    [{ ClassName: 'NWG_Nonsense' }, 'wsa:DestinationUnreachable'],
    [{ ClassName: 'NWG_FilterList', __cimnamespace: 'root/interop' }, 'wsa:DestinationUnreachable'],
    [
      { ClassName: 'NWG_FilterList', __cimnamespace: 'root/x' },
      'wsa:DestinationUnreachable InvalidResourceURI',
    ],
  ])('of the selectors %j is refused', async (selectors, fault) => {
    expect(faultIn((await get(await run(), { selectors })).text)).toBe(fault);
  });

  it('is not written', async () => {
    const request = envelope({
      action: `${WXF}/Delete`,
      resource: CIM_XML,
      selectors: { ClassName: 'CIM_FilterList' },
    });
    expect(faultIn((await post(await run(), request)).text)).toBe(
      'wsa:DestinationUnreachable InvalidResourceURI',
    );
  });
});

describe('a list of classes', () => {
  it('starts at the top', async () => {
    const { text } = await list(await run(), {});
    expect(namesIn(text)).toEqual(
      expect.arrayContaining(['CIM_ManagedElement', 'CIM_Component', 'CIM_Dependency']),
    );
    expect(namesIn(text)).not.toContain('CIM_FilterList');
  });

  it('starts at a class, one level or all', async () => {
    const server = await run();
    const selectors = { ClassName: 'CIM_LogicalElement' };
    const one = namesIn((await list(server, { selectors })).text);
    expect(one).toEqual(expect.arrayContaining(['CIM_FilterList', 'CIM_FilterEntryBase']));
    expect(one).not.toContain('NWG_FilterList');
    const all = namesIn(
      (await list(server, { selectors, headers: options({ IncludeSubClasses: 'true' }) })).text,
    );
    expect(all).toEqual(expect.arrayContaining(['NWG_FilterList', 'NWG_STPFilter', 'NWG_NetworkPort']));
    expect(new Set(all).size).toBe(all.length);
  });

  it('has paths, or names alone, or references', async () => {
    const server = await run();
    const selectors = { ClassName: 'CIM_FilterList' };
    const path =
      '<LOCALCLASSPATH><LOCALNAMESPACEPATH><NAMESPACE NAME="root"/><NAMESPACE NAME="nwgate"/></LOCALNAMESPACEPATH><CLASSNAME NAME="NWG_FilterList"/></LOCALCLASSPATH>';
    const withPath = await list(server, { selectors, headers: options({ IncludePath: 'true' }) });
    expect(withPath.text).toContain(`<VALUE.OBJECTWITHPATH>${path}<CLASS NAME="NWG_FilterList"`);
    const names = await list(server, { selectors, headers: options({ ExcludeClassSpecification: 'true' }) });
    expect(names.text).toContain('<wsman:Items><CLASSNAME NAME="NWG_FilterList"/></wsman:Items>');
    const references = await list(server, {
      selectors,
      more: '<w:EnumerationMode>EnumerateEPR</w:EnumerationMode>',
    });
    expect(references.text).toMatch(/<wsman:Items><wsa:EndpointReference>.*NWG_FilterList.*<\/wsman:Items>/s);
  });

  it('is not filtered', async () => {
    const more =
      '<w:Filter Dialect="http://schemas.microsoft.com/wbem/wsman/1/WQL">SELECT * FROM meta_class</w:Filter>';
    expect(faultIn((await list(await run(), { more })).text)).toBe('wsen:CannotProcessFilter');
  });
});
