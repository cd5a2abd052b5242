/** Renew, GetStatus and Unsubscribe. */
import { describe, expect, it } from 'vitest';
import { basic, post, run } from './running.js';
import { startSink } from './sinks.js';
import { happen, manage, quiet, subscribe, subscribeMessage } from './subscribing.js';

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

  it('is for readers too', async () => {
    const server = await run();
    const bob = { Authorization: basic('bob') };
    const { text } = await post(server, subscribeMessage({ mode: 'pull' }), bob);
    const id = /<wse:Identifier>([^<]+)</.exec(text)?.[1];
    for (const operation of ['Renew', 'GetStatus', 'Unsubscribe'])
      expect((await manage(server, operation, id, '', bob)).status).toBe(200);
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
