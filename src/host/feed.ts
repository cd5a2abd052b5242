/** Feeds batches to the tools in order; when one is refused, those before it are undone. */
import { setTimeout as pause } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { Step } from '../compiler/plan.js';
import type { Batch, Tool } from '../compiler/ruleset.js';
import { fail, NwgateError } from '../model/errors.js';
import type { Outcome } from '../process/run.js';
import { placeOf, type Tools } from './tools.js';
import { readTables, viewOf } from './view.js';

/** What the tools answer when somebody else changed the tables at the same moment (RESOURCE_PROBLEM) … */
const RACE = 4;
/** … and also when the lock of the legacy tools was not to be had, for which they have waited already. */
const LOCKED = /holding the xtables lock/;
const ATTEMPTS = 5;
/** Exit code for a program that could not be started (as a shell has it). */
const NEVER_RAN = 127;

/** First pause after a lost race in milliseconds; each further one is twice as long. */
const PAUSE = 10;

/** iptables' own lock, in seconds: only the legacy variant has one. ebtables-restore knows no such option. */
const OPTIONS: Readonly<Record<Tool, readonly string[]>> = {
  ebtables: ['--noflush'],
  iptables: ['--noflush', '-w', '10'],
  ip6tables: ['--noflush', '-w', '10'],
};

/**
 * One process per batch. Errors: NOT_APPLIED with everything as before (details: the tool's words and the lines around
 * the one it names); INTERNAL when taking back failed as well.
 */
export async function feed(tools: Tools, steps: readonly Step[]): Promise<void> {
  const done: Step[] = [];
  for (const step of steps) {
    const outcome = await restore(tools, step.batch);
    if (outcome.failure === undefined || (await doneBeforeItsEnd(tools, step, outcome))) {
      done.push(step);
      continue;
    }
    const details = explain(step.batch, outcome);
    const stuck = await takeBack(tools, done);
    const summary = `${step.batch.tool}: ${firstLine(outcome)}`;
    if (stuck.length === 0) throw fail('NOT_APPLIED', summary, undefined, { details });
    throw fail('INTERNAL', `${summary}; and what was done before could not be taken back`, undefined, {
      details: [details, ...stuck].join('\n'),
    });
  }
}

/** Goes on after a failure: what can be taken back is. Answers the failures. */
async function takeBack(tools: Tools, done: readonly Step[]): Promise<readonly string[]> {
  const failures: string[] = [];
  for (const { undo } of done.toReversed()) {
    if (undo === undefined) continue;
    const outcome = await restore(tools, undo);
    if (outcome.failure !== undefined) failures.push(explain(undo, outcome));
  }
  return failures;
}

/**
 * A tool that was killed may have made its change before: a transaction is there as a whole or not at all, so names tell. Where
 * even looking fails it counts as not made; the watch will find it.
 */
async function doneBeforeItsEnd(
  tools: Tools,
  { batch: { tool }, after }: Step,
  { code }: Outcome,
): Promise<boolean> {
  if (code !== undefined) return false;
  try {
    return isDeepStrictEqual(viewOf(tool, await readTables(tools, tool)), after);
  } catch (error) {
    if (error instanceof NwgateError) return false;
    throw error;
  }
}

/** Feeds one batch, again when a race was lost: a refused batch has changed nothing. */
export async function restore({ commands, netns, run }: Tools, { tool, input }: Batch): Promise<Outcome> {
  for (let attempt = 1; ; attempt += 1) {
    const outcome = await outcomeOf(run(commands[tool].restore, OPTIONS[tool], { ...placeOf(netns), input }));
    if (outcome.code !== RACE || LOCKED.test(outcome.stderr) || attempt === ATTEMPTS) return outcome;
    await pause(PAUSE * 2 ** attempt);
  }
}

/** A tool that is gone since it was probed is a failed batch like any other: those before it are to be undone. */
async function outcomeOf(running: Promise<Outcome>): Promise<Outcome> {
  try {
    return await running;
  } catch (error) {
    if (!(error instanceof NwgateError)) throw error;
    return { code: NEVER_RAN, stdout: '', stderr: '', failure: error.message };
  }
}

function firstLine({ stderr, failure }: Outcome): string {
  return stderr.trim().split('\n')[0] || (failure ?? '');
}

/** The tool's words, and the lines of input around the one it names. */
export function explain({ tool, input }: Batch, { stderr, failure }: Outcome): string {
  const words = `${tool}-restore: ${failure}\n${stderr.trim()}`;
  const line = Number(/\bline:? (\d+)/i.exec(stderr)?.[1] ?? Number.NaN);
  if (Number.isNaN(line)) return words;
  const near = input
    .split('\n')
    .map((text, index) => ({ text, number: index + 1 }))
    .filter(({ number }) => Math.abs(number - line) <= 3)
    .map(({ text, number }) => `${number === line ? '>' : ' '} ${String(number).padStart(5)} ${text}`);
  return [words, ...near].join('\n');
}
