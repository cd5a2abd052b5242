/**
 * From a filter the frames that show what each of its rules does: for every rule one that meets all its tests, one for
 * each edge of each test, and one for each test that misses just that. Nothing here knows how the compiler spells or
 * orders rules; what the protocol tables say of attributes is all.
 */
import type { Filter, Match, Parameter, Rule } from '../../src/model/filter.js';
import { ETHERTYPES, IP_PROTOCOLS } from '../../src/protocols/datatypes.js';
import { STP_GROUP } from '../../src/protocols/ethernet.js';
import { protocolSpec } from '../../src/protocols/registry.js';
import type { ProtocolSpec, TestSpec } from '../../src/protocols/types.js';
import { conversations } from './conversations.js';
import { ALWAYS, type Change, EDGES, EDGES_IPV6, type Edges, type Sets } from './edges.js';
import { type Facts, GUEST, HOST, mirrored, plain, WIRE } from './facts.js';
import { type Route, type Scenario, step } from './scenario.js';

/** Combinations of list elements that get frames, for one rule. */
const MOST_COMBINATIONS = 24;

export interface Source {
  readonly filters: readonly Filter[];
  readonly parameters: readonly Parameter[];
  readonly sets: Sets;
}

/** Rules of all the filters that are given, each as a group `rule N`. Frames are numbered from `first` on. */
export function derive({ filters, parameters, sets }: Source, first: number): readonly Scenario[] {
  let next = first;
  const number = () => next++;
  const rules = filters.flatMap((filter) =>
    filter.entries.flatMap((entry) => (entry.kind === 'rule' ? [{ filter, rule: entry }] : [])),
  );
  const values = valuesOf(filters, parameters);
  return rules.flatMap(({ filter, rule }, index) =>
    ruleScenarios(rule, values, sets, `rule ${index + 1} ${filter.name}`, number),
  );
}

type Values = ReadonlyMap<string, readonly string[]>;

/** All values that a variable has anywhere: a value that a rule does not get makes a miss of it. */
function valuesOf(filters: readonly Filter[], parameters: readonly Parameter[]): Values {
  const values = new Map<string, string[]>([['MAC', [GUEST.mac]]]);
  const inner = filters.flatMap(({ entries }) =>
    entries.flatMap((entry) => (entry.kind === 'filterref' ? entry.parameters : [])),
  );
  for (const { name, value } of [...parameters, ...inner])
    values.set(name, [...new Set([...(values.get(name) ?? []), value])]);
  return values;
}

/** The rule with each value of its variables, in every combination: which of them it means is for the kernels to say. */
function combinations(rule: Rule, values: Values): readonly (readonly Match[])[] {
  let all: Match[][] = [[]];
  for (const match of rule.matches) {
    const name = /^\$([A-Za-z0-9_]+)/.exec(match.value)?.[1];
    const texts = name === undefined ? [match.value] : (values.get(name) ?? []);
    const spec = protocolSpec(rule.protocol!);
    const type = spec?.attributes.find((attribute) => attribute.name === match.attribute)?.type;
    const canonical = texts.map((text) => type?.parse(text) ?? text);
    all = all.flatMap((list) => canonical.map((value) => [...list, { ...match, value }]));
  }
  return all.slice(0, MOST_COMBINATIONS);
}

/** Where a frame goes: as the rule is written, and turned round. */
const WRITTEN = { out: 'out', in: 'in', inout: 'in' } as const;
const BESIDE: Readonly<Record<'out' | 'in', Route>> = { out: 'up', in: 'down' };

function ruleScenarios(
  rule: Rule,
  values: Values,
  sets: Sets,
  group: string,
  number: () => number,
): readonly Scenario[] {
  const own = WRITTEN[rule.direction];
  const other = own === 'out' ? 'in' : 'out';
  const spec = rule.protocol === undefined ? undefined : protocolSpec(rule.protocol);
  const scenarios: Scenario[] = [];
  const send = (route: Route, name: string, make: (number: number) => Facts) => {
    const at = number();
    scenarios.push({ group: `${group} ${route}`, steps: [step(route, name, make(at), at)] });
  };
  combinations(rule, values).forEach((matches, index) => {
    const { hits, misses } = casesOf(spec, matches, sets);
    // Misses of the first combination are enough: each value's neighbours are the others.
    for (const { name, change } of index === 0 ? [...hits, ...misses] : hits.slice(0, 1)) {
      const written = (route: Route) => (at: number) => reached(route, change(baseOf(spec, own, route, at)));
      const turned = (route: Route) => (at: number) =>
        reached(route, mirrored(change(baseOf(spec, own, route, at))));
      send(own, name, written(own));
      send(BESIDE[own], name, written(BESIDE[own]));
      send(other, `turned: ${name}`, turned(other));
      send(BESIDE[other], `turned: ${name}`, turned(BESIDE[other]));
    }
    const [hit] = hits;
    if (hit === undefined) return;
    send(other, `the wrong way: ${hit.name}`, (at) => hit.change(baseOf(spec, other, other, at)));
    if (spec !== undefined && spec.layer !== 'ethernet' && index < 4)
      scenarios.push(
        ...conversations(own, (at) => hit.change(baseOf(spec, own, own, at)), `${group} talk`, number),
      );
  });
  return scenarios;
}

/** The frame has to reach the host to be for it. */
function reached(route: Route, facts: Facts): Facts {
  return route === 'up' ? { ...facts, dstMac: HOST.mac } : facts;
}

/** A frame of the protocol between the guest and the other end of the route, written for direction `own`. */
function baseOf(spec: ProtocolSpec | undefined, own: 'out' | 'in', route: Route, at: number): Facts {
  const far = route === 'up' || route === 'down' ? HOST : WIRE;
  const facts = own === 'out' ? plain(GUEST, far, at) : plain(far, GUEST, at);
  if (spec === undefined || spec.element === 'mac') return facts;
  if (spec.element === 'stp') return { ...facts, etherType: 0, dstMac: STP_GROUP };
  if (spec.element === 'vlan') return { ...facts, tag: 5, etherType: ETHERTYPES.ipv4 };
  if (spec.layer === 'ethernet') {
    const type = { ip: 'ipv4', ipv6: 'ipv6', arp: 'arp', rarp: 'rarp' }[
      spec.element
    ] as keyof typeof ETHERTYPES;
    return { ...facts, etherType: ETHERTYPES[type] };
  }
  const name = spec.element.replace(/-ipv6$/, '') as keyof typeof IP_PROTOCOLS;
  const icmp = name === 'icmpv6' ? { icmpType: 128 } : {};
  return {
    ...facts,
    ...icmp,
    etherType: ETHERTYPES[spec.layer],
    protocol: IP_PROTOCOLS[name] ?? IP_PROTOCOLS.udp,
  };
}

/** Frames that meet all tests, the first with the first edge of each; and frames that miss one test each. */
function casesOf(
  spec: ProtocolSpec | undefined,
  matches: readonly Match[],
  sets: Sets,
): { readonly hits: readonly Change[]; readonly misses: readonly Change[] } {
  const tests = (spec?.tests ?? []).flatMap((test) => edgesOf(spec!, test, matches, sets) ?? []);
  const first = tests.map(({ hits }) => hits[0] ?? ALWAYS.hits[0]!);
  const all = joined('meets all', first);
  const other = (index: number, change: Change) => joined(change.name, first.with(index, change));
  return {
    hits: [all, ...tests.flatMap(({ hits }, index) => hits.slice(1).map((hit) => other(index, hit)))],
    misses: tests.flatMap(({ misses }, index) => misses.map((miss) => other(index, miss))),
  };
}

function joined(name: string, changes: readonly Change[]): Change {
  return { name, change: (facts) => changes.reduce((changed, { change }) => change(changed), facts) };
}

function edgesOf(
  spec: ProtocolSpec,
  { option, parts }: TestSpec,
  matches: readonly Match[],
  sets: Sets,
): Edges | undefined {
  const given = parts.map((part) => matches.find(({ attribute }) => attribute === part));
  const some = given.find((match) => match !== undefined);
  if (some === undefined) return undefined;
  const table = spec.layer === 'ipv6' ? { ...EDGES, ...EDGES_IPV6 } : EDGES;
  const edges = table[option];
  if (edges === undefined) throw new Error(`edges.ts has no row for ${option}`);
  const found = edges(
    given.map((match) => match?.value),
    sets,
  );
  return some.negated ? { hits: found.misses, misses: found.hits } : found;
}
