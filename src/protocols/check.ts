/** What the rows demand of a rule as a whole, whatever it was read from: XML, CIM or a caller. */
import type { Fault, Place } from '../model/errors.js';
import type { Match } from '../model/filter.js';
import { printable } from '../model/names.js';
import { formatVariable, isVariable, parseVariable } from '../model/variables.js';
import { addressOctets } from './addresses.js';
import { attributeSpec } from './registry.js';
import type { AttributeSpec, ProtocolSpec } from './types.js';

/** Canonical text of a literal or a `$VARIABLE`, or the fault that it is neither. Comments are never variables. */
export function checkValue(
  attribute: AttributeSpec,
  text: string,
  where: Place,
): { value: string } | { fault: Fault } {
  const place = { ...where, attribute: attribute.name };
  if (isVariable(text) && attribute.role !== 'comment') {
    const reference = parseVariable(text);
    if (!reference)
      return {
        fault: { code: 'VALUE', message: `"${printable(text)}" is not a variable reference`, where: place },
      };
    return { value: formatVariable(reference) };
  }
  const value = attribute.type.parse(text);
  return value === undefined
    ? {
        fault: {
          code: 'VALUE',
          message: `"${printable(text)}" must be ${attribute.type.expects}`,
          where: place,
        },
      }
    : { value };
}

/**
 * Faults of the combination: incomplete tests, mixed negation, ranges that end before they start, ports without a
 * protocol that has them.
 */
export function checkMatches(spec: ProtocolSpec, matches: readonly Match[], where: Place): readonly Fault[] {
  const given = new Map(matches.map((match) => [match.attribute, match]));
  const faults: Fault[] = [];
  const report = (code: 'SCHEMA' | 'VALUE', attribute: string, message: string) =>
    faults.push({ code, message, where: { ...where, attribute } });

  for (const { attribute, negated } of matches) {
    const row = attributeSpec(spec, attribute);
    if (!row) report('SCHEMA', attribute, `<${spec.element}> has no attribute ${attribute}`);
    else if (negated && row.role !== undefined)
      report('VALUE', attribute, `${attribute} is no test and cannot be negated`);
  }
  for (const test of spec.tests) {
    // Most rules say little of what their protocol could: this is asked a dozen times for each.
    if (!test.parts.some((name) => given.has(name))) continue;
    const parts = test.parts.map((name) => given.get(name)).filter((match) => match !== undefined);
    const first = parts[0]!;
    if (parts.some((part) => part.negated !== first.negated)) {
      report('VALUE', first.attribute, `${test.parts.join(' and ')} are one test: negate both or neither`);
    }
    const sample = test.parts.map((name) => given.get(name)?.value);
    // What a variable base brings is checked with its value.
    const open = sample[0] !== undefined && isVariable(sample[0]);
    if (!open && test.form(sample, { mirrored: false, negated: first.negated }) === undefined) {
      report('VALUE', first.attribute, `${first.attribute} means nothing without ${test.parts[0]}`);
    }
  }
  for (const { ascending = [] } of spec.tests) {
    for (const [from, to] of ascending) {
      const [start, end] = [given.get(from)?.value, given.get(to)?.value];
      if (start !== undefined && end !== undefined && isAfter(start, end))
        report('VALUE', to, `the range from ${start} to ${end} is empty`);
    }
  }
  for (const { attributes, on, values } of spec.requires ?? []) {
    const dependent = attributes.find((name) => given.has(name));
    const condition = given.get(on);
    const met =
      condition !== undefined &&
      !condition.negated &&
      (isVariable(condition.value) || values.includes(condition.value));
    if (dependent !== undefined && !met)
      report('VALUE', dependent, `${dependent} needs ${on} to be one of ${values.join(', ')}`);
  }
  return faults;
}

/** Compares canonical numbers or addresses; a variable is never after anything. */
function isAfter(a: string, b: string): boolean {
  if (isVariable(a) || isVariable(b)) return false;
  if (/^\d+$/.test(a)) return Number(a) > Number(b);
  const [left, right] = [addressOctets(a), addressOctets(b)];
  const at = left.findIndex((octet, index) => octet !== right[index]);
  return at !== -1 && left[at]! > right[at]!;
}
