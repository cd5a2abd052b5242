/** Commands on filters as contract and docs/cli.md have them, alone and through a running gateway. */
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { doc, ref, rule } from '../support/gateway.js';
import { build } from '../support/program.js';
import { prepared, UUID, WAYS } from './prepared.js';

beforeAll(build);

describe.each(WAYS)('%s', (way) => {
  it('filters: define, list, dumpxml, update, create-from, undefine', async () => {
    const { run, file, json } = await prepared(way);
    const a = file('a.xml', doc('a', rule(25), UUID));
    expect(await run(['define', a])).toEqual({ code: 0, stdout: 'Filter a defined\n', stderr: '' });
    expect(await run(['--quiet', 'nwfilter-create', '-'], { input: doc('b', ref('a')) })).toEqual({
      code: 0,
      stdout: '',
      stderr: '',
    });
    expect(await json('nwfilter-define', file('a2.xml', doc('a', rule(25) + rule(26))))).toMatchObject({
      name: 'a',
      uuid: UUID,
      rules: 2,
    });

    const list = await json('list');
    expect(await json('nwfilter-list')).toEqual(list);
    expect(list.find(({ name }: { name: string }) => name === 'a')).toEqual({
      name: 'a',
      uuid: UUID,
      chain: 'root',
      priority: 0,
      rules: 2,
      references: 0,
      ports: [],
    });
    expect(list.map(({ name }: { name: string }) => name)).toContain('clean-traffic');
    const table = (await run(['list'])).stdout.split('\n');
    expect(table[0]).toMatch(/^UUID +NAME +CHAIN +PRIORITY +RULES +REFERENCES +PORTS$/);
    expect(table.find((line) => line.startsWith(UUID))).toMatch(/^[0-9a-f-]{36} {2}a +root +0 +2 +0 +-$/);

    const dump = await run(['dumpxml', 'a']);
    expect(dump.stdout).toMatch(/^<filter name="a" chain="root">\n {2}<uuid>11111111/);
    expect(await run(['nwfilter-dumpxml', 'a'])).toEqual(dump);

    const missing = file('missing.xml', doc('missing', rule(1)));
    expect(await run(['update', missing])).toMatchObject({ code: 3, stdout: '' });
    expect(await run(['nwfilter-update', a])).toMatchObject({ code: 0 });
    expect(await run(['create-from', 'a', 'c'])).toMatchObject({ code: 0 });
    expect(await run(['nwfilter-create-from', 'a', 'c'])).toMatchObject({ code: 4 });

    const used = await run(['undefine', 'a']);
    expect(used).toMatchObject({ code: 4, stdout: '' });
    expect(used.stderr).toMatch(/^nwgate: the filter a is used by filter b\n/);
    expect(await run(['nwfilter-undefine', 'b'])).toMatchObject({ code: 0 });
    expect(await run(['nwfilter-destroy', 'a'])).toMatchObject({ code: 0 });
    expect(await run(['dumpxml', 'a'])).toMatchObject({ code: 3 });
  });

  it('validate: every fault of every file', async () => {
    const { directory, run, file } = await prepared(way);
    const good = file('good.xml', doc('a', rule(25)));
    const bad = file('bad.xml', "<filter name='b'>\n  <rule action='eat' direction='up'/>\n</filter>");
    expect(await run(['validate', good])).toEqual({ code: 0, stdout: `${good} is valid\n`, stderr: '' });
    const { code, stdout, stderr } = await run(['validate', bad, good]);
    expect(code).toBe(2);
    expect(stdout).toBe(`${good} is valid\n`);
    expect(stderr.trimEnd().split('\n')).toEqual([
      expect.stringMatching(/bad\.xml:2:\d+: .*eat/),
      expect.stringMatching(/bad\.xml:2:\d+: .*up/),
    ]);
    const missing = join(good, 'nope');
    expect(await run(['validate', missing])).toMatchObject({ code: 3 });
    expect(await run(['validate', bad, missing, directory, good])).toMatchObject({
      code: 2,
      stdout: `${good} is valid\n`,
      stderr: expect.stringMatching(
        /bad\.xml:2.*\n.*bad\.xml:2.*\n.*nope:1:1: there is no file.*\n.*EISDIR.*\n$/,
      ),
    });
    const forged = file('a\nb.xml', doc('a', rule(25)));
    expect((await run(['validate', forged])).stdout).toBe(`${directory}/a\\x0ab.xml is valid\n`);
  });

  it('edit: validated before anything changes, refused when changed meanwhile', async () => {
    const { directory, state, run, file } = await prepared(way);
    await run(['define', file('a.xml', doc('a', rule(25)))]);
    const texts = join(directory, 'texts');
    mkdirSync(texts);
    const editor = (script: string) => ({
      env: { EDITOR: `sh ${file('editor.sh', script)}`, VISUAL: '', TMPDIR: texts },
    });
    expect(await run(['edit', 'a'], editor('sed -i s/start=.25/start=\\"26/ "$1"'))).toMatchObject({
      code: 0,
      stdout: 'Filter a edited\n',
    });
    expect((await run(['dumpxml', 'a'])).stdout).toContain('dstportstart="26"');
    expect(await run(['nwfilter-edit', 'a'], editor('true'))).toMatchObject({
      code: 0,
      stdout: 'Filter a not changed\n',
    });
    const broken = await run(['edit', 'a'], editor('sed -i s/start=.26/start=\\"70000/ "$1"'));
    expect(broken.code).toBe(2);
    const kept = /kept in (\S+)/.exec(broken.stderr)?.[1] ?? '';
    expect(readFileSync(kept, 'utf8')).toContain('70000');
    rmSync(dirname(kept), { recursive: true });
    expect((await run(['edit', 'a'], editor('exit 1'))).code).toBe(2);
    expect((await run(['edit', 'nothing'], editor('true'))).code).toBe(3);
    expect(readdirSync(texts)).toEqual([]);
    const halfway = await run(['edit', 'a'], editor('echo half >> "$1"; exit 1'));
    expect(halfway).toMatchObject({ code: 2, stderr: expect.stringContaining('Your text is kept in') });
    const other = file('other.xml', doc('a', rule(99)));
    const main = join(import.meta.dirname, '../../dist/cli/main.js');
    const race = `${process.execPath} ${main} --state ${state} --host dry-run define ${other}\nsed -i s/start=.26/start=\\"27/ "$1"`;
    expect((await run(['edit', 'a'], editor(race))).code).toBe(4);
    expect((await run(['dumpxml', 'a'])).stdout).toContain('dstportstart="99"');
  });
});
