/** The verdicts on file: test/data/verdicts/<construct>.json. They stand in for libvirt where it is not installed. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { type Construct, scenariosOf } from './construct.js';
import type { Scenario, Step } from './scenario.js';
import { fingerprint, type Outcome, withVerdicts } from './vector.js';

const VERDICTS = join(import.meta.dirname, '../data/verdicts');

export interface Record {
  /** Version that was asked. */
  readonly version: string;
  /** See `fingerprint`: of the frames that were sent. */
  readonly frames: string;
  readonly libvirt: Outcome;
  /** Only where it is another. */
  readonly nwgate?: Outcome;
}

const fileOf = ({ name }: Construct) => join(VERDICTS, `${name}.json`);

/** Errors: when there is none, or its frames are not those that would be sent now. */
export function readRecord(subject: Construct): Record {
  const file = fileOf(subject);
  if (!existsSync(file)) throw new Error(`${subject.name} has no record: ${HOW}`);
  const record = JSON.parse(readFileSync(file, 'utf8')) as Record;
  if (record.frames !== fingerprint(scenariosOf(subject)))
    throw new Error(`${subject.name} was recorded with other frames: ${HOW}`);
  return record;
}

const HOW = 'make records anew, where libvirt is installed, with UPDATE_VERDICTS=1 npm run lab';

export function writeRecord(subject: Construct, version: string, libvirt: Outcome, nwgate: Outcome): void {
  const frames = fingerprint(scenariosOf(subject));
  const record: Record = { version, frames, libvirt, ...(sameVerdict(libvirt, nwgate) ? {} : { nwgate }) };
  writeFileSync(fileOf(subject), `${JSON.stringify(record, undefined, 1)}\n`);
}

/** Two refusals are one verdict, whatever the words. */
export function sameVerdict(one: Outcome, other: Outcome): boolean {
  return ('refused' in one && 'refused' in other) || isDeepStrictEqual(one, other);
}

export interface LabStep extends Step {
  /** What nwgate's rules in the kernel did with it. */
  readonly arrived: boolean;
}

/**
 * The frames of a construct and what became of them under nwgate's rules; undefined when nwgate refuses the filter. Steps
 * of one scenario went one after the other, with nothing known of connections before the first.
 */
export function labFrames(
  subject: Construct,
): readonly (Omit<Scenario, 'steps'> & { readonly steps: readonly LabStep[] })[] | undefined {
  const { libvirt, nwgate = libvirt } = readRecord(subject);
  if ('refused' in nwgate) return undefined;
  const scenarios = scenariosOf(subject);
  const verdicts = new Map(
    withVerdicts(scenarios, nwgate.vector).map(({ step, arrived }) => [step.number, arrived]),
  );
  return scenarios.map(({ group, steps }) => ({
    group,
    steps: steps.map((step) => ({ ...step, arrived: verdicts.get(step.number) === true })),
  }));
}
