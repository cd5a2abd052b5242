/** Subscribe: what a subscription is about, and which ones are refused. */
import { describe, expect, it } from 'vitest';
import { basic, post, run } from './running.js';
import { startSink } from './sinks.js';
import { ALL, DMTF, happen, manage, namesIn, quiet, subscribe, subscribeMessage } from './subscribing.js';

describe('what a subscription is about', () => {
  it.each([
    ['the class of the resource', { resource: `${DMTF}CIM_InstCreation` }, ['a', 'b']],
    ['no other class', { resource: `${DMTF}CIM_InstDeletion` }, []],
    ['alerts', { resource: `${DMTF}CIM_AlertIndication` }, []],
    [
      'a query',
      { resource: ALL, query: "SELECT * FROM CIM_InstCreation WHERE SourceInstance.Name = 'b'" },
      ['b'],
    ],
    [
      'a class in a query',
      { resource: ALL, query: 'SELECT * FROM CIM_InstCreation WHERE SourceInstance ISA NWG_FilterList' },
      ['a', 'b'],
    ],
    [
      'another class in a query',
      { resource: ALL, query: "SELECT * FROM CIM_InstIndication WHERE SourceInstance ISA 'CIM_NetworkPort'" },
      [],
    ],
    ['another namespace', { selectors: { __cimnamespace: 'root/interop' } }, []],
  ] as const)('is %s', async (_, how, wanted) => {
    const server = await run();
    const [sink, all] = [await startSink(), await startSink()];
    await subscribe(server, { ...how, to: sink.url });
    await subscribe(server, { to: all.url });
    happen(server.objects, 'a', 'b');
    await Promise.all([sink.reached(wanted.length), all.reached(2)]);
    expect(sink.received.flatMap(({ text }) => namesIn(text))).toEqual(wanted);
  });

  it('may be some properties', async () => {
    const server = await run();
    const sink = await startSink();
    await subscribe(server, {
      resource: ALL,
      query: 'SELECT SourceInstanceModelPath FROM CIM_InstCreation',
      to: sink.url,
    });
    happen(server.objects, 'a');
    const [event] = await sink.reached(1);
    expect(event!.text).toContain('SourceInstanceModelPath');
    expect(event!.text).not.toContain('<p:SourceInstance ');
    expect(event!.text).not.toContain('IndicationTime');
  });

  it('is watched for only while there is somebody', async () => {
    const server = await run();
    const sink = await startSink();
    expect(server.objects.listeners.size).toBe(0);
    const { id } = await subscribe(server, { to: sink.url });
    await subscribe(server, { mode: 'pull', more: '' });
    expect(server.objects.listeners.size).toBe(1);
    await manage(server, 'Unsubscribe', id);
    expect(server.objects.listeners.size).toBe(1);
    await server.server.close();
    expect(server.objects.listeners.size).toBe(0);
  });
});

describe('refusals', () => {
  const to = 'http://127.0.0.1:9/';
  it.each([
    ['a strange address', { to: 'http://192.0.2.7/events' }, 'EventDeliverToUnusable', 'UnusableAddress'],
    ['a file', { to: 'file:///etc/passwd' }, 'EventDeliverToUnusable', 'UnusableAddress'],
    [
      'credentials in the address',
      { to: 'http://a:b@127.0.0.1/' },
      'EventDeliverToUnusable',
      'UnusableAddress',
    ],
    ['a strange EndTo', { to, endTo: 'http://192.0.2.7/' }, 'EventDeliverToUnusable', 'UnusableAddress'],
    ['nobody to notify', {}, 'wse:InvalidMessage', 'MissingValues'],
    ['bookmarks', { to, more: '<w:SendBookmarks/>' }, 'UnsupportedFeature', 'Bookmarks'],
    ['all classes without a filter', { to, resource: ALL }, 'wse:InvalidMessage', ''],
    [
      'an unknown dialect',
      { to, query: 'x', dialect: 'urn:x' },
      'FilteringRequestedUnavailable',
      'SupportedDialect',
    ],
    ['a broken query', { to, query: 'SELECT' }, 'CannotProcessFilter', ''],
    [
      'a query for a property that is not',
      { to, query: 'SELECT * FROM CIM_InstIndication WHERE Colour = 1' },
      'CannotProcessFilter',
      '',
    ],
    [
      'a query for another class',
      { to, query: 'SELECT * FROM CIM_InstDeletion' },
      'EventSourceUnableToProcess',
      '',
    ],
    [
      'a query for no indication',
      { to, resource: ALL, query: 'SELECT * FROM NWG_FilterList' },
      'EventSourceUnableToProcess',
      '',
    ],
    ['a class of things', { to, resource: `${DMTF}CIM_FilterList` }, 'ActionNotSupported', 'ActionMismatch'],
    [
      'an unknown class',
      { to, resource: `${DMTF}CIM_Nothing` },
      'DestinationUnreachable',
      'InvalidResourceURI',
    ],
    ['keys', { to, selectors: { Name: 'x' } }, 'InvalidSelectors', 'UnexpectedSelectors'],
    [
      'an encoding',
      { to, delivery: '<w:ContentEncoding>EBCDIC</w:ContentEncoding>' },
      'EncodingLimit',
      'CharacterSet',
    ],
    [
      'a moment that is over',
      { to, more: '<v:Expires>2001-01-01T00:00:00Z</v:Expires>' },
      'wse:InvalidExpirationTime',
      'ExpirationTime',
    ],
  ] as const)('%s', async (_, how, subcode, detail) => {
    const server = await run();
    const { status, text } = await post(server, subscribeMessage(how));
    expect(status).toBe(400);
    expect(text).toContain(subcode);
    expect(text).toContain(detail);
    expect(server.objects.listeners.size).toBe(0);
  });

  it('too many of one user, while others may', async () => {
    const server = await run();
    for (let index = 0; index < 16; index += 1) await subscribe(server, { mode: 'pull' });
    expect((await post(server, subscribeMessage({ mode: 'pull' }))).text).toContain('QuotaLimit');
    const bob = await post(server, subscribeMessage({ mode: 'pull' }), { Authorization: basic('bob') });
    expect(bob.status).toBe(200);
  });
});

describe('a user who is removed', () => {
  it('is told of nothing more, and others are', async () => {
    const users = new Set(['ann', 'bob']);
    const server = await run({
      limits: { sweep: 20 },
      userNamed: async (name) => (users.has(name) ? { name, role: 'reader' } : undefined),
    });
    const end = await startSink();
    const [mine, theirs] = [await startSink(), await startSink()];
    await subscribe(server, { to: mine.url, endTo: end.url });
    const bob = { Authorization: basic('bob') };
    expect((await post(server, subscribeMessage({ to: theirs.url }), bob)).status).toBe(200);
    await quiet();
    expect(end.received).toHaveLength(0);
    users.delete('ann');
    const [farewell] = await end.reached(1);
    expect(farewell!.text).toContain('SourceCancelling');
    happen(server.objects, 'web');
    await theirs.reached(1);
    expect(mine.received).toHaveLength(0);
  });
});
