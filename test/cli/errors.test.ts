/** What goes wrong, as a user sees it. */
import { spawnSync } from 'node:child_process';
import { existsSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { build, nwgate } from '../support/program.js';
import { prepared } from './prepared.js';

beforeAll(build);

describe('errors', () => {
  it('are one line first, details after, or one JSON object', async () => {
    const { run, json } = await prepared('alone');
    expect(await json('list')).not.toEqual([]);
    const human = await run(['dumpxml', 'nothing']);
    expect(human.stderr).toBe('nwgate: there is no filter nothing\n  (nwgate list)\n');
    const { stderr, stdout, code } = await run(['--json', 'dumpxml', 'nothing']);
    expect([code, stdout]).toEqual([3, '']);
    expect(JSON.parse(stderr)).toEqual({
      error: { code: 'FILTER_NOT_FOUND', message: 'there is no filter nothing', where: null, details: null },
    });
  });

  it.each([
    [['frobnicate']],
    [['list', 'too', 'many']],
    [['dumpxml']],
    [['list', '--no-such-option']],
    [['--host', 'moon', 'list']],
    [['bind', 'vnet0']],
    [['bind', 'vnet0', '--filter', 'a', '--param', 'novalue']],
    [['compile', 'a', '--port', 'vnet0', '--format', 'poetry']],
    [['export', 'a']],
    [['user']],
    [['serve', '--listen', 'nonsense']],
    [['serve', '--tls-cert', 'x.pem']],
    [[]],
  ])('wrong usage ends with 2: %j', async (args) => {
    const { state, run } = await prepared('alone');
    const { code, stdout, stderr } = await run(args);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).not.toBe('');
    expect(existsSync(state)).toBe(false);
    const asJson = await run(['--json', ...args]);
    expect(asJson.code).toBe(2);
    expect(JSON.parse(asJson.stderr)).toMatchObject({ error: { code: 'USAGE' } });
  });

  it.runIf(existsSync('/dev/full'))('a full disk behind standard output is told in a line', async () => {
    const { state } = await prepared('alone');
    const main = join(import.meta.dirname, '../../dist/cli/main.js');
    const list = [main, '--state', state, '--host', 'dry-run', 'list'];
    const full = openSync('/dev/full', 'w');
    const told = spawnSync(process.execPath, list, { stdio: ['ignore', full, 'pipe'], encoding: 'utf8' });
    expect(told.stderr).toMatch(/^nwgate: standard output cannot be written: ENOSPC.*\n {2}\(.*\)\n$/);
    expect(told.status).toBe(5);
    const untold = spawnSync(process.execPath, [main, 'frobnicate'], { stdio: ['ignore', 'ignore', full] });
    expect(untold.status).toBe(2);
  });

  it('help and version are none', async () => {
    const help = await nwgate(['--help']);
    expect(help).toMatchObject({ code: 0, stderr: '' });
    expect(help.stdout).toContain('nwfilter-list');
    expect(await nwgate(['--version'])).toMatchObject({ code: 0, stdout: '0.1.0\n' });
    expect((await nwgate(['bind', '--help'])).code).toBe(0);
  });

  it('a state directory that cannot be made ends with 5', async () => {
    expect((await nwgate(['--state', '/dev/null/x', 'list'])).code).toBe(5);
  });
});
