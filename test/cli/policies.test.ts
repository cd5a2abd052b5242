/** Import and export, alone and through a running gateway. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { doc, ref, rule } from '../support/gateway.js';
import { build } from '../support/program.js';
import { prepared, UUID, WAYS } from './prepared.js';

beforeAll(build);

describe.each(WAYS)('%s', (way) => {
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
