import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { removeLeftovers } from '../../src/store/disk.js';
import { changeFiles, finishJournal } from '../../src/store/journal.js';
import { temporaryDirectory } from '../support/directory.js';

describe('changing several files as one', () => {
  it('writes, replaces and removes', async () => {
    const state = temporaryDirectory();
    writeFileSync(join(state, 'b'), 'old b');
    writeFileSync(join(state, 'c'), 'old c');
    await changeFiles(state, [
      { path: join(state, 'a'), content: 'new a', before: undefined },
      { path: join(state, 'b'), content: 'new b', before: Buffer.from('old b') },
      { path: join(state, 'c'), content: undefined, before: Buffer.from('old c') },
    ]);
    expect(readdirSync(state)).toEqual(['a', 'b']);
    expect(readFileSync(join(state, 'b'), 'utf8')).toBe('new b');
  });

  it('puts everything back when a step fails', async () => {
    const state = temporaryDirectory();
    writeFileSync(join(state, 'a'), 'old a');
    mkdirSync(join(state, 'taken', 'by-a-directory'), { recursive: true });
    const changes = [
      { path: join(state, 'a'), content: 'new a', before: Buffer.from('old a') },
      { path: join(state, 'new'), content: 'new', before: undefined },
      { path: join(state, 'taken'), content: 'x', before: Buffer.from('whatever') },
    ];
    await expect(changeFiles(state, changes.slice(0, 2).concat(changes[2]!))).rejects.toThrow();
    expect(readFileSync(join(state, 'a'), 'utf8')).toBe('old a');
    expect(existsSync(join(state, 'new'))).toBe(false);
  });

  it('finishes what a killed process began, from any point of it', async () => {
    for (const done of [0, 1, 2]) {
      const state = temporaryDirectory();
      const steps = [{ from: '.a.1.0.tmp', to: 'a' }, { from: '.b.1.1.tmp', to: 'b' }, { remove: 'c' }];
      writeFileSync(join(state, done > 0 ? 'a' : '.a.1.0.tmp'), 'new a');
      writeFileSync(join(state, done > 1 ? 'b' : '.b.1.1.tmp'), 'new b');
      writeFileSync(join(state, 'c'), 'old c');
      writeFileSync(join(state, 'journal'), JSON.stringify(steps));
      await finishJournal(state);
      expect(readdirSync(state)).toEqual(['a', 'b']);
      expect(readFileSync(join(state, 'a'), 'utf8')).toBe('new a');
    }
  });

  it('says when a journal cannot be read', async () => {
    const state = temporaryDirectory();
    writeFileSync(join(state, 'journal'), '[{"fro');
    await expect(finishJournal(state)).rejects.toMatchObject({ code: 'DISK' });
  });

  it('removes leftovers and nothing else', async () => {
    const state = temporaryDirectory();
    for (const name of ['a.xml', '.a.xml.7.0.tmp', '.hidden', 'x.tmp']) writeFileSync(join(state, name), '');
    await removeLeftovers(state);
    expect(readdirSync(state)).toEqual(['.hidden', 'a.xml', 'x.tmp']);
  });
});
