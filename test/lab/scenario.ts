/** Frames to send, in the order in which they must be sent, and how many of them can be sent at once. */
import { type Facts, flowOf, hexOf } from './facts.js';

/** `out` guest to wire, `in` wire to guest, `up` guest to the host itself, `down` host to guest. */
export const ROUTES = ['out', 'in', 'up', 'down'] as const;
export type Route = (typeof ROUTES)[number];

export interface Step {
  readonly route: Route;
  /** The frame; it holds the token of its number. */
  readonly hex: string;
  readonly number: number;
  /** What the step is, for people. */
  readonly name: string;
  /** Connections that it may be of; two steps that share one must not meet. */
  readonly flow: string | undefined;
}

/** Steps that belong together, in order: a conversation, or a single frame. */
export interface Scenario {
  /** Which part of the corpus or which rule it belongs to. */
  readonly group: string;
  readonly steps: readonly Step[];
}

export function step(route: Route, name: string, facts: Facts, number: number): Step {
  return { route, name, number, hex: hexOf(facts), flow: flowOf(facts) };
}

/**
 * Scenarios that can run side by side: no two of a batch have a connection in common, so that what one sends does not
 * establish what another is asked about. Conntrack is emptied between batches.
 */
export function batchesOf(scenarios: readonly Scenario[]): readonly (readonly Scenario[])[] {
  const batches: { scenarios: Scenario[]; flows: Set<string> }[] = [];
  for (const scenario of scenarios) {
    const flows = scenario.steps.flatMap(({ flow }) => flow ?? []);
    const free = batches.find((batch) => !flows.some((flow) => batch.flows.has(flow)));
    const batch = free ?? { scenarios: [], flows: new Set() };
    if (free === undefined) batches.push(batch);
    batch.scenarios.push(scenario);
    for (const flow of flows) batch.flows.add(flow);
  }
  return batches.map((batch) => batch.scenarios);
}

/** Steps of one batch by their place in their scenarios: all first steps, then all second ones, … */
export function roundsOf(batch: readonly Scenario[]): readonly (readonly Step[])[] {
  const longest = Math.max(...batch.map(({ steps }) => steps.length));
  return Array.from({ length: longest }, (_, at) => batch.flatMap(({ steps }) => steps[at] ?? []));
}
