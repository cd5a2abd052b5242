/** What thousands of changes cost when a subscriber is dead. */
import { describe, expect, it } from 'vitest';
import { lifecycleIndication } from '../../src/cim/indications.js';
import { encodingNamed } from '../../src/server/charset.js';
import type { Post } from '../../src/server/sink-client.js';
import type { Terms } from '../../src/server/subscription.js';
import { Subscriptions } from '../../src/server/subscriptions.js';
import { readDelivery } from '../../src/wsman/delivery.js';
import { DELIVERY_MODE, NS } from '../../src/wsman/namespaces.js';
import { el } from '../../src/xml/element.js';
import { fakeClock } from './fake-clock.js';
import { fakeObjects } from './fake-objects.js';
import { list } from './subscribing.js';

function terms(host: string, policy: string): Terms {
  const address = `http://${host}/`;
  const endpoint = { address, parameters: [] };
  return {
    owner: 'ann',
    wanted: {
      interest: (indication) => indication,
      filter: { name: undefined, query: '', language: 'WQL', source: 'root/nwgate' },
    },
    delivery: readDelivery(
      el(
        NS.wse,
        'Delivery',
        { Mode: DELIVERY_MODE.events },
        el(NS.wse, 'NotifyTo', {}, el(NS.wsa, 'Address', {}, address)),
        el(NS.wsman, 'MaxEnvelopeSize', { Policy: policy }, '100000'),
      ),
    ),
    notifyTo: { url: new URL(address), endpoint },
    endTo: undefined,
    addressing: NS.wsa,
    encoding: encodingNamed('UTF-8')!,
    address: '',
  };
}

/** A server of subscriptions and subscribers by host: `dead` never answers, others get `count` events. */
function open() {
  const objects = fakeObjects();
  const clock = fakeClock();
  const got = new Map<string, number>();
  const open: string[] = [];
  const signals: AbortSignal[] = [];
  const post: Post = ({ url, body }, signal) => {
    open.push(url.hostname);
    signals.push(signal);
    if (url.hostname === 'dead') return new Promise(() => undefined);
    if (url.hostname === 'refusing') return Promise.reject(new Error('ECONNREFUSED'));
    const text = String(body);
    got.set(url.hostname, (got.get(url.hostname) ?? 0) + text.split('<p:CIM_Inst').length - 1);
    const id = /<wsa:MessageID>([^<]+)</.exec(text)![1]!;
    const action = 'http://schemas.dmtf.org/wbem/wsman/1/wsman/Ack';
    const ack = `<s:Envelope xmlns:s="${NS.s}" xmlns:a="${NS.wsa}"><s:Header><a:Action>${action}</a:Action><a:RelatesTo>${id}</a:RelatesTo></s:Header><s:Body/></s:Envelope>`;
    return Promise.resolve({ status: 200, body: Buffer.from(ack) });
  };
  let ids = 0;
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const subscriptions = new Subscriptions({ objects, clock, post, log, newId: () => `uuid:${ids++}` });
  const change = (index: number) => {
    const [before, after] = [list('web', { Priority: index }), list('web', { Priority: index + 1 })];
    for (const listener of objects.listeners) listener(lifecycleIndication({ before, after }, 'host1'));
  };
  return { objects, clock, got, open, signals, subscriptions, change };
}

describe('10,000 changes', () => {
  it('fill no more than the queue of a dead subscriber, and reach the others all', async () => {
    const { clock, got, open: posts, subscriptions, change } = open();
    const dead = subscriptions.add(terms('dead', 'Notify'), 3_600_000);
    const refusing = subscriptions.add(terms('refusing', 'Skip'), 3_600_000);
    subscriptions.add(terms('good', 'Notify'), 3_600_000);
    for (let index = 0; index < 10_000; index += 1) {
      change(index);
      if (index % 50 === 0) await clock.advance(10);
    }
    await clock.advance(1000);
    expect(got.get('good')).toBe(10_000);
    expect(dead.queue.length).toBeLessThanOrEqual(1001);
    expect(refusing.queue.length).toBeLessThanOrEqual(1000);
    expect(posts.filter((host) => host === 'dead')).toHaveLength(1);
    const kept = dead.queue.hold(() => true);
    const dropped = kept.reduce((sum, each) => sum + (each.kind === 'dropped' ? each.count : 0), 0);
    expect(dropped + kept.filter(({ kind }) => kind === 'event').length).toBe(10_000);
    await subscriptions.close();
    expect(clock.waiting).toBe(0);
  });

  it('end a subscription whose events must not be lost', async () => {
    const { clock, objects, subscriptions, change } = open();
    const dead = subscriptions.add(terms('dead', 'CancelSubscription'), 3_600_000);
    for (let index = 0; index < 2000; index += 1) change(index);
    expect([dead.over, dead.queue.length, subscriptions.size]).toEqual([true, 0, 0]);
    expect(objects.listeners.size).toBe(0);
    expect(clock.waiting).toBe(0);
  });
});

describe('the end of the server', () => {
  it('waits no longer than it must for whoever does not hear the farewell', async () => {
    const { clock, open: posts, signals, subscriptions } = open();
    const endTo = { url: new URL('http://dead/'), endpoint: { address: 'http://dead/', parameters: [] } };
    subscriptions.add({ ...terms('good', 'Notify'), endTo }, 3_600_000);
    let closed = false;
    const closing = subscriptions.close().then(() => {
      closed = true;
    });
    await clock.advance(1999);
    expect([closed, posts, signals[0]?.aborted]).toEqual([false, ['dead'], false]);
    await clock.advance(1);
    await closing;
    expect(signals[0]?.aborted).toBe(true);
  });
});

describe('the time of a subscription', () => {
  it('ends it, and a Renew moves the end', async () => {
    const { clock, subscriptions } = open();
    const made = subscriptions.add(terms('good', 'Notify'), 1000);
    await clock.advance(900);
    made.expireAfter(1000);
    await clock.advance(900);
    expect([made.over, made.remaining]).toEqual([false, 100]);
    await clock.advance(100);
    expect([made.over, subscriptions.size, clock.waiting]).toEqual([true, 0, 0]);
  });

  it('is an hour unless more is asked for, and a day at most', () => {
    const { clock, subscriptions } = open();
    expect(subscriptions.grant(undefined)).toBe(3_600_000);
    expect(subscriptions.grant({ kind: 'after', milliseconds: 1e12 })).toBe(24 * 3_600_000);
    expect(subscriptions.grant({ kind: 'at', moment: clock.now() + 5000 })).toBe(5000);
    expect(() => subscriptions.grant({ kind: 'at', moment: clock.now() })).toThrow(/past/);
  });
});
