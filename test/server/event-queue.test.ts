import { describe, expect, it } from 'vitest';
import { EventQueue } from '../../src/server/event-queue.js';

const LIMITS = { events: 3, characters: 100 };
const everything = () => true;

function filled(policy: 'Notify' | 'Skip' | 'CancelSubscription', ...texts: readonly string[]): EventQueue {
  const queue = new EventQueue(policy, LIMITS);
  for (const text of texts) queue.push(text, 0, true);
  return queue;
}

const event = (text: string) => ({ kind: 'event', text });

describe('a full queue', () => {
  it('keeps what came first and counts the rest where it is missing', () => {
    const queue = filled('Notify', 'a', 'b', 'c', 'd', 'e');
    expect(queue.hold((_, index) => index < 2)).toEqual([event('a'), event('b')]);
    queue.done();
    queue.push('f', 0, true);
    expect(queue.hold(everything)).toEqual([event('c'), { kind: 'dropped', count: 2 }, event('f')]);
  });

  it('says nothing where that is wanted', () => {
    expect(filled('Skip', 'a', 'b', 'c', 'd').hold(everything)).toEqual([event('a'), event('b'), event('c')]);
  });

  it('is the end where nothing may be lost', () => {
    const queue = filled('CancelSubscription', 'a', 'b', 'c');
    expect(queue.push('d', 0, true)).toBe(false);
    expect(filled('CancelSubscription').push('a', 0, false)).toBe(false);
  });

  it('is full by characters too, and has room again afterwards', () => {
    const queue = filled('Skip', 'x'.repeat(60), 'y'.repeat(60));
    expect(queue.length).toBe(1);
    queue.hold(everything);
    queue.done();
    queue.push('y'.repeat(60), 0, true);
    expect(queue.length).toBe(1);
  });

  it('never grows, whatever comes', () => {
    const queue = new EventQueue('Notify', LIMITS);
    for (let each = 0; each < 10_000; each += 1) {
      queue.push(`${each}`, 0, each % 3 !== 0);
      expect(queue.length).toBeLessThanOrEqual(LIMITS.events + 1);
    }
  });

  it('does not change what is on its way', () => {
    const queue = filled('Notify', 'a', 'b', 'c', 'd');
    expect(queue.hold(everything)).toHaveLength(4);
    queue.push('e', 0, true);
    queue.done();
    expect(queue.hold(everything)).toEqual([{ kind: 'dropped', count: 1 }]);
  });
});
