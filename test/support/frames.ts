/** Whole Ethernet frames in and out of an interface, by a small C program that is compiled when first needed. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { run } from '../../src/process/run.js';
import type { Station } from './netns.js';

const SOURCE = join(import.meta.dirname, 'frames.c');
const BUILT = join(import.meta.dirname, '../../.setup');

/** How long a frame may wait in a queue of a busy machine before it counts as dropped, in milliseconds. */
const GRACE = 60;

export interface FramePort {
  /** Sends frames (hex) in order; resolves when the kernel has taken the last one. */
  send(...frames: readonly string[]): Promise<void>;
  /** Every frame (hex) that has arrived since the port was opened, or since the last `received`. */
  received(): Promise<readonly string[]>;
  /** From now on arrivals are not kept but counted, those that are one of these frames. */
  count(frames: readonly string[]): Promise<void>;
  /** How often each has arrived. */
  counts(): Promise<readonly number[]>;
  /** Sends these frames, one after another and again from the first, so many a second in all. */
  stream(frames: readonly string[], perSecond: number): Promise<void>;
  /** Ends the stream; answers how often each frame was sent. */
  stop(): Promise<readonly number[]>;
  close(): Promise<void>;
}

/** Why frames cannot be sent here, for `skipIf`; undefined when they can. Needs `canUseNamespaces` besides. */
export async function canSendFrames(): Promise<string | undefined> {
  try {
    await program();
    return undefined;
  } catch (error) {
    return `frames.c cannot be compiled: ${(error as Error).message}`;
  }
}

async function program(): Promise<string> {
  const hash = createHash('sha256').update(readFileSync(SOURCE)).digest('hex').slice(0, 12);
  const target = join(BUILT, `frames-${hash}`);
  if (existsSync(target)) return target;
  mkdirSync(BUILT, { recursive: true });
  // Two test workers may compile at once: each under a name of its own, the last rename wins.
  const own = `${target}.${process.pid}`;
  const { failure, stderr } = await run('cc', ['-O1', '-Wall', '-Wextra', '-Werror', '-o', own, SOURCE]);
  if (failure !== undefined) throw new Error(`cc: ${failure}: ${stderr}`);
  renameSync(own, target);
  return target;
}

/** Opens an interface of a namespace (`eth0` of a station unless named). */
export async function openPort({ netns, iface }: Pick<Station, 'netns' | 'iface'>): Promise<FramePort> {
  const child = spawn('ip', ['netns', 'exec', netns, await program(), iface]);
  const lines = new Lines(child);
  await lines.answer('ready');
  return {
    async send(...frames) {
      for (const frame of frames) if (!/^([0-9a-f]{2})+$/.test(frame)) throw new Error(`not hex: ${frame}`);
      const taken = frames.map(() => lines.answer('sent'));
      child.stdin.write(frames.map((frame) => `${frame}\n`).join(''));
      await Promise.all(taken);
    },
    async received() {
      await pause(GRACE);
      const drained = lines.answer('synced');
      child.stdin.write('sync\n');
      await drained;
      return lines.frames.splice(0);
    },
    async count(frames) {
      const answer = lines.answer('counting');
      child.stdin.write(`count ${frames.join(' ')}\n`);
      await answer;
    },
    async counts() {
      const answer = lines.answer('counted');
      child.stdin.write('counts\n');
      return numbers(await answer);
    },
    async stream(frames, perSecond) {
      const answer = lines.answer('streaming');
      child.stdin.write(`stream ${Math.round(1_000_000 / perSecond)} ${frames.join(' ')}\n`);
      await answer;
    },
    async stop() {
      const answer = lines.answer('stopped');
      child.stdin.write('stop\n');
      return numbers(await answer);
    },
    async close() {
      if (child.exitCode !== null) return;
      const ended = new Promise((resolve) => child.once('close', resolve));
      child.stdin.end();
      await ended;
    },
  };
}

/** Sends frames into one port and answers which of them came out of another, in order of sending. */
export async function passed(
  from: FramePort,
  to: FramePort,
  frames: readonly string[],
): Promise<readonly boolean[]> {
  await to.received();
  await from.send(...frames);
  const arrived = new Set(await to.received());
  return frames.map((frame) => arrived.has(frame));
}

const numbers = (text: string) => text.split(' ').filter(Boolean).map(Number);

/** The child's answers, each to whoever waits longest, and the frames between them. */
class Lines {
  readonly frames: string[] = [];
  readonly #waiting: { word: string; resolve: (rest: string) => void; reject: (error: Error) => void }[] = [];
  #words = '';

  constructor(child: ChildProcessWithoutNullStreams) {
    child.stderr.on('data', (text) => {
      this.#words += String(text);
    });
    child.stdin.on('error', () => child.stdin.destroy());
    child.once('error', (error) => this.#end(error.message));
    child.once('close', (code) => this.#end(`it ended with ${code}: ${this.#words}`));
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line.startsWith('rx ')) this.frames.push(line.slice(3));
      else {
        const [word = '', ...rest] = line.split(' ');
        const expected = this.#waiting[0]?.word === word;
        expected ? this.#waiting.shift()?.resolve(rest.join(' ')) : this.#end(`it said ${line}`);
      }
    });
  }

  /** What stands behind the word. */
  answer(word: string): Promise<string> {
    return new Promise((resolve, reject) => this.#waiting.push({ word, resolve, reject }));
  }

  #end(why: string): void {
    for (const { word, reject } of this.#waiting.splice(0))
      reject(new Error(`frames did not say ${word}: ${why}`));
  }
}
