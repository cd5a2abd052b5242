/** Time that passes when a test says so. */
import type { Clock } from '../../src/server/clock.js';

export interface FakeClock extends Clock {
  /** Lets time pass; what is due is called in order, and what follows from it is waited for. */
  advance(milliseconds: number): Promise<void>;
  /** How many calls are waiting. */
  readonly waiting: number;
}

/** Lets all promises that can go on go on. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

export function fakeClock(start = Date.UTC(2026, 0, 1)): FakeClock {
  let now = start;
  const timers = new Map<symbol, { readonly at: number; readonly call: () => void }>();
  return {
    now: () => now,
    get waiting() {
      return timers.size;
    },
    after(milliseconds, call) {
      const id = Symbol('timer');
      timers.set(id, { at: now + milliseconds, call });
      return () => void timers.delete(id);
    },
    async advance(milliseconds) {
      const end = now + milliseconds;
      await settle();
      for (;;) {
        const due = [...timers].filter(([, { at }]) => at <= end).sort(([, a], [, b]) => a.at - b.at)[0];
        if (!due) break;
        const [id, { at, call }] = due;
        timers.delete(id);
        now = Math.max(now, at);
        call();
        await settle();
      }
      now = end;
      await settle();
    },
  };
}
