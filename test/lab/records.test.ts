/** The verdicts on file and docs/differences.md speak of the same things. Needs no kernel. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PROTOCOLS } from '../../src/protocols/registry.js';
import { CONSTRUCTS } from './constructs.js';
import { EDGES } from './edges.js';
import { constructsOnPurpose } from './purposes.js';
import { labFrames, readRecord } from './record.js';

const names = CONSTRUCTS.map(({ name }) => name);

describe('the records', () => {
  it('are one for each construct, and no more', () => {
    const files = readdirSync(join(import.meta.dirname, '../data/verdicts'));
    expect(new Set(names).size).toBe(names.length);
    expect(files.toSorted()).toEqual(names.map((name) => `${name}.json`).toSorted());
  });

  it('differ where docs/differences.md says so, and nowhere else', () => {
    const different = CONSTRUCTS.filter((each) => readRecord(each).nwgate !== undefined).map(
      ({ name }) => name,
    );
    expect(different.toSorted()).toEqual(constructsOnPurpose().toSorted());
  });

  it.each(names)('of %s were made with the frames of today', (name) => {
    const subject = CONSTRUCTS.find((each) => each.name === name)!;
    expect(readRecord(subject).version).toMatch(/^9\.0\./);
    const frames = labFrames(subject);
    const refused = readRecord(subject).nwgate ?? readRecord(subject).libvirt;
    expect(frames === undefined).toBe('refused' in refused);
  });
});

describe('the edges', () => {
  it('know every test of the protocol tables', () => {
    const options = PROTOCOLS.flatMap(({ tests }) => tests.map(({ option }) => option));
    expect(options.filter((option) => !(option in EDGES))).toEqual([]);
  });
});
