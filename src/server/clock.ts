/** Time as what needs it sees it: tests bring their own. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls once after that many milliseconds, unless the answer is called before. */
  after(milliseconds: number, call: () => void): () => void;
}

/** Longer than this setTimeout cannot wait. */
const LONGEST_WAIT = 2_147_483_647;

/** The machine's; it keeps no process alive. */
export function systemClock(now: () => number): Clock {
  return {
    now,
    after(milliseconds, call) {
      const timer = setTimeout(call, Math.min(milliseconds, LONGEST_WAIT)).unref();
      return () => clearTimeout(timer);
    },
  };
}
