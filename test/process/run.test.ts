import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import ts from 'typescript';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NwgateError } from '../../src/model/errors.js';
import { hold, run } from '../../src/process/run.js';
import { canUseNamespaces } from '../support/netns.js';

/** A program of its own that imports run.js: in the project's folder, so that node finds the packages. */
function compiled(script: string): string {
  const directory = mkdtempSync(join(import.meta.dirname, '../../node_modules/.nwgate-run-'));
  for (const file of ['process/run', 'process/listen', 'model/errors']) {
    const source = readFileSync(join(import.meta.dirname, `../../src/${file}.ts`), 'utf8');
    const target = join(directory, `${file}.js`);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(
      target,
      ts.transpileModule(source, {
        compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 },
      }).outputText,
    );
  }
  writeFileSync(join(directory, 'package.json'), '{"type":"module"}');
  writeFileSync(join(directory, 'main.js'), script);
  return join(directory, 'main.js');
}

const node = (script: string): [string, string[]] => [process.execPath, ['-e', script]];

describe('run', () => {
  it('answers what a program printed, byte for byte', async () => {
    const script = 'process.stdin.pipe(process.stdout); process.stderr.write("aside\\n")';
    const outcome = await run(...node(script), { input: 'zwölf\n\n' });
    expect(outcome).toEqual({ code: 0, stdout: 'zwölf\n\n', stderr: 'aside\n', failure: undefined });
  });

  it('answers a failure as an outcome', async () => {
    expect(await run(...node('process.exit(3)'))).toMatchObject({ code: 3, failure: 'exit code 3' });
    expect(await run(...node('process.kill(process.pid, "SIGKILL")'))).toMatchObject({
      code: undefined,
      failure: 'killed by SIGKILL',
    });
  });

  it('passes arguments literally, with the C locale', async () => {
    const print =
      'process.stdout.write(JSON.stringify([process.argv.slice(1), process.env.LC_ALL, process.env.X]))';
    const [command, args] = node(print);
    const { stdout } = await run(command, [...args, '$(id)', ';', '*', ''], {
      env: { X: 'y', LC_ALL: 'de_DE' },
    });
    expect(JSON.parse(stdout)).toEqual([['$(id)', ';', '*', ''], 'C', 'y']);
  });

  it('kills what takes too long, even if it ignores SIGTERM', async () => {
    const script =
      'process.on("SIGTERM", () => {}); process.stdout.write(String(process.pid)); setInterval(() => {}, 1000)';
    const outcome = await run(...node(script), { timeout: 700 });
    expect(outcome).toMatchObject({ code: undefined, failure: 'no end within 700 ms' });
    expect(() => process.kill(Number(outcome.stdout), 0)).toThrow('ESRCH');
  });

  it('waits no longer than that for what the program itself has started', async () => {
    const script = `const { pid } = require('node:child_process').spawn('sleep', ['30'], { stdio: 'inherit' });
      process.stdout.write(String(pid)); setInterval(() => {}, 1000)`;
    const outcome = await run(...node(script), { timeout: 700 });
    expect(outcome).toMatchObject({ code: undefined, failure: 'no end within 700 ms' });
    process.kill(Number(outcome.stdout), 'SIGKILL');
  });

  it('kills what prints more than can be held', async () => {
    const script =
      'const more = () => process.stdout.write("x".repeat(1 << 20), more); process.stdout.write("a", more)';
    const outcome = await run(...node(script));
    expect(outcome).toMatchObject({ code: undefined, failure: 'more output than can be held' });
    expect(outcome.stdout.length).toBeLessThanOrEqual(100 * 1024 * 1024);
  });

  it('survives a program that does not read its input', async () => {
    expect(await run(...node('process.exit(4)'), { input: 'x'.repeat(1_000_000) })).toMatchObject({
      code: 4,
    });
  });

  it('ends what still runs when we end', async () => {
    const script = `
      import { run } from './process/run.js';
      void run(process.execPath, ['-e', 'require("node:fs").writeFileSync(process.argv[1], String(process.pid)); setInterval(() => {}, 1000)', process.argv[2]]);
      const { existsSync } = await import('node:fs');
      const look = () => (existsSync(process.argv[2]) ? process.exit(7) : setTimeout(look, 20));
      look();`;
    const main = compiled(script);
    const file = join(dirname(main), 'pid');
    try {
      expect(await run(process.execPath, [main, file])).toMatchObject({ code: 7 });
      const pid = Number(readFileSync(file, 'utf8'));
      await expect.poll(() => existsSync(`/proc/${pid}/fd`), { timeout: 5000 }).toBe(false);
    } finally {
      rmSync(dirname(main), { recursive: true });
    }
  });

  it('says which program is missing', async () => {
    const error = await run('no-such-program', []).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(NwgateError);
    expect(error).toMatchObject({ code: 'HOST_LACKS', message: 'no-such-program is not installed' });
  });
});

const noNamespaces = await canUseNamespaces();
describe.skipIf(noNamespaces !== undefined)(`run in a namespace ${noNamespaces ?? ''}`, () => {
  it('says which namespace or program is missing', async () => {
    await expect(run('ip', ['link'], { netns: 'nwg-no-such' })).rejects.toMatchObject({
      code: 'HOST_LACKS',
      message: 'the network namespace nwg-no-such cannot be entered',
    });
  });
});

describe('hold', () => {
  let directory: string;
  let lock: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'nwgate-hold-'));
    lock = join(directory, 'lock');
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  it('holds until it is released', async () => {
    const first = await hold('flock', ['-n', lock, 'cat']);
    expect(first.held).toBe(true);
    expect(await hold('flock', ['-n', lock, 'cat'])).toMatchObject({ held: false, code: 1, stderr: '' });
    if (first.held) await first.release();
    const second = await hold('flock', ['-n', lock, 'cat']);
    expect(second.held).toBe(true);
    if (second.held) await second.release();
  });

  it('lets go when its process is killed, and does not keep it from ending', async () => {
    const script = `
      import { hold } from './process/run.js';
      const { held } = await hold('flock', ['-n', '${lock}', 'cat']);
      process.stdout.write(String(held));
      if (process.argv[2] === 'die') process.kill(process.pid, 'SIGKILL');`;
    const main = compiled(script);
    try {
      expect(await run(process.execPath, [main])).toMatchObject({ code: 0, stdout: 'true' });
      expect(await run(process.execPath, [main, 'die'])).toMatchObject({ failure: 'killed by SIGKILL' });
      expect(await run('flock', ['-w', '5', lock, 'true'])).toMatchObject({ code: 0 });
    } finally {
      rmSync(dirname(main), { recursive: true });
    }
  });

  it('says which program is missing', async () => {
    await expect(hold('no-such-program', [])).rejects.toMatchObject({ code: 'HOST_LACKS' });
  });
});

describe('listen', () => {
  it('is waited for until the program has ended, though nothing else runs', async () => {
    const main = compiled(`
      import { listen } from './process/listen.js';
      let heard;
      const beginning = new Promise((resolve) => { heard = resolve; });
      const { close } = listen(process.execPath, ['-e', 'console.log("x"); setInterval(() => {}, 1000)'], undefined, heard);
      await beginning;
      await close();
      process.stdout.write('closed');`);
    try {
      expect(await run(process.execPath, [main])).toMatchObject({ code: 0, stdout: 'closed' });
    } finally {
      rmSync(dirname(main), { recursive: true });
    }
  });
});
