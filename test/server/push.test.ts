/** Delivery to one subscriber under every kind of failure, in a time that tests let pass. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodingNamed } from '../../src/server/charset.js';
import { EventQueue } from '../../src/server/event-queue.js';
import { Push, type PushEnd, type PushPlan } from '../../src/server/push.js';
import type { Post, SinkReply } from '../../src/server/sink-client.js';
import { EVENT_ACTION, NS } from '../../src/wsman/namespaces.js';
import { fakeClock } from './fake-clock.js';
import { ack } from './sinks.js';

const reply = (status: number, body = ''): SinkReply => ({ status, body: Buffer.from(body) });

const ID = /<wsa:MessageID>([^<]+)</;

/** What a subscriber makes of one message: whether it has it, and what it answers. */
const FATES = {
  taken: { has: true, answer: (id: string) => reply(200, ack(id)) },
  takenButCut: { has: true, answer: () => Promise.reject(new Error('socket hang up')) },
  takenButWrongAck: { has: true, answer: () => reply(200, ack('uuid:other')) },
  lost: { has: false, answer: () => Promise.reject(new Error('ECONNREFUSED')) },
  busy: { has: false, answer: () => reply(503) },
  moved: { has: false, answer: () => reply(301) },
} as const;
type Fate = keyof typeof FATES;

interface Trial {
  readonly received: string[];
  readonly texts: string[];
  readonly push: Push;
  readonly queue: EventQueue;
  readonly ends: PushEnd[];
  readonly clock: ReturnType<typeof fakeClock>;
}

function trial(plan: Partial<PushPlan>, fates: Iterator<Fate>): Trial {
  const clock = fakeClock();
  const queue = new EventQueue('Notify', { events: 1000, characters: 1_000_000 });
  const [received, texts, ends]: [string[], string[], PushEnd[]] = [[], [], []];
  const post: Post = async ({ body }) => {
    const text = String(body);
    const { has, answer } = FATES[(fates.next().value as Fate | undefined) ?? 'taken'];
    if (has) {
      texts.push(text);
      received.push(...[...text.matchAll(/<e>(\d+)<\/e>/g)].map(([, number]) => number!));
    }
    return answer(ID.exec(text)![1]!);
  };
  let ids = 0;
  const push = new Push(
    {
      url: new URL('http://127.0.0.1/'),
      to: { address: 'http://127.0.0.1/', parameters: [] },
      addressing: NS.wsa,
      mode: 'pushWithAck',
      encoding: encodingNamed('UTF-8')!,
      retry: { interval: 1000, total: 1000 },
      heartbeat: undefined,
      maxTime: undefined,
      maxElements: 5,
      maxEnvelopeSize: 512 * 1024,
      ...plan,
    },
    queue,
    { post, clock, newId: () => `uuid:${ids++}` },
    (end) => ends.push(end),
  );
  return { received, texts, push, queue, ends, clock };
}

function* forever(fate: Fate): Generator<Fate> {
  for (;;) yield fate;
}

/** Equal neighbours as one: what a subscriber keeps that knows an event when it comes again. */
function withoutRepeats(list: readonly string[], size: number): readonly string[] {
  const seen: string[] = [];
  for (let at = 0; at < list.length; at += 1)
    if (!seen.slice(-size).includes(list[at]!)) seen.push(list[at]!);
  return seen;
}

describe('delivery under failures', () => {
  it('brings every event, in order, at least once', async () => {
    const fate = fc.constantFrom<Fate>(...(Object.keys(FATES) as Fate[]));
    await fc.assert(
      fc.asyncProperty(
        fc.array(fate, { maxLength: 40 }),
        fc.array(
          fc.record({ events: fc.integer({ min: 0, max: 6 }), pause: fc.integer({ min: 0, max: 3000 }) }),
          {
            maxLength: 12,
          },
        ),
        fc.constantFrom<PushPlan['mode']>('pushWithAck', 'events'),
        fc.option(fc.integer({ min: 100, max: 5000 }), { nil: undefined }),
        async (fates, steps, mode, maxTime) => {
          const { received, push, queue, clock } = trial({ mode, maxTime }, fates[Symbol.iterator]());
          const sent: string[] = [];
          for (const { events, pause } of steps) {
            for (let each = 0; each < events; each += 1) {
              sent.push(String(sent.length));
              queue.push(`<e>${sent.at(-1)}</e>`, clock.now(), true);
              push.wake();
            }
            await clock.advance(pause);
          }
          await clock.advance(1000 * (fates.length + 1) + 6000);
          expect(withoutRepeats(received, 5)).toEqual(sent);
          expect(queue.length).toBe(0);
          push.stop();
        },
      ),
      { numRuns: 100 },
    );
  });

  it('gives up after the retries, and says why once', async () => {
    const { queue, push, ends, clock } = trial({ retry: { interval: 500, total: 2 } }, forever('busy'));
    queue.push('<e>1</e>', clock.now(), true);
    push.wake();
    await clock.advance(999);
    expect(ends).toEqual([]);
    await clock.advance(1);
    expect(ends).toEqual([{ refused: false, reason: 'it answered 503' }]);
    await clock.advance(100_000);
    push.wake();
    await clock.advance(1000);
    expect(ends).toHaveLength(1);
    expect(clock.waiting).toBe(0);
  });

  it('tries once where retries are not wanted', async () => {
    const { queue, push, ends, clock } = trial({ retry: { interval: 0, total: 0 } }, forever('lost'));
    queue.push('<e>1</e>', clock.now(), true);
    push.wake();
    await clock.advance(0);
    expect(ends).toEqual([{ refused: false, reason: 'ECONNREFUSED' }]);
  });

  it('stops in the middle of a pause, without a word', async () => {
    const { queue, push, ends, received, clock } = trial({}, ['lost' as const][Symbol.iterator]());
    queue.push('<e>1</e>', clock.now(), true);
    push.wake();
    await clock.advance(10);
    push.stop();
    await clock.advance(10_000);
    expect([ends, received, clock.waiting]).toEqual([[], [], 0]);
  });
});

describe('signs of life', () => {
  it('come when nothing else did', async () => {
    const { texts, queue, push, clock } = trial({ heartbeat: 10_000 }, forever('taken'));
    await clock.advance(9_999);
    expect(texts).toHaveLength(0);
    await clock.advance(1);
    expect(texts).toHaveLength(1);
    expect(texts[0]).toContain(`<wsa:Action>${EVENT_ACTION.heartbeat}</wsa:Action>`);
    await clock.advance(5000);
    queue.push('<e>1</e>', clock.now(), true);
    push.wake();
    await clock.advance(9_999);
    expect(texts).toHaveLength(2);
    await clock.advance(1);
    expect(texts).toHaveLength(3);
    push.stop();
    expect(clock.waiting).toBe(0);
  });

  it('are an event without content in mode Events', async () => {
    const { texts, clock, push } = trial({ heartbeat: 10_000, mode: 'events' }, forever('taken'));
    await clock.advance(10_000);
    expect(texts[0]).toContain(
      `<wsman:Events><wsman:Event Action="${EVENT_ACTION.heartbeat}"/></wsman:Events>`,
    );
    push.stop();
  });
});

describe('batches', () => {
  it('wait for more no longer than MaxTime, and not for more than MaxElements', async () => {
    const { texts, queue, push, clock } = trial(
      { mode: 'events', maxTime: 1000, maxElements: 2 },
      forever('taken'),
    );
    const put = (name: number) => {
      queue.push(`<e>${name}</e>`, clock.now(), true);
      push.wake();
    };
    put(1);
    await clock.advance(999);
    expect(texts).toHaveLength(0);
    await clock.advance(1);
    expect(texts).toHaveLength(1);
    put(2);
    put(3);
    await clock.advance(0);
    expect(texts).toHaveLength(2);
  });

  it('are no larger than the envelope', async () => {
    const { texts, queue, push, clock } = trial(
      { mode: 'events', maxElements: 100, maxEnvelopeSize: 8192 },
      forever('taken'),
    );
    for (let each = 0; each < 10; each += 1)
      queue.push(`<e>${each}</e>${'x'.repeat(2000)}`, clock.now(), true);
    push.wake();
    await clock.advance(0);
    expect(texts.length).toBeGreaterThan(3);
    expect(Math.max(...texts.map((text) => text.length))).toBeLessThanOrEqual(8192);
  });
});
