/**
 * Filters over everything the protocol tables allow: every protocol and attribute, variables, negation, states, hostile
 * comments, references, chains, priorities. What comes out is canonical and passes `checkMatches`.
 */
import fc from 'fast-check';
import { CHAIN_KINDS, chainPriority, MAX_CHAIN_LENGTH } from '../../src/model/chains.js';
import {
  ACTIONS,
  DIRECTIONS,
  type Filter,
  type FilterRef,
  inNameOrder,
  type Match,
  type Parameter,
  type Rule,
} from '../../src/model/filter.js';
import { withIdentities } from '../../src/model/rule-identity.js';
import { isVariable } from '../../src/model/variables.js';
import { addressOctets } from '../../src/protocols/addresses.js';
import { inTableOrder, PROTOCOLS } from '../../src/protocols/registry.js';
import type { AttributeSpec, ProtocolSpec, TestSpec } from '../../src/protocols/types.js';
import { literalOf } from './literals.js';

export interface FilterOptions {
  /** Attribute values may be `$VARIABLE`s. Default true. */
  readonly variables?: boolean;
  /** Filters may hold `<filterref>`s. Default true. */
  readonly references?: boolean;
  /** Element names to choose from; default all, and rules without a protocol. */
  readonly protocols?: readonly (string | undefined)[];
}

export const filterName = fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9_.:+-]{0,30}$/);
const priority = fc.oneof(fc.constantFrom(-1000, 0, 500, 1000), fc.integer({ min: -1000, max: 1000 }));

const variable = fc
  .tuple(
    fc.constantFrom('A', 'B', 'IP', 'MAC', 'x_1'),
    fc.oneof(fc.constant(''), fc.constantFrom('[@1]', '[0]', '[2]', '[@1000]')),
  )
  .map(([name, access]) => `$${name}${access}`);

function attributeValue(spec: AttributeSpec, options: FilterOptions): fc.Arbitrary<string> {
  const literal = literalOf(spec.type);
  if (options.variables === false || spec.role === 'comment') return literal;
  return fc.oneof({ weight: 4, arbitrary: literal }, { weight: 1, arbitrary: variable });
}

/** Not every attribute that came up can stay: a test needs its base, a range its order, ports their protocol. */
function repaired(spec: ProtocolSpec, values: ReadonlyMap<string, string>, negated: ReadonlySet<TestSpec>) {
  const kept = new Map(values);
  for (const { attributes, on, values: allowed } of spec.requires ?? []) {
    const condition = kept.get(on);
    const met = condition !== undefined && (isVariable(condition) || allowed.includes(condition));
    if (!met) for (const name of attributes) kept.delete(name);
  }
  for (const test of spec.tests) {
    const parts = test.parts.map((name) => kept.get(name));
    const isTest = test.form(parts, { mirrored: false, negated: false }) !== undefined;
    if (!isTest) for (const name of test.parts) kept.delete(name);
    for (const [from, to] of test.ascending ?? []) swapWhereDescending(kept, from, to);
  }
  const turned = new Set([...negated].flatMap((test) => test.parts));
  for (const { attributes, on } of spec.requires ?? [])
    if (attributes.some((name) => kept.has(name))) turned.delete(on);
  const matches = [...kept].map(
    ([attribute, value]): Match => ({ attribute, value, negated: turned.has(attribute) }),
  );
  return inTableOrder(spec, matches);
}

function swapWhereDescending(values: Map<string, string>, from: string, to: string): void {
  const [start, end] = [values.get(from), values.get(to)];
  if (start === undefined || end === undefined || isVariable(start) || isVariable(end)) return;
  const key = (text: string) =>
    /^\d+$/.test(text)
      ? text.padStart(10, '0')
      : addressOctets(text)
          .map((octet) => String(octet).padStart(3, '0'))
          .join('.');
  if (key(start) > key(end)) {
    values.set(from, end);
    values.set(to, start);
  }
}

function matchesOf(spec: ProtocolSpec, options: FilterOptions): fc.Arbitrary<readonly Match[]> {
  const chosen = fc
    .subarray([...spec.attributes])
    .chain((attributes) =>
      fc.tuple(...attributes.map((a) => attributeValue(a, options).map((value) => [a.name, value] as const))),
    );
  return fc
    .tuple(chosen, fc.subarray([...spec.tests]))
    .map(([values, negated]) => repaired(spec, new Map(values), new Set(negated)));
}

const ALL = [undefined, ...PROTOCOLS.map(({ element }) => element)];

/** Rules without an id: a filter's rules get theirs from `withIdentities`. */
export function arbitraryRule(options: FilterOptions = {}): fc.Arbitrary<Rule> {
  const bodies = (options.protocols ?? ALL).map((element) => {
    const spec = PROTOCOLS.find((row) => row.element === element);
    return spec
      ? matchesOf(spec, options).map((matches) => ({ protocol: spec.element as string | undefined, matches }))
      : fc.constant({ protocol: undefined, matches: [] as readonly Match[] });
  });
  return fc
    .record({
      kind: fc.constant('rule' as const),
      id: fc.constant(''),
      action: fc.constantFrom(...ACTIONS),
      direction: fc.constantFrom(...DIRECTIONS),
      priority,
      statematch: fc.boolean(),
      body: fc.oneof(...bodies),
    })
    .map(({ body, ...rule }) => ({ ...rule, ...body }));
}

export const arbitraryParameters: fc.Arbitrary<readonly Parameter[]> = fc
  .array(
    fc.record({
      name: fc.stringMatching(/^[A-Za-z0-9_]{1,12}$/),
      value: fc.stringMatching(/^[A-Za-z0-9_.:,/+-]{1,20}$/),
    }),
    { maxLength: 5 },
  )
  .map(inNameOrder);

const reference: fc.Arbitrary<FilterRef> = fc.record({
  kind: fc.constant('filterref' as const),
  filter: filterName,
  parameters: arbitraryParameters,
});

const chain = fc.oneof(
  fc.constant('root'),
  fc
    .tuple(
      fc.constantFrom(...CHAIN_KINDS.map(({ prefix }) => prefix).filter((prefix) => prefix !== 'root')),
      fc.stringMatching(/^[A-Za-z0-9_.:-]{0,9}$/),
    )
    .map(([prefix, rest]) => `${prefix}${rest}`.slice(0, MAX_CHAIN_LENGTH)),
);

/** Named filters with uuid and ids, at most eight entries. */
export function arbitraryFilter(options: FilterOptions = {}): fc.Arbitrary<Filter> {
  const rule = arbitraryRule(options);
  const entry =
    options.references === false
      ? rule
      : fc.oneof({ weight: 4, arbitrary: rule }, { weight: 1, arbitrary: reference });
  return fc
    .record({
      name: filterName,
      uuid: fc.uuid(),
      chain,
      ownPriority: fc.option(priority, { nil: undefined }),
      entries: fc.array(entry, { maxLength: 8 }),
    })
    .map(({ ownPriority, ...filter }) =>
      withIdentities({ ...filter, priority: ownPriority ?? chainPriority(filter.chain) }),
    );
}
