/** Filters, destinations and subscriptions as instances of root/interop, over HTTP and the real object manager. */
import { describe, expect, it } from 'vitest';
import type { Changed } from '../../src/app/changes.js';
import { fakeGateway, filter, HOST, world } from '../app/objects-world.js';
import { faultIn, invalidIn } from './messages.js';
import { basic, envelope, post, type Running, run, WSEN, WXF } from './running.js';
import { startSink } from './sinks.js';
import { ALL, DMTF, manage, subscribe, subscribeMessage, WQL } from './subscribing.js';

const INTEROP = { __cimnamespace: 'root/interop' };
const BOB = { Authorization: basic('bob') };

/** A server whose gateway has changed when `change` is called. */
async function open() {
  let tell: (change: Changed) => void = () => undefined;
  const gateway = {
    ...fakeGateway([]),
    onChange: (listener: (change: Changed) => void) => {
      tell = listener;
      return () => undefined;
    },
  };
  const server = await run({ objects: world(gateway).objects });
  const change = (name: string) =>
    tell({ filters: new Map([[name, { before: undefined, after: filter(name) }]]), bindings: new Map() });
  return { server, change };
}

const filterKeys = (name: string) => ({
  ...INTEROP,
  SystemCreationClassName: 'NWG_HostSystem',
  SystemName: HOST,
  CreationClassName: 'CIM_IndicationFilter',
  Name: name,
});
const CREATIONS = filterKeys('nwgate:CIM_InstCreation');
const stored = { resource: `${DMTF}CIM_IndicationFilter`, selectors: CREATIONS };

/** All instances of a class in root/interop. */
async function list(server: Running, name: string, more = ''): Promise<string> {
  const { text } = await post(
    server,
    envelope({
      action: `${WSEN}/Enumerate`,
      resource: `${DMTF}${name}`,
      selectors: INTEROP,
      body: `<e:Enumerate><w:OptimizeEnumeration/><w:MaxElements>99</w:MaxElements>${more}</e:Enumerate>`,
    }),
  );
  return text;
}

const values = (text: string, name: string) =>
  [...text.matchAll(new RegExp(`<p:${name}>([^<]*)<`, 'g'))].map(([, value]) => value);

/** The references of all subscriptions, with the prefixes of our own messages. */
async function references(server: Running): Promise<readonly string[]> {
  const text = await list(
    server,
    'CIM_IndicationSubscription',
    '<w:EnumerationMode>EnumerateEPR</w:EnumerationMode>',
  );
  return [
    ...text.matchAll(/<wsa:EndpointReference>.*?<\/wsa:EndpointReference>(?=<wsa:E|<\/wsman:Items)/gs),
  ].map(([epr]) => epr.replaceAll('wsa:', 'a:').replaceAll('wsman:', 'w:'));
}

/** Deletes what a reference names, as clients do: its resource and selectors become headers. */
const remove = (server: Running, epr: string, user = {}) =>
  post(
    server,
    envelope({
      action: `${WXF}/Delete`,
      headers: /<a:ReferenceParameters>(.*)<\/a:ReferenceParameters>/s.exec(epr)![1]!,
    }),
    user,
  );

const CLASSES = [
  'CIM_IndicationFilter',
  'CIM_ListenerDestinationWSManagement',
  'CIM_IndicationSubscription',
] as const;

describe('filters', () => {
  it('are there for every class that is sent', async () => {
    const { server } = await open();
    const text = await list(server, 'CIM_IndicationFilter');
    expect(values(text, 'Query')).toEqual([
      'SELECT * FROM CIM_InstCreation',
      'SELECT * FROM CIM_InstModification',
      'SELECT * FROM CIM_InstDeletion',
      'SELECT * FROM NWG_HostAlert',
    ]);
    expect(new Set(values(text, 'QueryLanguage'))).toEqual(new Set(['DMTF:CQL']));
    expect(new Set(values(text, 'SourceNamespaces'))).toEqual(new Set(['root/nwgate']));
  });

  it('are what a subscription may name', async () => {
    const { server, change } = await open();
    const sink = await startSink();
    await subscribe(server, { ...stored, to: sink.url });
    change('web');
    const [event] = await sink.reached(1);
    expect(event!.text).toContain('<p:CIM_InstCreation');
    const subscriptions = await list(server, 'CIM_IndicationSubscription');
    expect(subscriptions).toContain('<wsman:Selector Name="Name">nwgate:CIM_InstCreation</wsman:Selector>');
    expect(values(await list(server, 'CIM_IndicationFilter'), 'Name')).toHaveLength(4);
  });

  it('of another subscription are copied', async () => {
    const { server } = await open();
    const query = "SELECT * FROM CIM_InstCreation WHERE SourceInstance.Name = 'b'";
    const first = await subscribe(server, { mode: 'pull', resource: ALL, query });
    const second = await subscribe(server, { ...stored, mode: 'pull', selectors: filterKeys(first.id) });
    await manage(server, 'Unsubscribe', first.id);
    const text = await list(server, 'CIM_IndicationFilter');
    expect(values(text, 'Name').at(-1)).toBe(second.id);
    expect(values(text, 'Query').at(-1)).toBe(query);
    expect(values(text, 'QueryLanguage').at(-1)).toBe('WQL');
  });

  it.each([
    ['a filter beside it', { ...stored, query: 'SELECT * FROM CIM_InstCreation' }, 'wsman:InvalidParameter'],
    ['one that is not there', { ...stored, selectors: filterKeys('nothing') }, 'wsa:DestinationUnreachable'],
    ['no keys', { ...stored, selectors: INTEROP }, 'wsman:InvalidSelectors InsufficientSelectors'],
    [
      'the other namespace',
      { ...stored, selectors: { ...CREATIONS, __cimnamespace: 'root/nwgate' } },
      'wsa:DestinationUnreachable InvalidResourceURI',
    ],
  ])('are not subscribed to with %s', async (_, how, fault) => {
    const { server } = await open();
    const { status, text } = await post(server, subscribeMessage({ mode: 'pull', ...how }));
    expect([status, faultIn(text)]).toEqual([400, fault]);
  });
});

describe('a subscription', () => {
  it('is three instances while it lives, each valid', async () => {
    const { server } = await open();
    const [sink, end] = [await startSink(), await startSink()];
    const { id } = await subscribe(server, {
      mode: 'events',
      to: sink.url,
      endTo: end.url,
      delivery: '<w:Heartbeats>PT60S</w:Heartbeats><w:MaxTime>PT1.5S</w:MaxTime>',
      more: '<v:Expires>PT10M</v:Expires>',
    });
    const destination = await list(server, 'CIM_ListenerDestination');
    for (const expected of [
      `<p:Name>${id}<`,
      '<p:ElementName>ann<',
      `<p:Destination>${sink.url}<`,
      `<p:DestinationEndTo>${end.url}<`,
      '<p:DeliveryMode>4<',
      '<p:Heartbeat>60<',
      '<p:MaxTime>2<',
      '<p:Protocol>4<',
      '<p:PersistenceType>3<',
      '<p:ContentEncoding>UTF-8<',
    ])
      expect(destination).toContain(expected);
    const filters = await list(server, 'CIM_IndicationFilter');
    expect([values(filters, 'Name').at(-1), values(filters, 'Query').at(-1)]).toEqual([
      id,
      'SELECT * FROM CIM_InstIndication',
    ]);
    const subscription = await list(server, 'CIM_AbstractIndicationSubscription');
    expect(values(subscription, 'SubscriptionDuration')).toEqual(['600']);
    expect(values(subscription, 'SubscriptionState')).toEqual(['2']);
    expect(subscription).toMatch(/<p:SubscriptionTimeRemaining>(600|59\d)</);
    for (const name of CLASSES) expect(invalidIn(await list(server, name))).toEqual([]);

    await manage(server, 'Unsubscribe', id);
    for (const name of CLASSES) expect(await list(server, name)).not.toContain(id);
  });

  it('of mode Pull has nowhere to go', async () => {
    const { server } = await open();
    await subscribe(server, { mode: 'pull' });
    const text = await list(server, 'CIM_ListenerDestination');
    expect(values(text, 'Destination')).toEqual([
      'http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous',
    ]);
    expect(values(text, 'DeliveryMode')).toEqual(['5']);
    expect(values(text, 'DestinationEndTo')).toEqual([]);
  });

  it('is walked from its filter to its destination', async () => {
    const { server } = await open();
    const { id } = await subscribe(server, { ...stored, mode: 'pull' });
    const selectors = Object.entries(CREATIONS).map(
      ([name, value]) => `<w:Selector Name="${name}">${value}</w:Selector>`,
    );
    const object = `<b:Object><a:Address>x</a:Address><a:ReferenceParameters><w:ResourceURI>${DMTF}CIM_IndicationFilter</w:ResourceURI><w:SelectorSet>${selectors.join('')}</w:SelectorSet></a:ReferenceParameters></b:Object>`;
    const text = await list(
      server,
      'CIM_ListenerDestination',
      `<w:Filter Dialect="http://schemas.dmtf.org/wbem/wsman/1/cimbinding/associationFilter"><b:AssociatedInstances>${object}<b:AssociationClassName>CIM_IndicationSubscription</b:AssociationClassName><b:Role>Filter</b:Role><b:ResultRole>Handler</b:ResultRole></b:AssociatedInstances></w:Filter>`,
    );
    expect(values(text, 'Name')).toEqual([id]);
  });

  it('ends when its owner deletes it, and hears nothing of that', async () => {
    const { server } = await open();
    const end = await startSink();
    const { id } = await subscribe(server, { mode: 'pull', endTo: end.url });
    const [epr] = await references(server);
    expect((await remove(server, epr!)).status).toBe(200);
    expect((await manage(server, 'GetStatus', id)).text).toContain('DestinationUnreachable');
    expect(end.received).toHaveLength(0);
    expect(faultIn((await remove(server, epr!)).text)).toBe('wsa:DestinationUnreachable');
  });

  it('ends when an admin deletes it, and is told; another reader may not', async () => {
    const { server } = await open();
    const end = await startSink();
    const message = subscribeMessage({ mode: 'pull', endTo: end.url });
    expect((await post(server, message, BOB)).status).toBe(200);
    await subscribe(server, { mode: 'pull' });
    const [bobs, anns] = await references(server);
    const refused = await remove(server, anns!, BOB);
    expect([refused.status, faultIn(refused.text)]).toEqual([400, 'wsman:AccessDenied']);
    expect((await remove(server, bobs!)).status).toBe(200);
    const [farewell] = await end.reached(1);
    expect(farewell!.text).toContain('SourceCancelling');
    expect(await references(server)).toEqual([anns]);
  });

  it('is made by Subscribe, and its parts go with it only', async () => {
    const { server } = await open();
    const { id } = await subscribe(server, {
      mode: 'pull',
      resource: ALL,
      query: 'SELECT * FROM CIM_Indication',
      dialect: WQL,
    });
    const refused = async (action: string, selectors: Record<string, string>, body = '') =>
      faultIn(
        (
          await post(
            server,
            envelope({ action: `${WXF}/${action}`, resource: stored.resource, selectors, body }),
          )
        ).text,
      );
    expect(await refused('Delete', filterKeys(id))).toBe('wsa:ActionNotSupported ActionMismatch');
    expect(await refused('Delete', CREATIONS)).toBe('wsa:ActionNotSupported ActionMismatch');
    const made = `<n:CIM_IndicationFilter xmlns:n="${DMTF}CIM_IndicationFilter"><n:Query>x</n:Query></n:CIM_IndicationFilter>`;
    expect(await refused('Create', INTEROP, made)).toBe('wsa:ActionNotSupported ActionMismatch');
  });
});
