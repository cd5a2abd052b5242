/** Verdicts of one side on all frames of a construct, in a form to compare and to keep. */
import { createHash } from 'node:crypto';
import type { Scenario, Step } from './scenario.js';
import type { Verdicts } from './world.js';

/** For each group of scenarios a sign for each frame in turn: `+` arrived, `-` did not. */
export type Vector = Readonly<Record<string, string>>;

export type Outcome = { readonly vector: Vector } | { readonly refused: string };

export function vectorOf(scenarios: readonly Scenario[], verdicts: Verdicts): Vector {
  const vector: Record<string, string> = {};
  for (const { group, steps } of scenarios)
    for (const { number } of steps)
      vector[group] = `${vector[group] ?? ''}${verdicts.get(number) ? '+' : '-'}`;
  return vector;
}

/** What arrived in either of two measurements of the same frames; a refusal stays one. */
export function merged(one: Outcome, other: Outcome): Outcome {
  if ('refused' in one || 'refused' in other) return other;
  const both = (signs: string, others: string) =>
    [...signs].map((sign, at) => (others[at] === '+' ? '+' : sign)).join('');
  const groups = Object.entries(one.vector).map(([group, signs]) => [
    group,
    both(signs, other.vector[group] ?? ''),
  ]);
  return { vector: Object.fromEntries(groups) };
}

/** Frames with their verdicts in a vector. */
export function withVerdicts(
  scenarios: readonly Scenario[],
  vector: Vector,
): readonly { readonly group: string; readonly step: Step; readonly arrived: boolean }[] {
  const places = new Map<string, number>();
  return scenarios.flatMap(({ group, steps }) =>
    steps.map((step) => {
      const place = places.get(group) ?? 0;
      places.set(group, place + 1);
      return { group, step, arrived: vector[group]?.[place] === '+' };
    }),
  );
}

/** Names of the frames on which two vectors differ, with the verdict of each. */
export function differences(scenarios: readonly Scenario[], one: Vector, other: Vector): readonly string[] {
  const theirs = withVerdicts(scenarios, other);
  const word = (arrived: boolean | undefined) => (arrived ? 'arrives' : 'is dropped');
  return withVerdicts(scenarios, one).flatMap(({ group, step, arrived }, index) =>
    arrived === theirs[index]?.arrived
      ? []
      : `${group}: ${step.name}: ${word(arrived)}, there it ${word(theirs[index]?.arrived)}`,
  );
}

/** Tells whether verdicts were measured on these very frames. */
export function fingerprint(scenarios: readonly Scenario[]): string {
  const hash = createHash('sha256');
  for (const { group, steps } of scenarios)
    for (const { route, hex } of steps) hash.update(`${group} ${route} ${hex}\n`);
  return hash.digest('hex').slice(0, 16);
}
