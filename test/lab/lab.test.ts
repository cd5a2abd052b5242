/**
 * nwgate's verdicts against libvirt's, frame by frame: against those on file, or, with NWGATE_LAB=libvirt (`npm run lab`),
 * against libvirt itself beside it. UPDATE_VERDICTS=1 then makes the files anew.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../../src/process/run.js';
import { canSendFrames } from '../support/frames.js';
import { canFilter } from '../support/netns.js';
import { type Construct, scenariosOf } from './construct.js';
import { CONSTRUCTS } from './constructs.js';
import { libvirt, libvirtVersion } from './libvirt.js';
import { Pool } from './pool.js';
import { constructsOnPurpose } from './purposes.js';
import { readRecord, sameVerdict, writeRecord } from './record.js';
import { nwgate, openSide, type Side, unfiltered } from './sides.js';
import { differences, merged, type Outcome } from './vector.js';

const SIDE_BY_SIDE = process.env.NWGATE_LAB === 'libvirt';
const UPDATE = process.env.UPDATE_VERDICTS !== undefined;
const version = SIDE_BY_SIDE ? await libvirtVersion() : undefined;
const reason =
  (await canFilter()) ??
  (await canSendFrames()) ??
  (SIDE_BY_SIDE && version === undefined ? 'libvirtd is not installed' : undefined);
const noSets = await run('ipset', ['--version']).then(
  () => undefined,
  (error: Error) => error.message,
);

interface Pair {
  readonly ours: Side;
  readonly theirs: Side | undefined;
}

/** Labs at once: they wait more than they work. */
const PAIRS = SIDE_BY_SIDE ? 2 : 3;

const MOST_MEASURES = 4;

const onPurpose = new Set(constructsOnPurpose());
const rows = new Map<string, string>();

describe.skipIf(reason !== undefined)(
  `the verdicts of nwgate and libvirt${reason === undefined ? '' : ` (skipped: ${reason})`}`,
  () => {
    const opened: Side[] = [];
    let pool: Pool<Pair>;

    beforeAll(async () => {
      const open = async (start: Parameters<typeof openSide>[0]) => {
        const side = await openSide(start);
        opened.push(side);
        return side;
      };
      const pairs: Pair[] = [];
      for (let at = 0; at < PAIRS; at += 1)
        pairs.push({ ours: await open(nwgate), theirs: SIDE_BY_SIDE ? await open(libvirt) : undefined });
      pool = new Pool(pairs);
    });

    afterAll(async () => {
      for (const side of opened) await side.close();
      if (SIDE_BY_SIDE) process.stdout.write(table());
    });

    it('lets every frame arrive where there is no filter', async () => {
      const side = await openSide(unfiltered);
      opened.push(side);
      const everything = CONSTRUCTS.find(({ name }) => name === 'allow-ipv4')!;
      const outcome = await side.outcome(everything);
      const signs = 'vector' in outcome ? Object.values(outcome.vector).join('') : '';
      expect(signs).toMatch(/^\++$/);
      expect(signs.length).toBeGreaterThan(500);
    });

    for (const subject of CONSTRUCTS) {
      const lacking = Object.keys(subject.sets).length > 0 ? noSets : undefined;
      const name = `of ${subject.name}${lacking === undefined ? '' : ` (skipped: ${lacking})`}`;
      (lacking === undefined ? it.concurrent : it.skip)(
        name,
        () => pool.use((pair) => compare(subject, pair)),
        600_000,
      );
    }
  },
);

async function compare(subject: Construct, { ours, theirs }: Pair): Promise<void> {
  const recorded = UPDATE ? undefined : readRecord(subject);
  const their = theirs ? await settled(theirs, subject, recorded?.libvirt) : recorded!.libvirt;
  const expected = recorded?.nwgate ?? (UPDATE && onPurpose.has(subject.name) ? undefined : their);
  const our = await settled(ours, subject, expected);
  if (UPDATE && version !== undefined) writeRecord(subject, version, their, our);
  const same = sameVerdict(our, their);
  rows.set(subject.name, same ? 'equal' : onPurpose.has(subject.name) ? 'different on purpose' : 'DIFFERENT');
  if (recorded) {
    expect(told(subject, their, recorded.libvirt)).toEqual([]);
    expect(told(subject, our, recorded.nwgate ?? recorded.libvirt)).toEqual([]);
  }
  if (!onPurpose.has(subject.name)) expect(told(subject, our, their)).toEqual([]);
  expect({ construct: subject.name, different: !same }).toEqual({
    construct: subject.name,
    different: onPurpose.has(subject.name),
  });
}

/**
 * On a busy machine a frame can come too late to be counted, never the other way round: measured until it is as expected, or
 * the same as before, and a frame that arrived once has arrived.
 */
async function settled(side: Side, subject: Construct, expected: Outcome | undefined): Promise<Outcome> {
  let last = await side.outcome(subject);
  for (let times = 1; times < MOST_MEASURES; times += 1) {
    if (expected !== undefined && sameVerdict(last, expected)) return last;
    const next = merged(last, await side.outcome(subject));
    if (expected === undefined && sameVerdict(next, last)) return next;
    last = next;
  }
  return last;
}

function told(subject: Construct, one: Outcome, other: Outcome): readonly string[] {
  if (sameVerdict(one, other)) return [];
  if ('refused' in one) return [`refused: ${one.refused}`];
  if ('refused' in other) return [`taken; there refused: ${other.refused}`];
  return differences(scenariosOf(subject), one.vector, other.vector);
}

function table(): string {
  const width = Math.max(...CONSTRUCTS.map(({ name }) => name.length));
  const lines = CONSTRUCTS.map(({ name }) => `${name.padEnd(width)}  ${rows.get(name) ?? 'not measured'}`);
  const count = (word: string) => [...rows.values()].filter((each) => each === word).length;
  const sum = `${CONSTRUCTS.length} constructs: ${count('equal')} equal, ${count('different on purpose')} different on purpose`;
  return ['', `libvirt ${version} and nwgate`, ...lines, sum, ''].join('\n');
}
