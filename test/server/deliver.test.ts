/** Events on their way to real subscribers on loopback. */
import { describe, expect, it } from 'vitest';
import { run } from './running.js';
import { accept, ack, acknowledge, startSink } from './sinks.js';
import { happen, manage, namesIn, quiet, subscribe } from './subscribing.js';

const RETRY = '<w:ConnectionRetry Total="3">PT0.05S</w:ConnectionRetry>';

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
