/** What WinRM, winrs and the CIM cmdlets of PowerShell send, and that it works. */
import { describe, expect, it } from 'vitest';
import { faultIn, invalidIn } from './messages.js';
import { CLASS, LIST_KEYS, post, type Running, run, WSEN, WXF } from './running.js';
import { DMTF, WQL } from './subscribing.js';
import { type Cmdlet, cmdlet, listBody, listing, selectorSet, WMI } from './windows.js';

const LISTS = ['no-smtp', 'no-mac-spoofing', 'clean-traffic'];
const NAMESPACE = { __cimnamespace: 'root/nwgate' };
const WSE = 'http://schemas.xmlsoap.org/ws/2004/08/eventing';

const send = (server: Running, message: Cmdlet) => post(server, cmdlet(message));
const enumerate = (server: Running, resource: string, inside = '', selectors = {}) =>
  send(server, { action: `${WSEN}/Enumerate`, resource, selectors, body: listing(inside) });
const queried = (query: string) => `<w:Filter Dialect="${WQL}">${query}</w:Filter>`;
const namesIn = (text: string) => [...text.matchAll(/<p:Name>([^<]*)</g)].map(([, name]) => name);

describe('Get-CimInstance', () => {
  it.each([
    ['Microsoft’s URI of a class', `${WMI}NWG_FilterList`, '', {}],
    ['the same of a superclass', `${WMI}CIM_FilterList`, '', {}],
    ['the same with a namespace in capitals', `${WMI.replace('root/', 'ROOT/')}nwg_filterlist`, '', {}],
    ['a DMTF class and its namespace', `${DMTF}CIM_FilterList`, '', NAMESPACE],
    ['a query to a namespace', `${WMI}*`, queried('SELECT * FROM NWG_FilterList'), {}],
    ['a query to all classes', `${DMTF}*`, queried('select * from CIM_FilterList'), NAMESPACE],
  ])('by %s', async (_, resource, inside, selectors) => {
    const { status, text } = await enumerate(await run(), resource, inside, selectors);
    expect(status).toBe(200);
    expect(namesIn(text)).toEqual(LISTS);
    expect(text.match(/<wsman:Item>/g)).toHaveLength(3);
    expect(text).toContain('<wsman:EndOfSequence>');
    expect(text).toContain('<wsman:Selector Name="__cimnamespace">root/nwgate</wsman:Selector>');
    expect(invalidIn(text)).toEqual([]);
  });

  it('by a query with a condition, and by one for two properties', async () => {
    const server = await run();
    const where = await enumerate(
      server,
      `${WMI}*`,
      queried("SELECT * FROM CIM_FilterEntryBase WHERE HdrDestPortStart = 25 AND Name LIKE 'no-%'"),
    );
    expect(namesIn(where.text)).toEqual(['no-smtp:1a2b']);
    const some = await enumerate(server, `${WMI}*`, queried('SELECT Name FROM NWG_FilterList'));
    expect(some.text).toContain('<wsman:XmlFragment');
    expect(namesIn(some.text)).toEqual(LISTS);
  });

  it('by an instance it got before', async () => {
    const got = await send(await run(), {
      action: `${WXF}/Get`,
      resource: `${WMI}NWG_FilterList`,
      selectors: LIST_KEYS,
    });
    expect(namesIn(got.text)).toEqual(['no-smtp']);
  });

  it.each([
    [`${WMI}Win32_Service`, 'wsa:DestinationUnreachable InvalidResourceURI'],
    [`${WMI.replace('nwgate', 'cimv2')}NWG_FilterList`, 'wsa:DestinationUnreachable InvalidResourceURI'],
    [`${WMI.replace('nwgate', 'interop')}NWG_FilterList`, 'wsa:DestinationUnreachable InvalidResourceURI'],
    [`${WMI}*`, 'wsman:UnsupportedFeature FilteringRequired'],
  ])('of what there is not fails: %s', async (resource, fault) => {
    const { status, text } = await enumerate(await run(), resource);
    expect([status, faultIn(text)]).toEqual([400, fault]);
  });
});

describe('changes', () => {
  it('New-CimInstance, Set-CimInstance, Remove-CimInstance', async () => {
    const server = await run();
    const resource = `${WMI}NWG_FilterList`;
    const created = await send(server, {
      action: `${WXF}/Create`,
      resource,
      body: listBody({ Name: 'mine' }),
    });
    expect(created.text).toContain('<wsman:Selector Name="Name">mine</wsman:Selector>');
    const selectors = { ...LIST_KEYS, Name: 'mine', ...NAMESPACE };
    const body = listBody({ Name: 'mine', Priority: '7' });
    const put = await send(server, {
      action: `${WXF}/Put`,
      resource: `${CLASS}NWG_FilterList`,
      selectors,
      body,
    });
    expect(put.text).toContain('<p:Priority>7</p:Priority>');
    expect((await send(server, { action: `${WXF}/Delete`, resource, selectors })).status).toBe(200);
    expect(faultIn((await send(server, { action: `${WXF}/Get`, resource, selectors })).text)).toBe(
      'wsa:DestinationUnreachable',
    );
  });

  it('Invoke-CimMethod', async () => {
    const server = await run();
    const resource = `${WMI}NWG_FilterService`;
    const body = `<x:RemoveFilterList_INPUT xmlns:x="${resource}"><x:Port>tap0</x:Port></x:RemoveFilterList_INPUT>`;
    const action = `${resource}/RemoveFilterList`;
    const { status, text } = await send(server, { action, resource, body });
    expect(status).toBe(200);
    expect(text).toContain(`<wsa:Action>${action}Response</wsa:Action>`);
    expect(text).toContain('<n1:ReturnValue>0</n1:ReturnValue>');
    expect(server.objects.calls[0]?.parameters).toEqual(new Map([['Port', 'tap0']]));
  });
});

describe('Get-CimAssociatedInstance', () => {
  const filter = (uri: string, keys: Readonly<Record<string, string>>) =>
    `<w:Filter Dialect="http://schemas.dmtf.org/wbem/wsman/1/cimbinding/AssociationFilter"><b:AssociatedInstances><b:Object><a:Address>http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous</a:Address><a:ReferenceParameters><w:ResourceURI>${uri}</w:ResourceURI>${selectorSet(keys)}</a:ReferenceParameters></b:Object><b:ResultClassName>CIM_FilterEntryBase</b:ResultClassName></b:AssociatedInstances></w:Filter>`;

  it.each([
    ['Microsoft’s URI', `${WMI}*`, `${WMI}NWG_FilterList`, LIST_KEYS],
    ['the DMTF’s', `${DMTF}CIM_FilterList`, `${DMTF}CIM_FilterList`, { ...LIST_KEYS, ...NAMESPACE }],
  ])('with %s', async (_, resource, uri, keys) => {
    const { text } = await enumerate(await run(), resource, filter(uri, keys));
    expect(namesIn(text)).toEqual(['no-smtp:1a2b']);
    expect(text).toContain('<wsman:Item>');
  });

  it('in the namespace of the object’s URI, whatever the request’s', async () => {
    const { text } = await enumerate(
      await run(),
      `${WMI.replace('nwgate', 'interop')}*`,
      filter(`${WMI}NWG_FilterList`, LIST_KEYS),
    );
    expect(namesIn(text)).toEqual(['no-smtp:1a2b']);
  });
});

describe('Get-CimClass', () => {
  const resource = 'http://schemas.dmtf.org/wbem/cim-xml/2/cim-schema/2/*';
  const options = ['IncludeInheritanceHierarchy', 'IncludeInheritedElements', 'IncludeQualifiers'];

  it('gets a class, its superclasses and all its members', async () => {
    const selectors = { ...NAMESPACE, ClassName: 'NWG_FilterList' };
    const { text } = await send(await run(), { action: `${WXF}/Get`, resource, selectors, options });
    expect(text).toContain(
      '<CLASS NAME="NWG_FilterList" SUPERCLASS="CIM_FilterList" DERIVATION="CIM_FilterList,CIM_LogicalElement,CIM_ManagedSystemElement,CIM_ManagedElement">',
    );
    expect(text).toContain('<PROPERTY NAME="Name" TYPE="string" PROPAGATED="true">');
  });

  it('lists classes', async () => {
    const selectors = { ...NAMESPACE, ClassName: 'CIM_FilterEntryBase' };
    const body = '<n:Enumerate><w:OptimizeEnumeration/><w:MaxElements>32000</w:MaxElements></n:Enumerate>';
    const { text } = await send(await run(), {
      action: `${WSEN}/Enumerate`,
      resource,
      selectors,
      options,
      body,
    });
    expect([...text.matchAll(/<CLASS NAME="(\w+)"/g)].map(([, name]) => name)).toContain('NWG_ARPFilter');
  });
});

it('Register-CimIndicationEvent subscribes and pulls', async () => {
  const server = await run();
  const body = `<e:Subscribe><e:Delivery Mode="http://schemas.dmtf.org/wbem/wsman/1/wsman/Pull"><w:Heartbeats>PT1S</w:Heartbeats></e:Delivery><w:Filter Dialect="${WQL}">SELECT * FROM CIM_InstCreation</w:Filter></e:Subscribe>`;
  const { text } = await send(server, { action: `${WSE}/Subscribe`, resource: `${WMI}*`, body });
  const context = /<wsen:EnumerationContext>([^<]+)</.exec(text)?.[1];
  const pulled = await send(server, {
    action: `${WSEN}/Pull`,
    resource: `${WMI}*`,
    body: `<n:Pull><n:EnumerationContext>${context}</n:EnumerationContext><n:MaxElements>32000</n:MaxElements></n:Pull>`,
  });
  expect([pulled.status, pulled.text.includes('<wsen:Items/>')]).toEqual([200, true]);
});

describe('winrm.cmd', () => {
  const wide = (message: Cmdlet) => Buffer.from(`\ufeff${cmdlet(message)}`, 'utf16le');
  const type = {
    'Content-Type': 'application/soap+xml;charset=UTF-16',
    'User-Agent': 'Microsoft WinRM Client',
  };

  it('enumerates in UTF-16, 20 at a time, with a selector filter', async () => {
    const selectors = selectorSet({ Name: 'clean-traffic' });
    const body = `<n:Enumerate><w:OptimizeEnumeration/><w:MaxElements>20</w:MaxElements><w:Filter Dialect="http://schemas.dmtf.org/wbem/wsman/1/wsman/SelectorFilter">${selectors}</w:Filter></n:Enumerate>`;
    const message = wide({ action: `${WSEN}/Enumerate`, resource: `${WMI}NWG_FilterList`, body });
    const { text, headers } = await post(await run(), message, type);
    expect(headers.get('content-type')).toContain('UTF-16');
    expect(namesIn(text)).toEqual(['clean-traffic']);
  });

  it('gets a shallow view: -shallow, -basepropertiesonly', async () => {
    const server = await run();
    const shallow = (mode: string) => `<b:PolymorphismMode>${mode}</b:PolymorphismMode>`;
    expect(namesIn((await enumerate(server, `${WMI}CIM_FilterList`, shallow('None'))).text)).toEqual([]);
    const base = await enumerate(server, `${WMI}CIM_FilterList`, shallow('ExcludeSubClassProperties'));
    expect(base.text).toContain('<p:CIM_FilterList ');
  });
});

it('winrs and pywinrm find no shell here', async () => {
  const shell = 'http://schemas.microsoft.com/wbem/wsman/1/windows/shell';
  const body = `<rsp:Shell xmlns:rsp="${shell}"><rsp:InputStreams>stdin</rsp:InputStreams><rsp:OutputStreams>stdout stderr</rsp:OutputStreams></rsp:Shell>`;
  const server = await run();
  const opened = await send(server, {
    action: `${WXF}/Create`,
    resource: `${shell}/cmd`,
    options: ['WINRS_NOPROFILE'],
    body,
  });
  expect([opened.status, faultIn(opened.text)]).toEqual([
    400,
    'wsa:DestinationUnreachable InvalidResourceURI',
  ]);
  const command = await send(server, { action: `${shell}/Command`, resource: `${shell}/cmd` });
  expect([command.status, faultIn(command.text)]).toEqual([400, 'wsa:ActionNotSupported']);
});
