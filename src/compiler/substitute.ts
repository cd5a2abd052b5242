/**
 * Variables of one rule → the rules it stands for. Source: libvirt's nwfilter format, "usage of variables in filters" and
 * "automatic iteration of all combinations"; the order of the combinations is that of its code (docs/differences.md).
 */
import type { Fault, Place } from '../model/errors.js';
import type { Match, Rule } from '../model/filter.js';
import { printable } from '../model/names.js';
import { isVariable, parseVariable } from '../model/variables.js';
import { checkMatches } from '../protocols/check.js';
import { attributeSpec } from '../protocols/registry.js';
import type { Datatype, ProtocolSpec } from '../protocols/types.js';

/** Values of each variable, in order. */
export type Scope = ReadonlyMap<string, readonly string[]>;

/** Where a match gets its text: fixed, or from position `at` of the tuple that a slot is at. */
type Source =
  | { readonly match: Match; readonly kind: 'fixed' }
  | {
      readonly match: Match;
      readonly kind: 'slot';
      readonly slot: Slot;
      readonly name: string;
      readonly type: Datatype;
    };

/** The variables that one iterator walks in parallel. */
interface Slot {
  readonly iterator: number;
  readonly names: string[];
  /** Values of the names, without repetition; set once all names are known. */
  tuples: readonly (readonly string[])[];
}

export interface Substitution {
  /** Matches of each rule that comes out; none when there are faults. */
  readonly results: readonly (readonly Match[])[];
  readonly faults: readonly Fault[];
}

/** True when a rule names a variable. A comment is text whatever it looks like. */
export function hasVariables(rule: Rule, spec: ProtocolSpec): boolean {
  return rule.matches.some(({ attribute, value }) => isReference(spec, attribute, value));
}

function isReference(spec: ProtocolSpec, attribute: string, value: string): boolean {
  return isVariable(value) && attributeSpec(spec, attribute)?.role !== 'comment';
}

/**
 * All combinations, the first iterator (`@0` before others, then in the order of the protocol's table) fastest. Faults:
 * VARIABLE_UNSET, VARIABLE_LENGTH, VARIABLE_VALUE, and LIMIT when there would be more than `most`.
 */
export function substitute(
  rule: Rule,
  spec: ProtocolSpec,
  scope: Scope,
  place: Place,
  most: number,
): Substitution {
  const faults: Fault[] = [];
  const slots: Slot[] = [];
  const sources = rule.matches.map((match) => sourceOf(match, spec, scope, slots, faults, place));
  slots.sort((a, b) => Number(b.iterator === 0) - Number(a.iterator === 0));
  for (const slot of slots) fill(slot, scope, faults, place);
  const count = slots.reduce((product, slot) => product * slot.tuples.length, 1);
  if (count > most) {
    faults.push({
      code: 'LIMIT',
      message: `its variables make ${count} rules of it, more than ${most}`,
      where: place,
    });
  }
  if (faults.length > 0) return { results: [], faults };

  const reader = valueReader(faults, place);
  const results: (readonly Match[])[] = [];
  for (let index = 0; index < count; index += 1) {
    let rest = index;
    const at = new Map<Slot, readonly string[]>();
    for (const slot of slots) {
      at.set(slot, slot.tuples[rest % slot.tuples.length] ?? []);
      rest = Math.floor(rest / slot.tuples.length);
    }
    const matches = sources.map((source) => {
      if (source.kind === 'fixed') return source.match;
      const text = at.get(source.slot)?.[source.slot.names.indexOf(source.name)] ?? '';
      return { ...source.match, value: reader(source.match.attribute, source.name, source.type, text) };
    });
    results.push(matches);
  }
  if (faults.length > 0) return { results: [], faults };
  for (const matches of results) {
    for (const fault of checkMatches(spec, matches, place)) faults.push({ ...fault, code: 'VARIABLE_VALUE' });
  }
  return { results: faults.length > 0 ? [] : results, faults };
}

function sourceOf(
  match: Match,
  spec: ProtocolSpec,
  scope: Scope,
  slots: Slot[],
  faults: Fault[],
  place: Place,
): Source {
  if (!isReference(spec, match.attribute, match.value)) return { match, kind: 'fixed' };
  const where = { ...place, attribute: match.attribute };
  const reference = parseVariable(match.value);
  const type = attributeSpec(spec, match.attribute)?.type;
  if (!reference || !type) {
    const message = `"${printable(match.value)}" is not a variable reference`;
    faults.push({ code: 'VALUE', message, where });
    return { match, kind: 'fixed' };
  }
  const { name, access } = reference;
  const values = scope.get(name);
  if (access.kind === 'element') {
    const text = values?.[access.index];
    if (text !== undefined) {
      return {
        match: { ...match, value: valueReader(faults, place)(match.attribute, name, type, text) },
        kind: 'fixed',
      };
    }
    const message = values
      ? `variable ${name} has ${values.length} value${values.length === 1 ? '' : 's'}, and none at [${access.index}]`
      : `variable ${name} has no value`;
    faults.push({ code: 'VARIABLE_UNSET', message, where });
    return { match, kind: 'fixed' };
  }
  if (values === undefined)
    faults.push({ code: 'VARIABLE_UNSET', message: `variable ${name} has no value`, where });
  let slot = slots.find(({ iterator }) => iterator === access.iterator);
  if (!slot) {
    slot = { iterator: access.iterator, names: [], tuples: [] };
    slots.push(slot);
  }
  if (!slot.names.includes(name)) slot.names.push(name);
  return { match, kind: 'slot', slot, name, type };
}

/** Pairs up the values of a slot's variables; a missing one has been reported. */
function fill(slot: Slot, scope: Scope, faults: Fault[], place: Place): void {
  const lists = slot.names.map((name) => scope.get(name)).filter((list) => list !== undefined);
  const [first] = lists;
  if (first === undefined || lists.length < slot.names.length) return;
  if (lists.some(({ length }) => length !== first.length)) {
    const lengths = slot.names.map((name, index) => `${name} has ${lists[index]?.length}`).join(', ');
    const message = `variables under one iterator need lists of equal length: ${lengths}`;
    faults.push({ code: 'VARIABLE_LENGTH', message, where: place });
    return;
  }
  const tuples = first.map((_, index) => lists.map((list) => list[index] ?? ''));
  slot.tuples = [...new Map(tuples.map((tuple) => [tuple.join('\n'), tuple])).values()];
}

/** Reads each value once per attribute, and reports it once. */
function valueReader(faults: Fault[], place: Place) {
  const known = new Map<string, string>();
  return (attribute: string, name: string, type: Datatype, text: string): string => {
    const key = `${attribute}\n${text}`;
    const before = known.get(key);
    if (before !== undefined) return before;
    const value = type.parse(text);
    if (value === undefined) {
      const message = `variable ${name} is "${printable(text)}", which must be ${type.expects}`;
      faults.push({ code: 'VARIABLE_VALUE', message, where: { ...place, attribute } });
    }
    known.set(key, value ?? text);
    return value ?? text;
  };
}
