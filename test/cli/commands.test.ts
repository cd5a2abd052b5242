/** Every command as contract and docs/cli.md have it, alone and through a running gateway. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../support/directory.js';
import { doc, ref, rule } from '../support/gateway.js';
import { build, nwgate, type RunOptions } from '../support/program.js';
import { startServe } from '../support/running.js';

const UUID = '11111111-1111-4111-8111-111111111111';

/** A state directory with a runner for it, and a way to write files beside it. */
async function prepared(way: 'alone' | 'through a gateway') {
  const directory = temporaryDirectory();
  const state = join(directory, 'state');
  if (way === 'through a gateway') await startServe(state);
  const run = (args: readonly string[], options?: RunOptions) =>
    nwgate(['--state', state, '--host', 'dry-run', ...args], options);
  const file = (name: string, content: string) => {
    const path = join(directory, name);
    writeFileSync(path, content);
    return path;
  };
  const json = async (...args: readonly string[]) => {
    const { code, stdout, stderr } = await run(['--json', ...args]);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    return JSON.parse(stdout);
  };
  return { directory, state, run, file, json };
}

beforeAll(build);

describe.each(['alone', 'through a gateway'] as const)('%s', (way) => {
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

  it('ports: bind, bindings, unbind', async () => {
    const { run, file, json } = await prepared(way);
    await run(['define', file('a.xml', doc('a', rule('$PORTS')))]);
    const args = ['bind', 'vnet0', '--filter', 'a', '--mac', '52:54:00:AB:CD:EF', '--owner', 'vm1'];
    const bound = await json(...args, '--param', 'PORTS=25', '--param', 'PORTS=26');
    expect(bound).toEqual({
      port: 'vnet0',
      mac: '52:54:00:ab:cd:ef',
      filter: 'a',
      parameters: [
        { name: 'PORTS', value: '25' },
        { name: 'PORTS', value: '26' },
      ],
      owner: { name: 'vm1' },
      state: 'pending',
      reason: expect.stringContaining('dry-run'),
    });
    const document = `<filterbinding><owner><name>vm2</name><uuid>${UUID}</uuid></owner><portdev name='vnet1'/>
      <mac address='52:54:00:00:00:01'/><filterref filter='a'><parameter name='PORTS' value='80'/></filterref></filterbinding>`;
    expect(await run(['nwfilter-binding-create', file('b.xml', document)])).toMatchObject({ code: 0 });
    const bindings = await json('bindings');
    expect(bindings).toEqual([
      bound,
      {
        port: 'vnet1',
        mac: '52:54:00:00:00:01',
        filter: 'a',
        parameters: [{ name: 'PORTS', value: '80' }],
        owner: { name: 'vm2', uuid: UUID },
        state: 'pending',
        reason: bound.reason,
      },
    ]);
    expect(await json('nwfilter-binding-list', 'vnet1')).toEqual([bindings[1]]);
    expect((await run(['bindings'])).stdout).toMatch(/^PORT +FILTER +STATE\nvnet0 +a +pending: /);
    expect(await run(['bindings', 'vnet7'])).toMatchObject({ code: 3 });
    expect(await run([...args, '--param', 'PORTS=1'])).toMatchObject({ code: 4 });
    expect(await run([...args, '--param', 'PORTS=1', '--replace'])).toMatchObject({ code: 0 });
    expect((await json('list')).find(({ name }: { name: string }) => name === 'a').ports).toEqual([
      'vnet0',
      'vnet1',
    ]);
    expect(await run(['undefine', 'a'])).toMatchObject({ code: 4 });
    expect(await run(['unbind', 'vnet0'])).toMatchObject({ code: 0 });
    expect(await run(['nwfilter-binding-delete', 'vnet1'])).toMatchObject({ code: 0 });
    expect(await run(['unbind', 'vnet1'])).toMatchObject({ code: 3 });
    expect(await json('bindings')).toEqual([]);
  });

  it('compile: three formats, of stored filters and of files', async () => {
    const { run, file } = await prepared(way);
    const path = file('a.xml', doc('a', rule('$P')));
    const args = ['--port', 'vnet0', '--param', 'P=25'];
    const fromFile = await run(['compile', path, ...args]);
    expect(fromFile.stderr).toBe('');
    expect(fromFile.code).toBe(0);
    expect(fromFile.stdout.match(/^# (ebtables|iptables|ip6tables)$/gm)).toEqual([
      '# ebtables',
      '# iptables',
      '# ip6tables',
    ]);
    expect(fromFile.stdout).toContain('--dport 25');
    expect(await run(['compile', '-', ...args], { input: doc('a', rule('$P')) })).toEqual(fromFile);
    expect(await run(['dumpxml', 'a'])).toMatchObject({ code: 3 });
    await run(['define', path]);
    expect(await run(['compile', 'a', ...args, '--format', 'restore'])).toEqual(fromFile);
    const commands = await run(['compile', 'a', ...args, '--format', 'commands']);
    expect(commands.stdout).toMatch(/^iptables .*--dport 25/m);
    const rules = JSON.parse((await run(['compile', 'a', ...args, '--format', 'json'])).stdout);
    expect(rules).toMatchObject({ port: 'vnet0', tools: { iptables: { chains: expect.any(Array) } } });
    expect(await run(['compile', 'a', '--port', 'vnet0'])).toMatchObject({ code: 2, stdout: '' });
    expect(await run(['compile', 'nothing', ...args])).toMatchObject({ code: 3 });
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

  it('users: add, list, remove', async () => {
    const { run, json, state } = await prepared(way);
    const add = (name: string, role: string, input: string) =>
      run(['user', 'add', name, '--role', role, '--password-stdin'], { input });
    expect(await add('amy', 'admin', 'a long password\n')).toMatchObject({ code: 0 });
    expect(await add('amy', 'admin', 'a long password')).toMatchObject({ code: 4 });
    expect(await add('bob', 'emperor', 'a long password')).toMatchObject({ code: 2 });
    expect(await add('bob', 'reader', 'short')).toMatchObject({ code: 2 });
    expect(await run(['user', 'add', 'bob', '--role', 'reader'])).toMatchObject({ code: 2 });
    expect(await json('user', 'list')).toEqual([{ name: 'amy', role: 'admin', digest: false }]);
    expect((await run(['user', 'list'])).stdout).toBe('NAME  ROLE   DIGEST\namy   admin  no\n');
    expect(readFileSync(join(state, 'users.json'), 'utf8')).not.toContain('a long');
    expect(await run(['user', 'remove', 'amy'])).toMatchObject({ code: 0 });
    expect(await run(['user', 'remove', 'amy'])).toMatchObject({ code: 3 });
  });

  it('import and export: native form', async () => {
    const { directory, run, file, json } = await prepared(way);
    const both = file('both.xml', `<filters>${doc('a', ref('b'))}${doc('b', rule(25))}</filters>`);
    expect(await json('import', both, '--dry-run')).toMatchObject({ names: ['a', 'b'] });
    expect(await run(['dumpxml', 'a'])).toMatchObject({ code: 3 });
    expect(await json('import', both)).toEqual({
      names: ['a', 'b'],
      report: ['filter a: 0 rules, 1 reference', 'filter b: 1 rule, 0 references'],
    });
    expect(await run(['import', both])).toMatchObject({ code: 4 });
    expect(await json('import', both, '--on-conflict', 'skip')).toMatchObject({ names: [] });
    expect(await json('import', both, '--on-conflict', 'replace')).toMatchObject({ names: ['a', 'b'] });
    const one = await run(['export', 'a', '--format', 'native']);
    expect(one.stdout).toBe((await run(['dumpxml', 'a'])).stdout);
    const out = join(directory, 'out.xml');
    const tree = await run(['export', 'a', '--format', 'native', '--with-references', '-o', out]);
    expect(tree).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(readFileSync(out, 'utf8').match(/<filter name="\w+"/g)).toEqual([
      '<filter name="a"',
      '<filter name="b"',
    ]);
    const dangling = file('dangling.xml', doc('c', ref('nowhere')));
    expect(await run(['import', dangling])).toMatchObject({ code: 2 });
    expect(await run(['import', file('x.xml', '<unknown/>')])).toMatchObject({ code: 2 });
    await run(['bind', 'vnet0', '--filter', 'a']);
    const bundle = await run(['export', '--format', 'native', '--with-references', '--binding', 'vnet0']);
    expect(bundle.stdout).toContain('<portdev name="vnet0"/>');
    await run(['unbind', 'vnet0']);
    expect(await json('import', file('bundle.xml', bundle.stdout))).toMatchObject({ names: [] });
    expect(await json('bindings')).toMatchObject([{ port: 'vnet0', filter: 'a' }]);
    const lossy = ['export', 'a', '--format', 'draft', '--lossy'];
    expect((await run(lossy)).stderr).toBe(
      'nwgate: left out: filter a, filterref: the draft has no references (b)\n',
    );
    expect(await json(...lossy)).toMatchObject({
      document: expect.stringContaining('<FilterEntries'),
      leftOut: [{ code: 'FORM_CANNOT_HOLD', where: { filter: 'a', attribute: 'filterref' } }],
    });
    expect(await run(lossy.slice(0, -1))).toMatchObject({ code: 2, stdout: '' });
    expect(await run(['export', 'nothing', '--format', 'native'])).toMatchObject({ code: 3 });
  });

  it("export: in others' classes", async () => {
    const { run, file, json } = await prepared(way);
    await run(['define', file('a.xml', doc('a', rule(25)))]);
    const kvm = ['export', 'a', '--format', 'mof', '--classes', 'kvm'];
    expect((await run(kvm)).stdout).toContain('instance of KVM_IPHeadersFilter');
    const amt = ['export', 'a', '--format', 'mof', '--classes', 'amt'];
    expect(await run(amt)).toMatchObject({ code: 2, stdout: '' });
    expect(await json(...amt, '--lossy')).toMatchObject({
      document: expect.stringContaining('instance of AMT_SystemDefensePolicy'),
      leftOut: [{ where: { filter: 'a', rule: 1, attribute: 'ProtocolElement' } }],
    });
    expect(await run(['export', 'a', '--format', 'draft', '--classes', 'kvm'])).toMatchObject({ code: 2 });
  });

  it.each(['wscim', 'cimxml', 'mof', 'draft'])(
    'import and export: %s form comes back as it went',
    async (form) => {
      const { directory, run, file } = await prepared(way);
      const body = rule(25) + (form === 'draft' ? '' : ref('clean-traffic'));
      await run(['define', file('a.xml', doc('a', body, UUID))]);
      const before = await run(['dumpxml', 'a']);
      const out = join(directory, 'out.xml');
      expect(await run(['export', 'a', '--format', form, '-o', out])).toMatchObject({ code: 0, stderr: '' });
      await run(['undefine', 'a']);
      const name = form === 'draft' ? ['--name', 'a'] : [];
      expect(await run(['import', out, ...name])).toMatchObject({ code: 0, stderr: '' });
      const withoutUuid = (text: string) => text.replace(/<uuid>.*<\/uuid>/, '');
      expect(withoutUuid((await run(['dumpxml', 'a'])).stdout)).toBe(withoutUuid(before.stdout));
    },
  );
});

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

describe('the state directory', () => {
  it('is --state, else NWGATE_STATE, else under XDG_STATE_HOME', async () => {
    const directory = temporaryDirectory();
    const [given, named] = [join(directory, 'given'), join(directory, 'named')];
    await nwgate(['--state', given, '--host', 'dry-run', 'list'], { env: { NWGATE_STATE: named } });
    expect([existsSync(given), existsSync(named)]).toEqual([true, false]);
    await nwgate(['--host', 'dry-run', 'list'], { env: { NWGATE_STATE: named } });
    expect(existsSync(named)).toBe(true);
  });

  it('that other commands use is waited for', async () => {
    const { run, file, json } = await prepared('alone');
    const results = await Promise.all(
      [1, 2, 3, 4].map((n) => run(['define', file(`${n}.xml`, doc(`f${n}`, rule(n)))])),
    );
    expect(results.map(({ code }) => code)).toEqual([0, 0, 0, 0]);
    const names = (await json('list')).map(({ name }: { name: string }) => name);
    expect(names).toEqual(expect.arrayContaining(['f1', 'f2', 'f3', 'f4']));
  });
});
