/**
 * The one place that starts programs: always by name and argument list, never through a shell, always with LC_ALL=C so
 * that what they print can be read, always bounded in time.
 */
import { type ChildProcess, type ExecFileException, execFile } from 'node:child_process';
import { fail } from '../model/errors.js';

/** Longest any program may take unless the caller says otherwise, in milliseconds. */
const PATIENCE = 60_000;

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
  const { child, ending } = start(file, rest, timeout, { ...env, LC_ALL: 'C' });
  child?.stdin?.end(input);
  const outcome = await ending;
  if (netns !== undefined && outcome.code !== 0) throwIfNotEntered(netns, command, outcome.stderr);
  return outcome;
};

interface Started {
  /** Undefined when the system refused at once. */
  readonly child: ChildProcess | undefined;
  /** Errors: HOST_LACKS. */
  readonly ending: Promise<Outcome>;
}

/** What still runs must not outlive us. */
const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill();
});

/** `timeout` 0: it may take as long as it likes. */
function start(
  file: string,
  args: readonly string[],
  timeout: number,
  env: Readonly<Record<string, string>>,
): Started {
  let child: ChildProcess | undefined;
  const options = {
    timeout,
    killSignal: 'SIGKILL',
    maxBuffer: MOST_OUTPUT,
    env: { ...process.env, ...environment(), ...env },
  } as const;
  const ending = new Promise<Outcome>((resolve, reject) => {
    try {
      const started = execFile(file, args, options, (error, stdout, stderr) => {
        running.delete(started);
        // A number is the program's own exit; a word is the system's, or the limit's.
        const limit = error?.code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER';
        if (typeof error?.code === 'string' && !limit) return reject(cannotStart(file, error));
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : undefined;
        const failure = error === null ? undefined : limit ? TOO_MUCH : whyEnded(error, timeout);
        resolve({ code, stdout, stderr, failure });
      });
      running.add(started);
      // EPIPE when the child is gone already: its exit says more.
      started.stdin?.on('error', () => undefined);
      child = started;
    } catch (error) {
      reject(cannotStart(file, error));
    }
  });
  return { child, ending };
}

const TOO_MUCH = 'more output than can be held';

function whyEnded({ code, killed, signal }: ExecFileException, timeout: number): string {
  if (killed) return `no end within ${timeout} ms`;
  return signal ? `killed by ${signal}` : `exit code ${code}`;
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
  const { child, ending } = start(command, args, 0, {});
  child?.stdin?.write('ready\n');
  const ready = new Promise<true>((resolve) => child?.stdout?.once('data', () => resolve(true)));
  const ended = await Promise.race([ready, ending]);
  if (ended !== true) return { ...ended, held: false, failure: ended.failure ?? 'ended at once' };
  const pipes: readonly unknown[] = [child?.stdin, child?.stdout, child?.stderr];
  for (const held of [child, ...pipes]) setKeepsAlive(held, false);
  return {
    held: true,
    async release() {
      for (const held of [child, ...pipes]) setKeepsAlive(held, true);
      child?.stdin?.end();
      await ending;
    },
  };
}

/** Pipes of a child are sockets, though their type does not say so. */
function setKeepsAlive(what: unknown, alive: boolean): void {
  const { ref, unref } = (what ?? {}) as { ref?: () => void; unref?: () => void };
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
