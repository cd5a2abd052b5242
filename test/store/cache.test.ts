import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Filter } from '../../src/model/filter.js';
import { openCache } from '../../src/store/cache.js';
import { filterCodec } from '../../src/store/codecs.js';
import { fileCollection } from '../../src/store/collection.js';
import { openFileStore } from '../../src/store/file-store.js';
import { temporaryDirectory } from '../support/directory.js';

const never = (trouble: string) => expect.unreachable(trouble);
const document = (name: string, port: number) =>
  `<filter name='${name}' chain='root'><rule action='drop' direction='in'><tcp dstportstart='${port}'/></rule></filter>`;

/** A directory of so many filters, and how it is listed: what was found, and which files were parsed for it. */
function directoryOf(number: number) {
  const state = temporaryDirectory();
  const folder = join(state, 'filters');
  const path = join(state, 'filters.cache');
  mkdirSync(folder);
  const put = (name: string, text: string) => writeFileSync(join(folder, `${name}.xml`), text);
  for (let index = 0; index < number; index += 1) put(`f${index}`, document(`f${index}`, index + 1));
  const list = async (complain: (trouble: string) => void = never, program?: () => string) => {
    const parsed: string[] = [];
    const codec = {
      ...filterCodec,
      read(content: Uint8Array, source: string) {
        parsed.push(source.slice(folder.length + 1, -'.xml'.length));
        return filterCodec.read(content, source);
      },
    };
    return {
      ...(await fileCollection<Filter>(folder, codec, () => openCache(path, complain, program)).list()),
      parsed,
    };
  };
  return { state, folder, path, put, list };
}

describe('the cache of what is stored', () => {
  it('spares the next start every file, and gives what reading them gives', async () => {
    const { list, folder } = directoryOf(100);
    const first = await list();
    const second = await list();
    expect(first.parsed).toHaveLength(100);
    expect(second.parsed).toEqual([]);
    const anew = await fileCollection(folder, filterCodec).list();
    expect(second.found).toStrictEqual(anew.found);
    expect(second.found.size).toBe(100);
  });

  it('gives back the predefined filters to the last property', async () => {
    const { list, put } = directoryOf(64);
    const filters = join(import.meta.dirname, '../../filters');
    const names = readdirSync(filters).map((file) => file.slice(0, -'.xml'.length));
    for (const name of names) put(name, readFileSync(join(filters, `${name}.xml`), 'utf8'));
    const first = await list();
    const second = await list();
    expect(second.parsed).toEqual([]);
    for (const name of names) expect(second.found.get(name)).toStrictEqual(first.found.get(name));
  });

  it('never hides a change of a file, not even one of the same size and time', async () => {
    const { list, put, folder } = directoryOf(100);
    await list();
    const file = join(folder, 'f7.xml');
    const { atime, mtime, size } = statSync(file);
    put('f7', document('f7', 9));
    utimesSync(file, atime, mtime);
    expect(statSync(file)).toMatchObject({ size, mtime });
    rmSync(join(folder, 'f8.xml'));
    put('f9', '<filter');
    const { parsed, found, broken } = await list();
    expect(parsed.toSorted()).toEqual(['f7', 'f9']);
    expect(found.get('f7')?.value.entries[0]).toMatchObject({
      matches: [{ attribute: 'dstportstart', value: '9' }],
    });
    expect(found.has('f8')).toBe(false);
    expect([...broken.keys()]).toEqual(['f9']);
  });

  it('tells a broken file at every start', async () => {
    const { list, put } = directoryOf(100);
    put('other', document('elsewhere', 1));
    put('torn', '<filter');
    const first = await list();
    expect((await list()).broken).toEqual(first.broken);
    expect([...first.broken.keys()]).toEqual(['other', 'torn']);
  });

  it('is written for many files that were not in it, not for a few', async () => {
    const few = directoryOf(63);
    await few.list();
    expect(readdirSync(few.state)).toEqual(['filters']);
    const { list, put, path } = directoryOf(100);
    await list();
    const before = readFileSync(path);
    for (let index = 0; index < 63; index += 1) put(`f${index}`, document(`f${index}`, 1000));
    expect((await list()).parsed).toHaveLength(63);
    expect(readFileSync(path).equals(before)).toBe(true);
    put('f63', document('f63', 1000));
    expect((await list()).parsed).toHaveLength(64);
    expect((await list()).parsed).toEqual([]);
  });

  it('is believed only whole, and only when this program wrote it', async () => {
    const { list, path } = directoryOf(100);
    const { found } = await list();
    const whole = readFileSync(path);
    const damaged = [
      Buffer.alloc(0),
      whole.subarray(0, 20),
      whole.subarray(0, -1),
      Buffer.concat([whole, Buffer.from('x')]),
      ...[0, 43, 44, 45, 100, whole.length >> 1, whole.length - 1].map((place) => {
        const copy = Buffer.from(whole);
        copy[place]! ^= 1;
        return copy;
      }),
    ];
    for (const content of damaged) {
      writeFileSync(path, content);
      const again = await list();
      expect(again.parsed).toHaveLength(100);
      expect(again.found).toStrictEqual(found);
      expect(readFileSync(path).equals(whole), 'it is written anew').toBe(true);
    }
    const other = () => 'another program';
    expect((await list(never, other)).parsed).toHaveLength(100);
    expect((await list(never, other)).parsed).toEqual([]);
    expect((await list()).parsed).toHaveLength(100);
  });

  it('stops nothing when it cannot be read or written', async () => {
    const { list, path } = directoryOf(100);
    mkdirSync(path);
    const troubles: string[] = [];
    const { found } = await list((trouble) => troubles.push(trouble));
    expect(found.size).toBe(100);
    expect(troubles).toEqual([expect.stringContaining('EISDIR'), expect.stringContaining('EISDIR')]);
  });

  it('tells the log of its trouble', async () => {
    const { state } = directoryOf(100);
    mkdirSync(join(state, 'filters.cache'));
    const said: unknown[] = [];
    const store = await openFileStore(state, {
      warn: (fields, message) => said.push({ ...fields, message }),
    });
    expect((await store.filters.list()).found.size).toBe(100);
    expect(said).toHaveLength(2);
    expect(said[0]).toMatchObject({
      trouble: expect.stringContaining('EISDIR'),
      message: expect.any(String),
    });
  });
});
