/** One filter for each protocol that says everything its table allows, rule by rule: plain, negated, as a variable. */
import fc from 'fast-check';
import type { Filter, Match, Rule } from '../../src/model/filter.js';
import { withIdentities } from '../../src/model/rule-identity.js';
import { checkMatches } from '../../src/protocols/check.js';
import { inTableOrder, PROTOCOLS } from '../../src/protocols/registry.js';
import type { AttributeSpec, ProtocolSpec } from '../../src/protocols/types.js';
import { literalOf } from './literals.js';

const literal = ({ type }: AttributeSpec) => fc.sample(literalOf(type), { seed: 7, numRuns: 1 })[0]!;

const rule = (protocol: string | undefined, matches: readonly Match[]): Rule => ({
  kind: 'rule',
  id: '',
  action: 'drop',
  direction: 'out',
  priority: 500,
  statematch: true,
  protocol,
  matches,
});

/** The attribute with what it needs beside it: the base of its test, the protocol that has ports. */
function matchesFor(spec: ProtocolSpec, attribute: AttributeSpec, negated: boolean, variable: boolean) {
  const test = spec.tests.find(({ parts }) => parts.includes(attribute.name));
  const names = new Set([attribute.name, ...(test ? test.parts : [])]);
  const needed = (spec.requires ?? []).filter(({ attributes }) => attributes.includes(attribute.name));
  const matches = [...names].map((name): Match => {
    const value = variable ? '$V' : literal(spec.attributes.find((a) => a.name === name)!);
    return { attribute: name, value, negated };
  });
  const conditions = needed.map(
    ({ on, values }): Match => ({ attribute: on, value: values[0]!, negated: false }),
  );
  return inTableOrder(spec, [...matches, ...conditions]);
}

function rulesOf(spec: ProtocolSpec): readonly Rule[] {
  const rules = spec.attributes.flatMap((attribute) => {
    const plain = rule(spec.element, ascending(spec, matchesFor(spec, attribute, false, false)));
    if (attribute.role === 'comment') return [plain];
    const varied = rule(spec.element, matchesFor(spec, attribute, false, true));
    if (attribute.role !== undefined) return [plain, varied];
    return [plain, varied, rule(spec.element, matchesFor(spec, attribute, true, true))];
  });
  // A variable cannot stand everywhere: the check says where.
  return [
    rule(spec.element, []),
    ...rules.filter(({ matches }) => checkMatches(spec, matches, {}).length === 0),
  ];
}

/** Literals are drawn alone: the end of a range becomes its start. */
function ascending(spec: ProtocolSpec, matches: readonly Match[]): readonly Match[] {
  const pairs = new Map(spec.tests.flatMap((test) => test.ascending ?? []).map(([from, to]) => [to, from]));
  return matches.map((match) => {
    const start = matches.find(({ attribute }) => attribute === pairs.get(match.attribute));
    return start ? { ...match, value: start.value } : match;
  });
}

export const EVERY_ATTRIBUTE: readonly Filter[] = PROTOCOLS.map((spec) =>
  withIdentities({
    name: `every-${spec.element}`,
    uuid: '5c1d8f3e-0000-4000-8000-000000000001',
    chain: 'root',
    priority: 0,
    entries: rulesOf(spec),
  }),
);
