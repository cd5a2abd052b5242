/** Starts a program that tells of events as long as it lives, and dies with us. */
import { spawn } from 'node:child_process';
import { environment } from './run.js';

export interface Listening {
  /** Resolves with the reason when the program has ended, whoever ended it. Never rejects. */
  readonly ended: Promise<string>;
  close(): Promise<void>;
}

/**
 * `onOutput` is given each piece of output. setpriv (util-linux) has the kernel kill the
 * program when we die, however we die; stdbuf (coreutils) has it write at once what it would keep for a full buffer.
 */
export function listen(
  command: string,
  args: readonly string[],
  netns: string | undefined,
  onOutput: (octets: Buffer) => void,
): Listening {
  const place = netns === undefined ? [] : ['ip', 'netns', 'exec', netns];
  const words = ['--pdeathsig', 'KILL', ...place, 'stdbuf', '--output=L', command, ...args];
  const child = spawn('setpriv', words, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...environment() },
  });
  let said = '';
  child.stdout.on('data', onOutput);
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-300);
  });
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) =>
      resolve(said.trim() || `it ended with ${signal ?? `code ${code}`}`),
    );
  });
  // It must not keep a process alive that has nothing else to do.
  child.unref();
  return {
    ended,
    async close() {
      // Whoever waits for its end must live to see it.
      child.ref();
      child.kill('SIGKILL');
      await ended;
    },
  };
}
