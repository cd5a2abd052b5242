/** A line on a terminal while something takes long, and nothing anywhere else. */

export interface Terminal {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** Milliseconds between two looks at the clock; what is done before the first shows no line. */
const TICK = 1_000;

/** Back to the start of the line, and the line away. */
const CLEAR = '\r\u001b[K';

/** Does the work. While it lasts the terminal says what and for how many seconds, when it is one and `wanted`. */
export async function withProgress<T>(
  terminal: Terminal,
  wanted: boolean,
  what: string,
  work: () => Promise<T>,
): Promise<T> {
  if (!wanted || !terminal.isTTY) return work();
  let seconds = 0;
  const timer = setInterval(() => {
    seconds += 1;
    terminal.write(`${CLEAR}${what}: ${seconds} s`);
  }, TICK);
  try {
    return await work();
  } finally {
    clearInterval(timer);
    if (seconds > 0) terminal.write(CLEAR);
  }
}
