/** A gateway started as a user starts it, ended when the test is. */
import { onTestFinished } from 'vitest';
import { start } from './program.js';

export interface Running {
  readonly port: number;
  readonly pid: number;
  /** Everything it has written to standard output and standard error so far. */
  output(): string;
  /** Asks it to stop; answers its exit code. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

/** `nwgate --state STATE --host dry-run serve` on a free port, unless told of another host; resolves when it listens. */
export async function startServe(
  state: string,
  args: readonly string[] = [],
  host: readonly string[] = ['--host', 'dry-run'],
): Promise<Running> {
  const all = ['--state', state, ...host, 'serve', '--listen', '127.0.0.1:0', ...args];
  const child = start(all, { env: { NWGATE_STATE: state } });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const stop = (signal: NodeJS.Signals = 'SIGTERM') => {
    child.kill(signal);
    return ended;
  };
  onTestFinished(async () => {
    await stop('SIGKILL');
  });
  let output = '';
  const port = await new Promise<number>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        output += chunk;
        const found = /"port":(\d+),"msg":"listening"|127\.0\.0\.1:(\d+)\/wsman/.exec(output);
        if (found) resolve(Number(found[1] ?? found[2]));
      });
    }
    void ended.then((code) => reject(new Error(`serve ended with ${code}:\n${output}`)));
  });
  return { port, pid: child.pid!, output: () => output, stop };
}
