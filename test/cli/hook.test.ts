/** The hook as libvirt calls it: scripts it finds in its directory, arguments, the domain on standard input. */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../support/directory.js';
import { build, DIST, type Ended, nwgate, ROOT } from '../support/program.js';
import { startServe } from '../support/running.js';

const DOMAIN = readFileSync(join(ROOT, 'test/data/domains/web1.xml'), 'utf8');
const INCOMING = readFileSync(join(ROOT, 'test/data/domains/web1-inactive.xml'), 'utf8');
const FILTERS = {
  front: "<rule action='accept' direction='in'><tcp dstipaddr='$IP' dstportstart='$PORT[@1]'/></rule>",
  back: "<rule action='drop' direction='out'><mac match='no' srcmacaddr='$MAC'/></rule>",
};

beforeAll(build);

let state: string;
let hooks: string;
beforeEach(() => {
  state = temporaryDirectory();
  hooks = temporaryDirectory();
});

const act = (...args: readonly string[]) => nwgate(['--state', state, '--host', 'dry-run', ...args]);

/** As the state directory tells, and whose they are. */
function ports(): readonly string[] {
  const directory = join(state, 'bindings');
  const files = existsSync(directory) ? readdirSync(directory).sort() : [];
  return files.map((file) => {
    const owner = /<name>(.*)<\/name>\s*<uuid>(.*)<\/uuid>/.exec(readFileSync(join(directory, file), 'utf8'));
    return `${file} ${owner?.[1]} ${owner?.[2]}`;
  });
}

/** Runs a script as libvirt does: with next to no environment. */
function call(script: string, args: readonly string[], input: string): Promise<Ended> {
  const child = spawn(script, args, { env: { PATH: '/usr/bin:/bin' }, cwd: '/' });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  child.stdin.on('error', () => child.stdin.destroy());
  child.stdin.end(input);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
}

async function prepared(): Promise<string> {
  mkdirSync(join(state, 'filters'));
  for (const [name, rules] of Object.entries(FILTERS))
    writeFileSync(join(state, 'filters', `${name}.xml`), `<filter name='${name}'>${rules}</filter>`);
  expect(await act('hook-install', '--dir', hooks, '--driver', 'qemu')).toMatchObject({ code: 0 });
  const [directory, single] = [join(hooks, 'qemu.d/nwgate'), join(hooks, 'qemu')];
  return existsSync(directory) ? directory : single;
}

describe('the hook', () => {
  it('carries a machine from its start to its end, silently', async () => {
    const script = await prepared();
    const silent = { code: 0, stdout: '', stderr: '' };
    expect(await call(script, ['web1', 'prepare', 'begin', '-'], INCOMING)).toEqual(silent);
    expect(ports()).toEqual([]);
    expect(await call(script, ['web1', 'start', 'begin', '-'], DOMAIN)).toEqual(silent);
    const uuid = 'c7ac4ad9-e5ce-4c93-b380-013c85663e39';
    expect(ports()).toEqual([`vnet0.xml web1 ${uuid}`, `vnet1.xml web1 ${uuid}`]);
    expect(await call(script, ['web1', 'started', 'begin', '-'], DOMAIN)).toEqual(silent);
    expect(await call(script, ['web1', 'stopped', 'end', '-'], DOMAIN)).toEqual(silent);
    expect(await call(script, ['web1', 'release', 'end', 'shutdown'], DOMAIN)).toEqual(silent);
    expect(ports()).toEqual([]);
  });

  it('answers the domain of a migration as it came', async () => {
    const script = await prepared();
    const answered = { code: 0, stdout: INCOMING, stderr: '' };
    expect(await call(script, ['web1', 'migrate', 'begin', '-'], INCOMING)).toEqual(answered);
    expect(await call(script, ['web1', 'restore', 'begin', '-'], INCOMING)).toEqual(answered);
  });

  it.each([
    ['a missing filter', 3, DOMAIN.replace("'back'", "'nope'"), /^nwgate: there is no filter nope\n$/],
    [
      'a missing variable',
      2,
      DOMAIN.replace(/<parameter .*/g, ''),
      /^nwgate: .*variable PORT has no value.*\n$/,
    ],
    ['what is no domain', 2, '<domain', /^nwgate: standard input:.*\n$/],
  ])('refuses the start for %s with code %i and one line', async (_, code, domain, words) => {
    const script = await prepared();
    for (const operation of ['start', 'migrate']) {
      const ended = await call(script, ['web1', operation, 'begin', '-'], domain);
      expect(ended).toMatchObject({ code, stdout: '' });
      expect(ended.stderr).toMatch(words);
    }
    expect(ports()).toEqual([]);
  });

  it('refuses the start on a host that cannot filter, though nobody asked for a dry run', async () => {
    const place = ['--netns', 'nwgate-no-such-namespace'];
    const ended = await nwgate(['--state', state, ...place, 'hook', 'qemu', 'web1', 'start', 'begin', '-'], {
      input: DOMAIN,
    });
    expect(ended).toMatchObject({ code: 5, stdout: '' });
    expect(ended.stderr).toMatch(/^nwgate: rules cannot be put in place here: .*\n$/);
  });

  it('goes through the gateway that runs', async () => {
    const script = await prepared();
    const gateway = await startServe(state);
    expect(await call(script, ['web1', 'start', 'begin', '-'], DOMAIN)).toMatchObject({ code: 0 });
    expect(ports()).toHaveLength(2);
    expect(gateway.output()).toContain('"operation":"start"');
    expect(await gateway.stop()).toBe(0);
  });

  it('knows three drivers', async () => {
    expect(await act('hook', 'esx', 'web1', 'start', 'begin', '-')).toMatchObject({ code: 2 });
  });

  it('plays the example', async () => {
    const ended = await call(
      '/usr/bin/env',
      [`NWGATE=${process.execPath} ${DIST}/cli/main.js`, join(ROOT, 'examples/hook-calls.sh')],
      '',
    );
    expect(ended.stdout.split('\n')).toEqual([
      '# a start',
      'PORT   FILTER         STATE',
      expect.stringMatching(/^vnet0 {2}clean-traffic {2}pending/),
      '# it stops',
      expect.stringMatching(/^PORT/),
      '# it comes from another host: the domain goes on to libvirt',
      '  <name>web1</name>',
      '# it is refused for a filter that is not here',
      'exit code 3',
      '',
    ]);
    expect(ended).toMatchObject({ code: 0, stderr: 'nwgate: there is no filter no-such-filter\n' });
  });
});

describe('its installation', () => {
  const install = (...more: readonly string[]) => act('hook-install', '--dir', hooks, ...more);
  const uninstall = () => act('hook-uninstall', '--dir', hooks);

  it('is a script per driver that names everything by its path, and is gone again', async () => {
    expect(await act('--json', 'hook-uninstall', '--dir', hooks)).toMatchObject({ stdout: '{"files":[]}\n' });
    const { code, stdout } = await act('--json', 'hook-install', '--dir', hooks);
    expect(code).toBe(0);
    const { files } = JSON.parse(stdout) as { files: string[] };
    expect(files).toHaveLength(3);
    for (const file of files) expect(statSync(file).mode & 0o777).toBe(0o755);
    expect(readFileSync(files[0]!, 'utf8').split('\n')[2]).toBe(
      `exec ${process.execPath} ${DIST}/cli/main.js --state ${state} --host dry-run hook qemu "$@"`,
    );
    expect(await install()).toMatchObject({ code: 0 });
    expect(await uninstall()).toMatchObject({ code: 0 });
    for (const file of files) expect(existsSync(file)).toBe(false);
    expect(existsSync(join(hooks, 'qemu.d'))).toBe(false);
  });

  it('touches nothing of anybody else', async () => {
    const theirs = '#!/bin/sh\nexit 0\n';
    for (const file of ['qemu', 'qemu.d/nwgate', 'qemu.d/other']) {
      mkdirSync(join(hooks, 'qemu.d'), { recursive: true });
      writeFileSync(join(hooks, file), theirs);
    }
    const ended = await install();
    expect(ended).toMatchObject({ code: 4 });
    expect(ended.stderr).toContain("somebody else's");
    expect(existsSync(join(hooks, 'lxc.d/nwgate'))).toBe(false);
    await uninstall();
    for (const file of ['qemu', 'qemu.d/nwgate', 'qemu.d/other']) {
      expect(readFileSync(join(hooks, file), 'utf8')).toBe(theirs);
    }
  });
});
