/**
 * The one place that starts programs: always by name and argument list, never through a shell, always with LC_ALL=C so
 * that what they print can be read, always bounded in time.
 */
import { execa } from 'execa';
import { fail } from '../model/errors.js';

/** Longest any program may take unless the caller says otherwise, in milliseconds. */
const PATIENCE = 60_000;

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
  const [file, ...rest] =
    netns === undefined ? [command, ...args] : ['ip', 'netns', 'exec', netns, command, ...args];
  const result = await execa(file as string, rest, {
    input,
    timeout,
    forceKillAfterDelay: 500,
    reject: false,
    stripFinalNewline: false,
    env: { ...environment(), ...env, LC_ALL: 'C' },
  });
  const { exitCode: code, stdout, stderr } = result;
  // Without an exit code and without a signal it never ran.
  if (code === undefined && result.signal === undefined && !result.timedOut && !result.isMaxBuffer)
    throw cannotStart(file as string, result.code, result);
  if (netns !== undefined && code !== 0) throwIfNotEntered(netns, command, stderr);
  return { code, stdout, stderr, failure: failureOf(result, timeout) };
};

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
  const child = execa(command, args, { reject: false, env: environment(), stdin: 'pipe' });
  // EPIPE when the child is gone already: its exit says more.
  child.stdin.on('error', () => child.stdin.destroy());
  child.stdin.write('ready\n');
  const ready = new Promise<true>((resolve) => child.stdout.once('data', () => resolve(true)));
  const ended = await Promise.race([ready, child]);
  if (ended !== true) {
    const { exitCode: code, stdout, stderr } = ended;
    if (code === undefined && ended.signal === undefined) throw cannotStart(command, ended.code, ended);
    return { held: false, code, stdout, stderr, failure: failureOf(ended, 0) ?? 'ended at once' };
  }
  const pipes: readonly unknown[] = [child.stdin, child.stdout, child.stderr];
  for (const held of [child, ...pipes]) setKeepsAlive(held, false);
  return {
    held: true,
    async release() {
      for (const held of [child, ...pipes]) setKeepsAlive(held, true);
      child.stdin.end();
      await child;
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

interface Ending {
  readonly exitCode?: number | undefined;
  readonly signal?: string | undefined;
  readonly timedOut: boolean;
  readonly isMaxBuffer: boolean;
}

function failureOf({ exitCode, signal, timedOut, isMaxBuffer }: Ending, timeout: number): string | undefined {
  if (timedOut) return `no end within ${timeout} ms`;
  if (isMaxBuffer) return 'more output than can be held';
  if (signal !== undefined) return `killed by ${signal}`;
  return exitCode === 0 ? undefined : `exit code ${exitCode}`;
}

function cannotStart(command: string, code: string | undefined, cause: unknown): Error {
  const why = code === 'ENOENT' ? 'is not installed' : `cannot be started (${code ?? 'unknown reason'})`;
  return fail('HOST_LACKS', `${command} ${why}`, undefined, { cause });
}

/** `ip netns exec` reports with exit codes of its own that the program may use as well: only its words tell. */
function throwIfNotEntered(netns: string, command: string, stderr: string): void {
  if (stderr.startsWith(`exec of "${command}" failed:`)) throw cannotStart(command, 'ENOENT', stderr);
  if (/^(Cannot open network namespace|setting the network namespace|mount of \/sys failed)/m.test(stderr))
    throw fail('HOST_LACKS', `the network namespace ${netns} cannot be entered`, undefined, {
      details: stderr.trim(),
    });
}
