/** Matches of a rule → options of the host tools, by the protocol's rows. */
import type { Fault } from '../model/errors.js';
import type { Match } from '../model/filter.js';
import { PROTOCOLS } from '../protocols/registry.js';
import type { ProtocolSpec, TestSpec } from '../protocols/types.js';
import type { Instance } from './instantiate.js';
import type { Test } from './ruleset.js';

export interface Turn {
  /** The rule is written for the other direction. */
  readonly mirrored: boolean;
  /** Tests that cannot be turned round stay as they are: the rule means frames of this direction too. */
  readonly bothWays: boolean;
}

/** Where an attribute's value goes, and how it gets there. */
interface Slot {
  readonly row: number;
  readonly part: number;
  readonly kernel: ((canonical: string) => string) | undefined;
}

interface Prepared {
  readonly slots: ReadonlyMap<string, Slot>;
  readonly select: readonly Test[];
}

const prepared = new Map(PROTOCOLS.map((spec) => [spec, prepare(spec)]));

function prepare(spec: ProtocolSpec): Prepared {
  const kernels = new Map(spec.attributes.map(({ name, type }) => [name, type.kernel]));
  const slots = spec.tests.flatMap(({ parts }, row) =>
    parts.map((name, part): [string, Slot] => [name, { row, part, kernel: kernels.get(name) }]),
  );
  const [option, ...args] = spec.select;
  return { slots: new Map(slots), select: option === undefined ? [] : [{ option, args, negated: false }] };
}

/** What selects the protocol, `-p tcp`, as a test. */
export function selection(spec: ProtocolSpec): readonly Test[] {
  return prepared.get(spec)?.select ?? [];
}

/** The parts of one test that a rule gives. */
interface Given {
  readonly values: (string | undefined)[];
  readonly base: Match;
}

function givenByRow(spec: ProtocolSpec, matches: readonly Match[]): readonly (Given | undefined)[] {
  const slots = prepared.get(spec)?.slots;
  const rows: (Given | undefined)[] = [];
  for (const match of matches) {
    const slot = slots?.get(match.attribute);
    if (slot === undefined) continue;
    const value = slot.kernel ? slot.kernel(match.value) : match.value;
    const given = rows[slot.row];
    if (given) given.values[slot.part] = value;
    else {
      const values: (string | undefined)[] = [];
      values[slot.part] = value;
      rows[slot.row] = { values, base: match };
    }
  }
  return rows;
}

/**
 * The tests of a rule's matches alone, without what selects the protocol: alternatives, each a list in the table's order. None
 * where nothing can match or this direction has no such rule, as when its only test is omitted. What the tools cannot test is a
 * fault NOT_COMPILABLE in `faults`.
 */
export function testsOf(
  spec: ProtocolSpec,
  { matches, place }: Instance,
  turn: Turn,
  faults: Fault[],
): readonly (readonly Test[])[] {
  const refuse = (attribute: string, message: string) => {
    faults.push({ code: 'NOT_COMPILABLE', message, where: { ...place, attribute } });
    return [];
  };
  const rows = givenByRow(spec, matches);
  let list: Test[][] = [[]];
  let [omitted, others] = [false, false];
  for (let index = 0; index < rows.length; index += 1) {
    const [row, given] = [spec.tests[index], rows[index]];
    if (row === undefined || given === undefined) continue;
    if (turn.mirrored && row.mirror.kind === 'omit-rule') return [];
    if (turn.mirrored && row.mirror.kind === 'omit-test' && !turn.bothWays) {
      omitted = true;
      continue;
    }
    others = true;
    const { attribute } = given.base;
    if (row.cannot && given.values[0] === row.cannot.value) return refuse(attribute, row.cannot.why);
    const tests = spelled(row, given, turn.mirrored);
    if (tests === undefined) return refuse(attribute, `${attribute} alone makes no test`);
    if (tests === 'any') continue;
    const [only] = tests;
    if (only && tests.length === 1) for (const alternative of list) alternative.push(only);
    else list = list.flatMap((alternative) => tests.map((test) => [...alternative, test]));
  }
  return omitted && !others ? [] : list;
}

/** The test in each way it can be met; 'any' where every packet meets it; undefined when parts are missing. */
function spelled(
  row: TestSpec,
  { values, base }: Given,
  mirrored: boolean,
): readonly Test[] | 'any' | undefined {
  const spellings = row.form(values, { mirrored, negated: base.negated });
  if (spellings === undefined || spellings === 'any') return spellings;
  const own = mirrored && row.mirror.kind === 'swap' ? row.mirror.option : row.option;
  const negated = base.negated && row.complements !== true;
  return spellings.map(({ args, instead }): Test => {
    const { module, option } = instead ?? { module: row.module, option: own };
    return module === undefined ? { option, args, negated } : { module, option, args, negated };
  });
}
