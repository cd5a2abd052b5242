/** Subscriptions over HTTP with real subscribers on loopback. */
import { describe, expect, it } from 'vitest';
import { basic, envelope, post, run, WSEN } from './running.js';
import { accept, ack, acknowledge, startSink } from './sinks.js';
import { ALL, DMTF, happen, manage, namesIn, subscribe, subscribeMessage } from './subscribing.js';

const RETRY = '<w:ConnectionRetry Total="3">PT0.05S</w:ConnectionRetry>';
const quiet = () => new Promise((resolve) => setTimeout(resolve, 120));

describe('delivery', () => {
  it('pushes an event with the parameters of NotifyTo, of both kinds, as headers', async () => {
    const server = await run();
    const sink = await startSink();
    await subscribe(server, {
      to: sink.url,
      parameters:
        '<a:ReferenceProperties><x:Old xmlns:x="urn:x">1</x:Old></a:ReferenceProperties><a:ReferenceParameters><x:New xmlns:x="urn:x">2</x:New></a:ReferenceParameters>',
    });
    happen(server.objects, 'web');
    const [event] = await sink.reached(1);
    expect(event!.action).toBe('http://schemas.dmtf.org/wbem/wsman/1/wsman/Event');
    expect(event!.headers['content-type']).toBe('application/soap+xml;charset=UTF-8');
    expect(event!.text).toMatch(/<s:Header[^>]*>.*<\w+:Old[^>]*>1<.*<\w+:New[^>]*>2<.*<\/s:Header>/);
    expect(event!.text).not.toContain('AckRequested');
    expect(event!.text).toContain('<p:CIM_InstCreation');
    expect(namesIn(event!.text)).toEqual(['web']);
  });

  it('sends in the order of the events, one at a time', async () => {
    const server = await run();
    const names = Array.from({ length: 40 }, (_, index) => `list${index}`);
    let open = 0;
    let most = 0;
    const sink = await startSink((message, response) => {
      open += 1;
      most = Math.max(most, open);
      setTimeout(() => {
        open -= 1;
        acknowledge(message, response, 0);
      }, 1);
    });
    await subscribe(server, { mode: 'pushWithAck', to: sink.url });
    happen(server.objects, ...names);
    const messages = await sink.reached(names.length);
    expect(messages.flatMap(({ text }) => namesIn(text))).toEqual(names);
    expect(most).toBe(1);
  });

  it('takes the acknowledgement with the action of openwsman, and no other', async () => {
    const server = await run();
    const slip = 'http://schemas.xmlsoap.org/wbmem/wsman/1/wsman/Ack';
    const answers = [ack('uuid:other'), ack('ID', 'urn:other'), '', '<not', ack('ID', slip), ack('ID')];
    const sink = await startSink(
      ({ messageId }, response, count) =>
        void response.writeHead(200).end((answers[count - 1] ?? ack('ID')).replace('ID', messageId)),
    );
    await subscribe(server, {
      mode: 'pushWithAck',
      to: sink.url,
      delivery: '<w:ConnectionRetry Total="9">PT0.01S</w:ConnectionRetry>',
    });
    happen(server.objects, 'first', 'second');
    const messages = await sink.reached(6);
    expect(messages.flatMap(({ text }) => namesIn(text))).toEqual([...Array(5).fill('first'), 'second']);
    expect(new Set(messages.slice(0, 5).map(({ messageId }) => messageId)).size).toBe(1);
    expect(messages[5]!.messageId).not.toBe(messages[0]!.messageId);
  });

  it('sends batches in mode Events, no larger than asked for', async () => {
    const server = await run();
    const sink = await startSink(acknowledge);
    await subscribe(server, {
      mode: 'events',
      to: sink.url,
      delivery: '<w:MaxElements>3</w:MaxElements><w:MaxTime>PT0.05S</w:MaxTime>',
    });
    happen(server.objects, 'a', 'b', 'c', 'd', 'e');
    const messages = await sink.reached(2);
    expect(messages.map(({ text }) => namesIn(text))).toEqual([
      ['a', 'b', 'c'],
      ['d', 'e'],
    ]);
    expect(messages[0]!.action).toBe('http://schemas.dmtf.org/wbem/wsman/1/wsman/Events');
    expect(messages[0]!.text).toContain('<wsman:AckRequested/>');
  });

  it('follows no redirect, and ends a subscription that cannot be served', async () => {
    const server = await run();
    const other = await startSink();
    const end = await startSink();
    const sink = await startSink(
      (_message, response) => void response.writeHead(307, { Location: other.url }).end(),
    );
    const { id } = await subscribe(server, { to: sink.url, endTo: end.url, delivery: RETRY });
    happen(server.objects, 'web');
    const [farewell] = await end.reached(1);
    expect(farewell!.text).toContain('DeliveryFailure');
    expect(farewell!.text).toContain(`<wse:Identifier>${id}</wse:Identifier>`);
    expect(sink.received).toHaveLength(4);
    expect(other.received).toHaveLength(0);
    expect((await manage(server, 'GetStatus', id)).text).toContain('DestinationUnreachable');
  });

  it('ends without a word when the subscriber refuses', async () => {
    const server = await run();
    const end = await startSink();
    const sink = await startSink(
      (_message, response) =>
        void response
          .writeHead(500)
          .end(
            '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body><s:Fault><s:Code><s:Value>s:Receiver</s:Value><s:Subcode><s:Value xmlns:w="http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd">w:DeliveryRefused</s:Value></s:Subcode></s:Code></s:Fault></s:Body></s:Envelope>',
          ),
    );
    const { id } = await subscribe(server, { to: sink.url, endTo: end.url, delivery: RETRY });
    happen(server.objects, 'web');
    await sink.reached(1);
    await quiet();
    expect(sink.received).toHaveLength(1);
    expect(end.received).toHaveLength(0);
    expect((await manage(server, 'Unsubscribe', id)).text).toContain('DestinationUnreachable');
  });

  it('serves the others while one is dead and one is slow', async () => {
    const server = await run();
    const dead = await startSink();
    await dead.close();
    const slow = await startSink(() => undefined);
    const good = await startSink();
    for (const { url } of [dead, slow, good]) await subscribe(server, { to: url });
    happen(server.objects, 'a', 'b', 'c');
    const messages = await good.reached(3);
    expect(messages.flatMap(({ text }) => namesIn(text))).toEqual(['a', 'b', 'c']);
    expect(slow.received.length).toBeLessThan(2);
  });

  it('tries again when a subscriber comes back', async () => {
    const server = await run();
    const sink = await startSink((message, response, count) =>
      count < 3 ? void response.destroy() : accept(message, response, count),
    );
    await subscribe(server, { to: sink.url, delivery: RETRY });
    happen(server.objects, 'a', 'b');
    const messages = await sink.reached(4);
    expect(messages.flatMap(({ text }) => namesIn(text))).toEqual(['a', 'a', 'a', 'b']);
  });

  it('writes UTF-16 where that is wanted', async () => {
    const server = await run();
    const sink = await startSink();
    await subscribe(server, { to: sink.url, delivery: '<w:ContentEncoding>utf-16</w:ContentEncoding>' });
    happen(server.objects, 'wäb');
    const [event] = await sink.reached(1);
    expect(event!.headers['content-type']).toContain('UTF-16');
    expect(namesIn(event!.text)).toEqual(['wäb']);
  });

  it('says when events were too large', async () => {
    const server = await run();
    const sink = await startSink();
    await subscribe(server, { to: sink.url, delivery: '<w:MaxEnvelopeSize>8192</w:MaxEnvelopeSize>' });
    happen(server.objects, 'a', 'x'.repeat(9000), 'y'.repeat(9000), 'b');
    const messages = await sink.reached(3);
    expect(namesIn(messages[0]!.text)).toEqual(['a']);
    expect(messages[1]!.text).toMatch(/<wsman:DroppedEvents Action="[^"]+\/DroppedEvents">2</);
    expect(messages[1]!.action).toMatch(/\/DroppedEvents$/);
    expect(namesIn(messages[2]!.text)).toEqual(['b']);
  });

  it('ends the subscription instead where that is wanted', async () => {
    const server = await run();
    const [sink, end] = [await startSink(), await startSink()];
    const size = '<w:MaxEnvelopeSize Policy="CancelSubscription">8192</w:MaxEnvelopeSize>';
    await subscribe(server, { to: sink.url, endTo: end.url, delivery: size });
    happen(server.objects, 'x'.repeat(9000));
    const [farewell] = await end.reached(1);
    expect(farewell!.text).toContain('SourceCancelling');
  });

  it('says farewell when the server stops, and to nobody else', async () => {
    const server = await run();
    const [sink, end] = [await startSink(), await startSink()];
    const { id } = await subscribe(server, { to: sink.url, endTo: end.url });
    await subscribe(server, { to: sink.url });
    await server.server.close();
    expect(end.received).toHaveLength(1);
    expect(end.received[0]!.action).toBe('http://schemas.xmlsoap.org/ws/2004/08/eventing/SubscriptionEnd');
    expect(end.received[0]!.text).toContain('SourceShuttingDown');
    expect(end.received[0]!.text).toContain(id);
    expect(sink.received).toHaveLength(0);
  });
});

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
      '',
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

describe('managing', () => {
  it('renews, tells what is left, and ends', async () => {
    const server = await run();
    const sink = await startSink();
    const { id } = await subscribe(server, { to: sink.url, more: '<v:Expires>PT10M</v:Expires>' });
    expect((await manage(server, 'GetStatus', id)).text).toMatch(/<wse:Expires>PT(10M|9M\d)/);
    const renewed = await manage(server, 'Renew', id, '<v:Expires>PT2H</v:Expires>');
    expect(renewed.text).toContain('<wse:RenewResponse');
    expect(renewed.text).toMatch(/<wse:Expires>PT(2H|1H59M)/);
    expect((await manage(server, 'Unsubscribe', id)).text).toContain('UnsubscribeResponse');
    happen(server.objects, 'a');
    await quiet();
    expect(sink.received).toHaveLength(0);
    expect((await manage(server, 'Renew', id)).text).toContain('UnableToRenew');
  });

  it('needs the identifier, and the user it belongs to', async () => {
    const server = await run();
    const { id } = await subscribe(server, { mode: 'pull' });
    expect((await manage(server, 'Unsubscribe', undefined)).text).toContain('wse:InvalidMessage');
    const bob = { Authorization: basic('bob') };
    expect((await manage(server, 'Unsubscribe', id, '', bob)).text).toContain('AccessDenied');
    expect((await manage(server, 'Unsubscribe', id)).status).toBe(200);
  });

  it('ends by itself when its time is over', async () => {
    const server = await run();
    const { id } = await subscribe(server, { mode: 'pull', more: '<v:Expires>PT0.05S</v:Expires>' });
    await quiet();
    expect((await manage(server, 'GetStatus', id)).text).toContain('DestinationUnreachable');
    expect(server.objects.listeners.size).toBe(0);
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

describe('pulling', () => {
  const pull = (context: string | undefined, more = '') =>
    envelope({
      action: `${WSEN}/Pull`,
      resource: `${DMTF}CIM_InstIndication`,
      body: `<e:Pull><e:EnumerationContext>${context}</e:EnumerationContext>${more}</e:Pull>`,
    });

  it('gives what has happened, as much as is wanted, and goes on', async () => {
    const server = await run();
    const { context } = await subscribe(server, { mode: 'pull' });
    happen(server.objects, 'a', 'b', 'c');
    const first = await post(server, pull(context, '<e:MaxElements>2</e:MaxElements>'));
    expect(namesIn(first.text)).toEqual(['a', 'b']);
    expect(first.text).toContain(`<wsen:EnumerationContext>${context}</wsen:EnumerationContext>`);
    expect(first.text).not.toContain('EndOfSequence');
    expect(namesIn((await post(server, pull(context))).text)).toEqual(['c']);
  });

  it('waits for an event, and not for ever', async () => {
    const server = await run();
    const { context } = await subscribe(server, { mode: 'pull' });
    const waiting = post(server, pull(context));
    await quiet();
    expect((await post(server, pull(context))).text).toContain('Concurrency');
    happen(server.objects, 'late');
    expect(namesIn((await waiting).text)).toEqual(['late']);
    const nothing = await post(server, pull(context, '<e:MaxTime>PT0.05S</e:MaxTime>'));
    expect(nothing.status).toBe(500);
    expect(nothing.text).toContain('wsman:TimedOut');
  });

  it('answers a heartbeat with nothing', async () => {
    const server = await run();
    const heartbeat = '<w:Heartbeats>PT1S</w:Heartbeats>';
    const { context } = await subscribe(server, { mode: 'pull', delivery: heartbeat });
    const { status, text } = await post(server, pull(context));
    expect(status).toBe(200);
    expect(text).toContain('<wsen:Items/>');
  });

  it('ends with Release, with Unsubscribe, and a waiting Pull with it', async () => {
    const server = await run();
    const [one, two] = [await subscribe(server, { mode: 'pull' }), await subscribe(server, { mode: 'pull' })];
    const body = `<e:Release><e:EnumerationContext>${one.context}</e:EnumerationContext></e:Release>`;
    const release = envelope({ action: `${WSEN}/Release`, resource: `${DMTF}CIM_InstIndication`, body });
    expect((await post(server, release)).status).toBe(200);
    expect((await manage(server, 'GetStatus', one.id)).text).toContain('DestinationUnreachable');
    const waiting = post(server, pull(two.context));
    await quiet();
    await manage(server, 'Unsubscribe', two.id);
    expect((await waiting).text).toContain('InvalidEnumerationContext');
  });
});
