/**
 * The one place that starts programs: always by name and argument list, never through a shell, always with LC_ALL=C so
 * that what they print can be read, always bounded in time.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { fail } from '../model/errors.js';

/** Longest any program may take unless the caller says otherwise, in milliseconds. */
const PATIENCE = 60_000;

/** Between asking a program to end and ending it, in milliseconds. */
const GRACE = 500;

/** Octets of each of its two outputs that are held; a program that prints more is killed. */
const MOST_OUTPUT = 100 * 1024 * 1024;

/** The netfilter tools live in sbin, which the PATH of an ordinary user or a service may lack. */
const SBIN = ['/usr/local/sbin', '/usr/sbin', '/sbin'];

export interface RunOptions {
  /** Fed to standard input, which is closed then; empty when left out. */
  readonly input?: string;
  /** Milliseconds after which the program is killed. */
  readonly timeout?: number;
  /** Network namespace (a name of `ip netns`) to run in. */
  readonly netns?: string;
  /** Added to our own environment. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface Outcome {
  /** Exit code; undefined when the program did not end by itself. */
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
  /** Why it is no success, for people (`exit code 2`, `killed by SIGTERM`, …); undefined for exit code 0. */
  readonly failure: string | undefined;
}

/** What starts programs. A parameter wherever a test wants to count or replace them. */
export type Run = (command: string, args: readonly string[], options?: RunOptions) => Promise<Outcome>;

/**
 * Runs a program to its end. A non-zero exit is an outcome, not an error.
 * Errors: HOST_LACKS when the program or the network namespace does not exist, or may not be run.
 */
export const run: Run = async (command, args, { input = '', timeout = PATIENCE, netns, env = {} } = {}) => {
  const [file = '', ...rest] =
    netns === undefined ? [command, ...args] : ['ip', 'netns', 'exec', netns, command, ...args];
  const child = start(file, rest, input !== '', { ...env, LC_ALL: 'C' });
  child.stdin?.on('error', ignored).end(input);
  running.add(child);
  const outcome = await endOf(child, file, timeout).finally(() => running.delete(child));
  if (netns !== undefined && outcome.code !== 0) throwIfNotEntered(netns, command, outcome.stderr);
  return outcome;
};

/** What somebody else's end leaves undone must not outlive us. */
const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill();
});

/** EPIPE when the child is gone already: its exit says more. */
const ignored = () => {};

/** Errors: HOST_LACKS for what the system refuses at once; the rest comes from `endOf`. */
function start(file: string, args: readonly string[], talks: boolean, env: Readonly<Record<string, string>>) {
  try {
    return spawn(file, args, {
      stdio: [talks ? 'pipe' : 'ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...environment(), ...env },
    });
  } catch (error) {
    throw cannotStart(file, error);
  }
}

/** How a child has ended and what it printed. `timeout` 0: it may take as long as it likes. Errors: HOST_LACKS. */
function endOf(child: ChildProcess, file: string, timeout: number): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    let stopped: string | undefined;
    const timers: NodeJS.Timeout[] = [];
    const stop = (why: string) => {
      if (stopped !== undefined) return;
      stopped = why;
      child.kill();
      timers.push(setTimeout(() => child.kill('SIGKILL'), GRACE));
    };
    if (timeout > 0) timers.push(setTimeout(stop, timeout, `no end within ${timeout} ms`));
    const [stdout, stderr] = [child.stdout, child.stderr].map((stream) => {
      const chunks: Buffer[] = [];
      let size = 0;
      stream?.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size <= MOST_OUTPUT) chunks.push(chunk);
        else stop('more output than can be held');
      });
      return () => Buffer.concat(chunks).toString('utf8');
    });
    child.once('error', (cause) => {
      for (const timer of timers) clearTimeout(timer);
      reject(cannotStart(file, cause));
    });
    child.once('exit', () => {
      for (const timer of timers) clearTimeout(timer);
      // What it started itself may still hold its outputs open.
      if (stopped !== undefined) for (const stream of [child.stdout, child.stderr]) stream?.destroy();
    });
    child.once('close', (exit, signal) => {
      const code = stopped === undefined ? (exit ?? undefined) : undefined;
      const ended = signal === null ? `exit code ${exit}` : `killed by ${signal}`;
      const failure = stopped ?? (code === 0 ? undefined : ended);
      resolve({ code, stdout: stdout?.() ?? '', stderr: stderr?.() ?? '', failure });
    });
  });
}

export interface Held {
  readonly held: true;
  /** Lets go: closes the child's input and waits until it has ended. */
  release(): Promise<void>;
}

/** The child ended before it was ready: for `flock -n` code 1 without words means that somebody else holds the lock. */
export interface NotHeld extends Outcome {
  readonly held: false;
}

/**
 * Starts a program that holds something as long as it lives, such as `flock -n FILE cat`, and resolves as soon as it
 * echoes a line (it holds) or has ended (it does not). It lives until `release`, or until we die, however we die: then
 * its standard input closes. It does not keep our process alive. Errors: HOST_LACKS when the program does not exist.
 */
export async function hold(command: string, args: readonly string[]): Promise<Held | NotHeld> {
  const child = start(command, args, true, {});
  child.stdin?.on('error', ignored).write('ready\n');
  const ready = new Promise<true>((resolve) => child.stdout?.once('data', () => resolve(true)));
  const ending = endOf(child, command, 0);
  const ended = await Promise.race([ready, ending]);
  if (ended !== true) return { ...ended, held: false, failure: ended.failure ?? 'ended at once' };
  const pipes: readonly unknown[] = [child.stdin, child.stdout, child.stderr];
  for (const held of [child, ...pipes]) setKeepsAlive(held, false);
  return {
    held: true,
    async release() {
      for (const held of [child, ...pipes]) setKeepsAlive(held, true);
      child.stdin?.end();
      await ending;
    },
  };
}

/** Pipes of a child are sockets, though their type does not say so. */
function setKeepsAlive(what: unknown, alive: boolean): void {
  const { ref, unref } = what as { ref?: () => void; unref?: () => void };
  (alive ? ref : unref)?.call(what);
}

/** Ours, in which programs print what can be read and the tools are found. */
export function environment(): Record<string, string> {
  const path = (process.env.PATH ?? '').split(':').filter((part) => part !== '');
  return { LC_ALL: 'C', PATH: [...path, ...SBIN.filter((dir) => !path.includes(dir))].join(':') };
}

function cannotStart(command: string, cause: unknown): Error {
  const { code = 'unknown reason' } = cause as NodeJS.ErrnoException;
  const why = code === 'ENOENT' ? 'is not installed' : `cannot be started (${code})`;
  return fail('HOST_LACKS', `${command} ${why}`, undefined, { cause });
}

/** `ip netns exec` reports with exit codes of its own that the program may use as well: only its words tell. */
function throwIfNotEntered(netns: string, command: string, stderr: string): void {
  if (stderr.startsWith(`exec of "${command}" failed:`))
    throw fail('HOST_LACKS', `${command} is not installed`, undefined, { details: stderr.trim() });
  if (/^(Cannot open network namespace|setting the network namespace|mount of \/sys failed)/m.test(stderr))
    throw fail('HOST_LACKS', `the network namespace ${netns} cannot be entered`, undefined, {
      details: stderr.trim(),
    });
}
