/** Pull and Release of a subscription. */
import { describe, expect, it } from 'vitest';
import { envelope, post, run, WSEN } from './running.js';
import { DMTF, happen, manage, namesIn, quiet, subscribe } from './subscribing.js';

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
