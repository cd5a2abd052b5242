/**
 * Rules of IP packets → chains of iptables or ip6tables: one entered by what the guest sends, one by what it gets. Source:
 * libvirt's nwfilter format, "traffic direction", "connection state"; where we differ: docs/differences.md.
 */
import type { Fault } from '../model/errors.js';
import type { Action, Direction } from '../model/filter.js';
import type { ProtocolSpec } from '../protocols/types.js';
import { nameChain } from './chains.js';
import type { Instance } from './instantiate.js';
import type { Chain, ChainRule, Test, Tool, ToolRuleset, Verdict } from './ruleset.js';
import { selection, testsOf } from './tests.js';

type Side = 'from' | 'to';
const BOTH: readonly Side[] = ['from', 'to'];

/** The side whose packets a rule speaks of, and the side for which it is turned round. */
const OWN: Readonly<Record<Direction, Side>> = { out: 'from', in: 'to', inout: 'to' };

/** Accepting what a guest sends only returns: the packet must still pass the guest it goes to, if there is one. */
const VERDICT: Readonly<Record<Side, Readonly<Record<Action, Verdict>>>> = {
  from: { accept: 'RETURN', drop: 'DROP', reject: 'REJECT', return: 'RETURN', continue: 'CONTINUE' },
  to: { accept: 'ACCEPT', drop: 'DROP', reject: 'REJECT', return: 'RETURN', continue: 'CONTINUE' },
};

/** Written last, behind the connection state. */
const LATE_MODULES = new Set(['set', 'connlimit']);

/** What of a rule decides where it goes and which states it asks for. */
interface Facts {
  readonly state: string | undefined;
  readonly comment: string | undefined;
  /** It names an ICMP type, which answers do not have. */
  readonly typed: boolean;
  /** It counts connections, which must not be compared with a state. */
  readonly limited: boolean;
}

function factsOf({ rule, spec, matches }: Instance): Facts {
  const value = (attribute: string) => matches.find((match) => match.attribute === attribute)?.value;
  return {
    state: rule.statematch ? value('state') : undefined,
    comment: value('comment'),
    typed: spec?.element.startsWith('icmp') === true && value('type') !== undefined,
    limited: value('connlimit-above') !== undefined,
  };
}

/** Sides that get a rule: all, unless it names states or an ICMP type, which belong to one direction. */
function sidesOf(direction: Direction, { state, typed }: Facts): readonly Side[] {
  return direction === 'inout' || (state === undefined && !typed) ? BOTH : [OWN[direction]];
}

function conntrack(option: string, args: string): Test {
  return { module: 'conntrack', option, args: [args], negated: false };
}

const FIRST = {
  state: conntrack('--ctstate', 'NEW,ESTABLISHED'),
  direction: conntrack('--ctdir', 'Original'),
};
const ANSWER = { state: conntrack('--ctstate', 'ESTABLISHED'), direction: conntrack('--ctdir', 'Reply') };

/** Flows begin on the rule's own side; the other side sees their answers. */
function stateTests({ rule }: Instance, side: Side, { state, typed, limited }: Facts): readonly Test[] {
  const accepts = rule.action === 'accept';
  if (limited && (accepts || state === undefined)) return [];
  if (state !== undefined) return state === 'NONE' ? [] : [conntrack('--ctstate', state)];
  if (!accepts || !rule.statematch || rule.direction === 'inout') return [];
  const { state: states, direction } = OWN[rule.direction] === side ? FIRST : ANSWER;
  return typed ? [states] : [states, direction];
}

/** `sorted`: the tool's rules in rule order. Faults NOT_COMPILABLE go to `faults`. */
export function packetRuleset(
  tool: Exclude<Tool, 'ebtables'>,
  sorted: readonly Instance[],
  faults: Fault[],
): ToolRuleset {
  const rules: Record<Side, ChainRule[]> = { from: [], to: [] };
  for (const instance of sorted) {
    if (instance.spec === undefined) continue;
    const facts = factsOf(instance);
    for (const side of sidesOf(instance.rule.direction, facts)) {
      rules[side].push(...packetRules(instance, instance.spec, side, facts, faults));
    }
  }
  const chains = new Map<Side, Chain>();
  for (const side of BOTH) if (rules[side].length > 0) chains.set(side, nameChain(tool, side, rules[side]));
  return {
    fromGuest: chains.get('from')?.name,
    toGuest: chains.get('to')?.name,
    chains: [...chains.values()],
  };
}

function packetRules(
  instance: Instance,
  spec: ProtocolSpec,
  side: Side,
  facts: Facts,
  faults: Fault[],
): readonly ChainRule[] {
  const { rule, place } = instance;
  const turn = { mirrored: OWN[rule.direction] !== side, bothWays: rule.direction === 'inout' };
  const isLate = ({ module }: Test) => module !== undefined && LATE_MODULES.has(module);
  return testsOf(spec, instance, turn, faults).map((list) => ({
    tests: [
      ...selection(spec),
      ...list.filter((test) => !isLate(test)),
      ...stateTests(instance, side, facts),
      ...list.filter(isLate),
    ],
    target: { kind: 'verdict', verdict: VERDICT[side][rule.action] },
    ...(facts.comment === undefined ? {} : { comment: facts.comment }),
    source: place,
  }));
}
