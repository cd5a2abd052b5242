/** One thing the filter format can say, as filters that say it: what the two sides are compared on. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { NwgateError } from '../../src/model/errors.js';
import type { Filter, Parameter } from '../../src/model/filter.js';
import { readFilter } from '../../src/xml/nwfilter-read.js';
import { corpus } from './corpus.js';
import { derive } from './derive.js';
import type { Sets } from './edges.js';
import { GUEST, WIRE } from './facts.js';
import type { Scenario } from './scenario.js';

const BUILT_IN = join(import.meta.dirname, '../../filters');

export interface Construct {
  /** Row of the table, file of the recorded verdicts. */
  readonly name: string;
  /** Name of the filter that goes on the port. */
  readonly filter: string;
  /** Native documents by filter name; a built-in filter has none here: each side has its own. */
  readonly documents: Readonly<Record<string, string>>;
  readonly parameters: readonly Parameter[];
  /** IP sets the host has. */
  readonly sets: Sets;
}

/** `NAME=VALUE`; a name that repeats is a list. */
export type ParameterText = `${string}=${string}`;

export interface Extras {
  readonly chain?: string;
  /** Other documents by filter name. */
  readonly others?: Readonly<Record<string, string>>;
  readonly parameters?: readonly ParameterText[];
  readonly sets?: Sets;
}

/** A construct whose filter has these rules. */
export function construct(name: string, rules: string, extras: Extras = {}): Construct {
  const filter = `lab-${name}`;
  const { others = {}, chain = 'root', parameters = [], sets = {} } = extras;
  return {
    name,
    filter,
    documents: { ...others, [filter]: document(filter, chain, rules) },
    parameters: parameters.map(parameter),
    sets,
  };
}

export function document(name: string, chain: string, rules: string, priority?: number): string {
  const order = priority === undefined ? '' : ` priority="${priority}"`;
  const body = rules.replaceAll(/\n\s*/g, '\n');
  return `<filter name="${name}" chain="${chain}"${order}>${body}</filter>`;
}

function parameter(text: ParameterText): Parameter {
  const [name = '', value = ''] = text.split(/=(.*)/s);
  return { name, value };
}

/** Variables that the built-in filters ask for. */
const BUILT_IN_PARAMETERS: readonly ParameterText[] = [
  `IP=${GUEST.ip}`,
  `IPV6=${GUEST.ip6}`,
  `GATEWAY_MAC=${WIRE.mac}`,
];

/** Filters of ours of which libvirt has one of the same name, each as a construct of that name. */
export const BUILT_IN_CONSTRUCTS: readonly Construct[] = readdirSync(BUILT_IN)
  .map((file) => file.replace(/\.xml$/, ''))
  .filter((name) => !/^demofilter|^drop-all$/.test(name))
  .map((name) => ({
    name,
    filter: name,
    documents: {},
    sets: {},
    parameters: [
      ...BUILT_IN_PARAMETERS,
      `DHCPSERVER=${name.includes('v6') ? WIRE.ip6 : WIRE.ip}` as const,
    ].map(parameter),
  }));

/** The filter of that name as nwgate has it for this construct. Errors: those of `readFilter`. */
export function lookupFor({ documents }: Construct): (name: string) => Filter | undefined {
  return (name) => {
    const own = documents[name];
    if (own !== undefined) return readFilter(own);
    const file = join(BUILT_IN, `${name}.xml`);
    return readdirSync(BUILT_IN).includes(`${name}.xml`) ? readFilter(readFileSync(file)) : undefined;
  };
}

const made = new WeakMap<Construct, readonly Scenario[]>();

/** All frames of a construct: the corpus, and those its rules make. A filter that nwgate refuses makes none. */
export function scenariosOf(subject: Construct): readonly Scenario[] {
  const scenarios = made.get(subject) ?? makeScenarios(subject);
  made.set(subject, scenarios);
  return scenarios;
}

function makeScenarios(subject: Construct): readonly Scenario[] {
  const fixed = corpus();
  const first = 1 + Math.max(...fixed.flatMap(({ steps }) => steps.map(({ number }) => number)));
  try {
    const filters = reachable(subject.filter, lookupFor(subject));
    return [...fixed, ...derive({ filters, parameters: subject.parameters, sets: subject.sets }, first)];
  } catch (error) {
    if (error instanceof NwgateError) return fixed;
    throw error;
  }
}

/** A filter and all that it refers to, each once. */
function reachable(name: string, lookup: (name: string) => Filter | undefined): readonly Filter[] {
  const found = new Map<string, Filter>();
  const visit = (wanted: string) => {
    const filter = lookup(wanted);
    if (filter === undefined || found.has(wanted)) return;
    found.set(wanted, filter);
    for (const entry of filter.entries) if (entry.kind === 'filterref') visit(entry.filter);
  };
  visit(name);
  return [...found.values()];
}
