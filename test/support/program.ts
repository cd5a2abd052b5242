/** The program as users start it: built, and started as a process of its own. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

export const ROOT = join(import.meta.dirname, '../..');
export const DIST = join(ROOT, 'dist');
const MAIN = join(DIST, 'cli/main.js');

/** Brings dist/ up to date; test files of several workers wait for one another. Call it in beforeAll. */
export function build(): void {
  const directory = join(ROOT, '.setup');
  mkdirSync(directory, { recursive: true });
  const tsc = [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.build.json', '--incremental'];
  const info = join(directory, 'build.tsbuildinfo');
  if (!existsSync(MAIN)) rmSync(info, { force: true });
  const args = [join(directory, 'test-build.lock'), process.execPath, ...tsc, '--tsBuildInfoFile', info];
  const { stdout } = spawnSync('flock', args, { cwd: ROOT, encoding: 'utf8' });
  if (!existsSync(MAIN)) throw new Error(`the build made no ${MAIN}:\n${stdout}`);
}

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** Runs `nwgate ARGS` to its end. The environment names no state directory unless `env` does. */
export function nwgate(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  const child = start(args, options);
  child.stdin.end(options.input ?? '');
  const [stdout, stderr] = [child.stdout, child.stderr].map((stream) => {
    const chunks: string[] = [];
    stream.setEncoding('utf8').on('data', (chunk: string) => chunks.push(chunk));
    return chunks;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout: stdout!.join(''), stderr: stderr!.join('') }));
  });
}

/** Starts `nwgate ARGS`; the caller ends it. */
export function start(args: readonly string[], { env = {}, cwd = ROOT }: RunOptions = {}) {
  const { NWGATE_STATE: _, ...inherited } = process.env;
  return spawn(process.execPath, [MAIN, ...args], { cwd, env: { ...inherited, ...env } });
}
