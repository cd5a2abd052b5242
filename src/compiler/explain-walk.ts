/** A packet's way through the chains of one tool, rule by rule. */
import type { Place } from '../model/errors.js';
import { ETHERNET_TESTS } from './explain-ethernet.js';
import { PACKET_TESTS } from './explain-packet.js';
import { type Answer, type Evaluator, keyOf, type Question, type Seen } from './explain-seen.js';
import { restoreLine, ruleWords, testWords } from './line.js';
import type { ChainRule, Test, Tool } from './ruleset.js';

export const EVALUATORS: Readonly<Record<Tool, Readonly<Record<string, Evaluator>>>> = {
  ebtables: ETHERNET_TESTS,
  iptables: PACKET_TESTS,
  ip6tables: PACKET_TESTS,
};

/** One rule that the packet came to. */
export interface Met {
  readonly tool: Tool;
  /** The kernel's own chain from which ours are entered: FORWARD. */
  readonly hook: string;
  readonly chain: string;
  /** As the tool is given it. */
  readonly rule: string;
  /** Where the native rule stands that it came from; undefined for rules of the frame. */
  readonly place: Place | undefined;
  /** The test that said no; undefined when the packet met the rule. */
  readonly failed: string | undefined;
}

export type Way =
  /** It left the chain again. */
  | { readonly kind: 'through' }
  | { readonly kind: 'verdict'; readonly verdict: 'ACCEPT' | 'DROP' | 'REJECT' }
  /** An extension dropped what it could not read. */
  | { readonly kind: 'hotdrop'; readonly test: string }
  | { readonly kind: 'question'; readonly question: Question };

export interface Course {
  readonly tool: Tool;
  readonly hook: string;
  readonly chains: ReadonlyMap<string, readonly ChainRule[]>;
  readonly seen: Seen;
  /** Gets each rule that was come to, in order. */
  readonly met: Met[];
}

const THROUGH: Way = { kind: 'through' };

/** Walks a chain and those that it leads to. A chain that is not among `chains` is empty. */
export function walk(course: Course, chain: string): Way {
  for (const rule of course.chains.get(chain) ?? []) {
    const outcome = asked(course, rule);
    if (outcome.kind === 'question') return outcome;
    const { tool, hook } = course;
    const failed = outcome.kind === 'met' ? undefined : outcome.test;
    const text = restoreLine(ruleWords(tool, rule));
    course.met.push({ tool, hook, chain, rule: text, place: rule.source, failed });
    if (outcome.kind === 'hotdrop') return outcome;
    const way = outcome.kind === 'met' ? follow(course, rule) : undefined;
    if (way !== undefined) return way;
  }
  return THROUGH;
}

/** Where a rule that is met leads; undefined: on to the next rule. */
function follow(course: Course, { target }: ChainRule): Way | undefined {
  // A packet that comes back from a goto goes back to where this chain was entered.
  if (target.kind === 'goto') return walk(course, target.chain);
  if (target.kind === 'jump') {
    const way = walk(course, target.chain);
    return way.kind === 'through' ? undefined : way;
  }
  if (target.verdict === 'CONTINUE') return undefined;
  return target.verdict === 'RETURN' ? THROUGH : { kind: 'verdict', verdict: target.verdict };
}

type Outcome =
  | { readonly kind: 'met' }
  | { readonly kind: 'not-met'; readonly test: string }
  | Extract<Way, { kind: 'question' | 'hotdrop' }>;

/** Asks the tests in their order until one says no. */
function asked({ tool, seen }: Course, rule: ChainRule): Outcome {
  for (const test of rule.tests) {
    const answer = answerOf(tool, test, seen, rule);
    if (typeof answer === 'object') return { kind: 'question', question: answer };
    if (answer === !test.negated) continue;
    const text = restoreLine(testWords(tool, test));
    return { kind: answer === 'hotdrop' ? 'hotdrop' : 'not-met', test: text };
  }
  return { kind: 'met' };
}

/** A test without a row would be a fault of the table, which a test loops over (test/compiler/explain.test.ts). */
function answerOf(tool: Tool, test: Test, seen: Seen, rule: ChainRule): Answer {
  return EVALUATORS[tool][keyOf(test)]?.(test.args, seen, rule) ?? 'never';
}
