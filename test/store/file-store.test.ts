import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Binding } from '../../src/model/binding.js';
import { type Filter, rulesOf } from '../../src/model/filter.js';
import { openFileStore } from '../../src/store/file-store.js';
import { temporaryDirectory } from '../support/directory.js';
import { build } from '../support/program.js';

const filter = (name: string, priority = 500): Filter => ({
  name,
  uuid: '11111111-1111-4111-8111-111111111111',
  chain: 'root',
  priority: 0,
  entries: [
    {
      kind: 'rule',
      id: 'r1',
      action: 'drop',
      direction: 'out',
      priority,
      statematch: true,
      protocol: 'tcp',
      matches: [{ attribute: 'dstportstart', value: '25', negated: false }],
    },
  ],
});
const WRITER = join(import.meta.dirname, 'writer.mjs');
const binding: Binding = {
  port: 'vnet0',
  filter: 'a',
  mac: '52:54:00:00:00:01',
  owner: { name: 'vm' },
  parameters: [{ name: 'IP', value: '10.0.0.1' }],
};
const put = (name: string, value: Filter | undefined, expected?: number) => ({
  filters: [{ name, value, expected }],
  bindings: [],
});

describe('the file store', () => {
  it('gives back what was stored, also to the next process', async () => {
    const state = join(temporaryDirectory(), 'made', 'for-it');
    const store = await openFileStore(state);
    await store.commit({
      filters: [{ name: 'a', value: filter('a'), expected: 0 }],
      bindings: [{ name: 'vnet0', value: binding, expected: 0 }],
    });
    const again = await openFileStore(state);
    const { found, broken } = await again.filters.list();
    expect(broken.size).toBe(0);
    expect(found.get('a')).toMatchObject({ revision: 1, value: { name: 'a', uuid: filter('a').uuid } });
    expect(rulesOf(found.get('a')!.value)[0]).toMatchObject({ id: 'r1', protocol: 'tcp' });
    expect((await again.bindings.list()).found.get('vnet0')).toEqual({ revision: 1, value: binding });
    expect(readdirSync(state).sort()).toEqual(['bindings', 'filters']);
  });

  it('counts revisions and compares them', async () => {
    const store = await openFileStore(temporaryDirectory());
    await store.commit(put('a', filter('a'), 0));
    await store.commit(put('a', filter('a', 100), 1));
    await store.commit(put('a', filter('a', 200)));
    expect((await store.filters.list()).found.get('a')?.revision).toBe(3);
    for (const expected of [0, 2, 4]) {
      await expect(store.commit(put('a', filter('a'), expected))).rejects.toMatchObject({ code: 'STALE' });
      await expect(store.commit(put('a', undefined, expected))).rejects.toMatchObject({ code: 'STALE' });
    }
    await expect(store.commit(put('new', filter('new'), 1))).rejects.toMatchObject({ code: 'STALE' });
    await store.commit(put('a', undefined, 3));
    expect((await store.filters.list()).found.size).toBe(0);
  });

  it('changes nothing when one of several changes is stale', async () => {
    const state = temporaryDirectory();
    const store = await openFileStore(state);
    await store.commit(put('a', filter('a'), 0));
    const before = readFileSync(join(state, 'filters/a.xml'), 'utf8');
    const changes = {
      filters: [
        { name: 'a', value: filter('a', 7), expected: 1 },
        { name: 'b', value: filter('b'), expected: 5 },
      ],
      bindings: [{ name: 'vnet0', value: binding, expected: 0 }],
    };
    await expect(store.commit(changes)).rejects.toMatchObject({ code: 'STALE' });
    expect(readFileSync(join(state, 'filters/a.xml'), 'utf8')).toBe(before);
    expect(readdirSync(join(state, 'filters'))).toEqual(['a.xml']);
    expect(readdirSync(join(state, 'bindings'))).toEqual([]);
  });

  it('reads a file written by hand as revision 1, and shows a broken one beside the rest', async () => {
    const state = temporaryDirectory();
    mkdirSync(join(state, 'filters'));
    const write = (file: string, text: string) => writeFileSync(join(state, 'filters', file), text);
    write('hand.xml', "<filter name='hand'><rule action='drop' direction='in'/></filter>");
    write('torn.xml', "<filter name='torn'><rule act");
    write('other.xml', "<filter name='elsewhere'/>");
    write('notes.txt', 'not ours');
    const store = await openFileStore(state);
    const { found, broken } = await store.filters.list();
    expect([...found.keys()]).toEqual(['hand']);
    expect(found.get('hand')?.revision).toBe(1);
    expect([...broken.keys()]).toEqual(['other', 'torn']);
    expect(broken.get('torn')).toMatch(/torn\.xml/);
    expect(broken.get('other')).toMatch(/elsewhere/);
    await expect(store.commit(put('torn', filter('torn'), 1))).rejects.toMatchObject({ code: 'STALE' });
    await store.commit(put('torn', filter('torn')));
    expect((await store.filters.list()).found.get('torn')?.revision).toBe(1);
  });

  it.each(['../evil', 'a/b', '.hidden', '', '-rf', 'a\0b', '/etc/passwd'])(
    'refuses the name %j',
    async (name) => {
      const state = join(temporaryDirectory(), 'state');
      const store = await openFileStore(state);
      await expect(store.commit(put(name, filter(name)))).rejects.toMatchObject({ code: 'NAME' });
      await expect(
        store.commit({ filters: [], bindings: [{ name, value: { ...binding, port: name }, expected: 0 }] }),
      ).rejects.toMatchObject({ code: 'NAME' });
      expect(readdirSync(join(state, '..'))).toEqual(['state']);
    },
  );

  it('says DISK where it cannot write', async () => {
    await expect(openFileStore('/dev/null/state')).rejects.toMatchObject({ code: 'DISK' });
  });
});

describe('a process killed while it writes', () => {
  beforeAll(build);

  it('has done all of a transaction or none, wherever it was, and leaves nothing beside', async () => {
    const seen = new Set<number>();
    for (let call = 1, killed = true; killed; call += 1) {
      const state = temporaryDirectory();
      const before = await openFileStore(state);
      await before.commit({
        filters: ['a', 'b', 'c'].map((name) => ({ name, value: filter(name, 1), expected: 0 })),
        bindings: [],
      });
      killed = spawnSync(process.execPath, [WRITER, state, String(call)]).signal === 'SIGKILL';
      const after = await openFileStore(state);
      const { found, broken } = await after.filters.list();
      expect(broken).toEqual(new Map());
      const priority = rulesOf(found.get('a')!.value)[0]!.priority;
      expect(rulesOf(found.get('b')!.value)[0]!.priority).toBe(priority);
      expect(found.has('c')).toBe(priority === 1);
      const files = priority === 1 ? ['a.xml', 'b.xml', 'c.xml'] : ['a.xml', 'b.xml'];
      expect(readdirSync(join(state, 'filters')).sort()).toEqual(files);
      expect(readdirSync(state).sort()).toEqual(['bindings', 'filters']);
      seen.add(priority);
    }
    expect(seen).toEqual(new Set([1, 2]));
  });
});
