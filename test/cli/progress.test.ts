import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { withProgress } from '../../src/cli/progress.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const work = (milliseconds: number) => () =>
  new Promise<string>((resolve) => setTimeout(() => resolve('done'), milliseconds));

async function written(isTTY: boolean, wanted: boolean, milliseconds: number) {
  const lines: string[] = [];
  const terminal = { isTTY, write: (text: string) => lines.push(text) };
  const result = withProgress(terminal, wanted, 'importing p.xml', work(milliseconds));
  await vi.advanceTimersByTimeAsync(milliseconds);
  expect(await result).toBe('done');
  await vi.advanceTimersByTimeAsync(10_000);
  return lines;
}

it('a terminal shows what takes long, and the line goes away', async () => {
  const clear = '\r\u001b[K';
  expect(await written(true, true, 2_500)).toEqual([
    `${clear}importing p.xml: 1 s`,
    `${clear}importing p.xml: 2 s`,
    clear,
  ]);
});

it('nothing is shown for what is quick, in a pipe, or where it is not wanted', async () => {
  expect(await written(true, true, 900)).toEqual([]);
  expect(await written(false, true, 5_000)).toEqual([]);
  expect(await written(true, false, 5_000)).toEqual([]);
});

it('the line goes away when the work fails', async () => {
  const lines: string[] = [];
  const terminal = { isTTY: true, write: (text: string) => lines.push(text) };
  const failing = withProgress(terminal, true, 'x', async () => {
    await work(1_500)();
    throw new Error('no');
  });
  const refused = expect(failing).rejects.toThrow('no');
  await vi.advanceTimersByTimeAsync(1_500);
  await refused;
  expect(lines.at(-1)).toBe('\r\u001b[K');
});
