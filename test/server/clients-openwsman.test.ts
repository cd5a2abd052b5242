/** What openwsman's wsmancli, python-dracclient and the AMT toolkits of Go and .NET send, and that it works. */
import { describe, expect, it } from 'vitest';
import { faultIn } from './messages.js';
import { CLASS, LIST_KEYS, post, type Running, run, WSEN, WXF } from './running.js';
import { startSink } from './sinks.js';
import { ALL, DMTF, namesIn as eventNames, happen } from './subscribing.js';

const WSA = 'http://schemas.xmlsoap.org/ws/2004/08/addressing';
const WSMAN = 'http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd';
const WSE = 'http://schemas.xmlsoap.org/ws/2004/08/eventing';
const namesIn = (text: string) => [...text.matchAll(/<p:Name>([^<]*)</g)].map(([, name]) => name);
const contextIn = (text: string) => /<wsen:EnumerationContext>([^<]+)</.exec(text)?.[1];

const selectorsOf = (prefix: string, keys: Readonly<Record<string, string>>) =>
  Object.entries(keys)
    .map(([name, value]) => `<${prefix}:Selector Name="${name}">${value}</${prefix}:Selector>`)
    .join('');

describe('wsmancli', () => {
  interface Command {
    readonly action: string;
    readonly resource?: string;
    readonly keys?: Readonly<Record<string, string>>;
    readonly headers?: string;
    readonly body?: string;
  }
  const envelope = ({ action, resource, keys = {}, headers = '', body = '' }: Command) =>
    `<?xml version="1.0" encoding="UTF-8"?>
<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:wsa="${WSA}" xmlns:wsman="${WSMAN}" xmlns:wsen="${WSEN}" xmlns:wse="${WSE}" xmlns:wsmb="http://schemas.dmtf.org/wbem/wsman/1/cimbinding.xsd">
  <s:Header>
    <wsa:Action s:mustUnderstand="true">${action}</wsa:Action>
    <wsa:To s:mustUnderstand="true">http://localhost:5985/wsman</wsa:To>
    ${resource === undefined ? '' : `<wsman:ResourceURI s:mustUnderstand="true">${resource}</wsman:ResourceURI>`}
    <wsa:MessageID s:mustUnderstand="true">uuid:5d2e5d9b-0000-0000-0000-000000000001</wsa:MessageID>
    <wsa:ReplyTo><wsa:Address>${WSA}/role/anonymous</wsa:Address></wsa:ReplyTo>
    ${Object.keys(keys).length === 0 ? '' : `<wsman:SelectorSet>${selectorsOf('wsman', keys)}</wsman:SelectorSet>`}
    <wsman:OperationTimeout>PT60.0S</wsman:OperationTimeout>
    <wsman:Locale xml:lang="de-DE" s:mustUnderstand="false"/>${headers}
  </s:Header>
  <s:Body>${body}</s:Body>
</s:Envelope>`;
  const send = (server: Running, command: Command) =>
    post(server, envelope(command), { 'User-Agent': 'Openwsman' });
  const resource = `${CLASS}NWG_FilterList`;

  it('enumerates without optimising and pulls until there is no context, then releases another', async () => {
    const server = await run();
    const open = () => send(server, { action: `${WSEN}/Enumerate`, resource, body: '<wsen:Enumerate/>' });
    const found: unknown[] = [];
    for (let context = contextIn((await open()).text); context; ) {
      const body = `<wsen:Pull><wsen:EnumerationContext>${context}</wsen:EnumerationContext></wsen:Pull>`;
      const { text } = await send(server, { action: `${WSEN}/Pull`, resource, body });
      found.push(...namesIn(text));
      context = contextIn(text);
    }
    expect(found).toEqual(['no-smtp', 'no-mac-spoofing', 'clean-traffic']);
    const context = contextIn((await open()).text);
    const body = `<wsen:Release><wsen:EnumerationContext>${context}</wsen:EnumerationContext></wsen:Release>`;
    expect((await send(server, { action: `${WSEN}/Release`, resource, body })).status).toBe(200);
  });

  it('puts back what it got, changed', async () => {
    const server = await run();
    const got = await send(server, { action: `${WXF}/Get`, resource, keys: LIST_KEYS });
    const body = /<s:Body>(.*)<\/s:Body>/s
      .exec(got.text)![1]!
      .replace('<p:Description xsi:nil="true"/>', '<p:Description>changed</p:Description>');
    const put = await send(server, { action: `${WXF}/Put`, resource, keys: LIST_KEYS, body });
    expect(put.text).toContain('<p:Description>changed</p:Description>');
  });

  it('invokes without a body, with an option without a value', async () => {
    const service = `${CLASS}NWG_FilterService`;
    const { text } = await send(await run(), {
      action: `${service}/VerifyHost`,
      resource: service,
    });
    expect(text).toContain('<n1:ReturnValue>0</n1:ReturnValue>');
    const shown = await send(await run(), {
      action: `${WXF}/Get`,
      resource: service,
      headers: '<wsman:OptionSet><wsman:Option Name="ShowExtensions"/></wsman:OptionSet>',
    });
    expect(shown.text).toContain('<p:Name cim:Key="true">nwgate</p:Name>');
  });

  it.each([
    ['associators', 'AssociatedInstances', ['no-smtp:1a2b']],
    ['references', 'AssociationInstances', []],
  ])('%s', async (_, kind, names) => {
    const object = `<wsmb:Object><wsa:Address>${WSA}/role/anonymous</wsa:Address><wsa:ReferenceParameters><wsman:ResourceURI>${resource}</wsman:ResourceURI><wsman:SelectorSet>${selectorsOf('wsman', LIST_KEYS)}</wsman:SelectorSet></wsa:ReferenceParameters></wsmb:Object>`;
    const body = `<wsen:Enumerate><wsman:OptimizeEnumeration/><wsman:MaxElements>50</wsman:MaxElements><wsman:Filter Dialect="http://schemas.dmtf.org/wbem/wsman/1/cimbinding/associationFilter"><wsmb:${kind}>${object}</wsmb:${kind}></wsman:Filter></wsen:Enumerate>`;
    const { text } = await send(await run(), { action: `${WSEN}/Enumerate`, resource: ALL, body });
    expect(namesIn(text)).toEqual(names);
    expect(text).toContain(
      kind === 'AssociatedInstances' ? 'NWG_IPHeadersFilter' : 'NWG_EntriesInFilterList',
    );
  });

  it('subscribes with ReferenceProperties, renews and unsubscribes by the identifier alone', async () => {
    const server = await run();
    const sink = await startSink();
    const body = `<wse:Subscribe><wse:EndTo><wsa:Address>${sink.url}</wsa:Address></wse:EndTo><wse:Delivery Mode="${WSE}/DeliveryModes/Push"><wse:NotifyTo><wsa:Address>${sink.url}</wsa:Address><wsa:ReferenceProperties><wse:Identifier>uuid:mine</wse:Identifier></wsa:ReferenceProperties></wse:NotifyTo><wsman:Heartbeats>PT60.000000S</wsman:Heartbeats></wse:Delivery><wse:Expires>PT600.000000S</wse:Expires></wse:Subscribe>`;
    const indications = `${DMTF}CIM_InstCreation`;
    const { text } = await send(server, { action: `${WSE}/Subscribe`, resource: indications, body });
    expect(text).toContain('<wse:Expires>PT10M</wse:Expires>');
    happen(server.objects, 'web');
    const [event] = await sink.reached(1);
    expect(event!.text).toContain('uuid:mine');
    expect(eventNames(event!.text)).toEqual(['web']);
    const headers = `<wse:Identifier>${/<wse:Identifier>([^<]+)</.exec(text)?.[1]}</wse:Identifier>`;
    const renew = '<wse:Renew><wse:Expires>PT1200.000000S</wse:Expires></wse:Renew>';
    const renewed = await send(server, { action: `${WSE}/Renew`, headers, body: renew });
    expect(renewed.text).toContain('<wse:Expires>PT20M</wse:Expires>');
    const ended = await send(server, { action: `${WSE}/Unsubscribe`, headers, body: '<wse:Unsubscribe/>' });
    expect(ended.status).toBe(200);
  });

  it('gets a clean answer to an action of its own intrinsic namespace', async () => {
    const intrinsic = 'http://schemas.openwsman.org/wbem/wscim/1/intrinsic';
    const { status, text } = await send(await run(), {
      action: `${intrinsic}/NWG_FilterList/GetClass`,
      resource: `${intrinsic}/NWG_FilterList`,
    });
    expect([status, faultIn(text)]).toEqual([400, 'wsa:ActionNotSupported']);
  });
});

describe('python-dracclient', () => {
  const envelope = (action: string, body: string) =>
    `<ns0:Envelope xmlns:ns0="http://www.w3.org/2003/05/soap-envelope" xmlns:ns1="${WSA}" xmlns:ns2="${WSMAN}" xmlns:ns3="${WSEN}"><ns0:Header><ns1:To ns0:mustUnderstand="true">https://host/wsman</ns1:To><ns2:ResourceURI ns0:mustUnderstand="true">${CLASS}NWG_FilterList</ns2:ResourceURI><ns1:MessageID ns0:mustUnderstand="true">uuid:1</ns1:MessageID><ns1:ReplyTo><ns1:Address>${WSA}/role/anonymous</ns1:Address></ns1:ReplyTo><ns1:Action ns0:mustUnderstand="true">${action}</ns1:Action></ns0:Header><ns0:Body>${body}</ns0:Body></ns0:Envelope>`;

  it('finds its batches where it looks for them: first in wsman:Items, then in wsen:Items', async () => {
    const server = await run();
    const filter =
      '<ns2:Filter Dialect="http://schemas.dmtf.org/wbem/cql/1/dsp0202.pdf">select Name from NWG_FilterList</ns2:Filter>';
    const body = `<ns3:Enumerate>${filter}<ns2:OptimizeEnumeration/><ns2:MaxElements>2</ns2:MaxElements></ns3:Enumerate>`;
    const type = { 'Content-Type': '' };
    const first = await post(server, envelope(`${WSEN}/Enumerate`, body), type);
    expect(first.text).toMatch(/<wsman:Items>.*no-smtp/s);
    const pull = `<ns3:Pull><ns3:EnumerationContext>${contextIn(first.text)}</ns3:EnumerationContext><ns2:MaxElements>100</ns2:MaxElements></ns3:Pull>`;
    const second = await post(server, envelope(`${WSEN}/Pull`, pull), type);
    expect(second.text).toMatch(/<wsen:Items>.*clean-traffic/s);
    expect(contextIn(second.text)).toBeUndefined();
  });
});

describe('the AMT toolkits', () => {
  /** Default namespace for SOAP, a relative To, integers for ids, nothing mustUnderstand. */
  const envelope = (action: string, resource: string, body: string, id = 0) =>
    `<?xml version="1.0" encoding="utf-8"?><Envelope xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:a="${WSA}" xmlns:w="${WSMAN}" xmlns="http://www.w3.org/2003/05/soap-envelope"><Header><a:Action>${action}</a:Action><a:To>/wsman</a:To><w:ResourceURI>${resource}</w:ResourceURI><a:MessageID>${id}</a:MessageID><a:ReplyTo><a:Address>${WSA}/role/anonymous</a:Address></a:ReplyTo><w:OperationTimeout>PT60S</w:OperationTimeout></Header><Body>${body}</Body></Envelope>`;

  it('pull 999 elements of 99999 characters, with the same ids again and again', async () => {
    const server = await run();
    const resource = `${CLASS}NWG_FilterList`;
    const opened = await post(
      server,
      envelope(`${WSEN}/Enumerate`, resource, `<Enumerate xmlns="${WSEN}"/>`),
    );
    const pull = `<Pull xmlns="${WSEN}"><EnumerationContext>${contextIn(opened.text)}</EnumerationContext><MaxElements>999</MaxElements><MaxCharacters>99999</MaxCharacters></Pull>`;
    const pulled = await post(server, envelope(`${WSEN}/Pull`, resource, pull));
    expect(namesIn(pulled.text)).toHaveLength(3);
    expect(pulled.text).toContain('<wsa:RelatesTo>0</wsa:RelatesTo>');
  });

  it('call a method with its own prefix', async () => {
    const server = await run();
    const service = `${CLASS}NWG_FilterService`;
    const body = `<h:RemoveFilterList_INPUT xmlns:h="${service}"><h:Port>tap0</h:Port></h:RemoveFilterList_INPUT>`;
    const { text } = await post(server, envelope(`${service}/RemoveFilterList`, service, body, 7));
    expect(text).toContain('<n1:ReturnValue>0</n1:ReturnValue>');
  });
});
