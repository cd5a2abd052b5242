/** `explain` against what the verdict lab has seen the kernel do under every construct of the format. Needs no kernel. */
import { describe, expect, it } from 'vitest';
import { type Circumstances, explain } from '../../src/compiler/explain.js';
import { decodeFrame } from '../../src/packet/frame.js';
import { fromHex } from '../../src/packet/octets.js';
import { CONSTRUCTS } from '../lab/constructs.js';
import { labFrames } from '../lab/record.js';
import type { Route, Step } from '../lab/scenario.js';
import { rulesetOf } from '../lab/sides.js';

const ROUTE: Readonly<Record<Route, Pick<Circumstances, 'direction' | 'peer'>>> = {
  out: { direction: 'out', peer: 'network' },
  in: { direction: 'in', peer: 'network' },
  up: { direction: 'out', peer: 'host' },
  down: { direction: 'in', peer: 'host' },
};

describe('explain and the verdict lab', () => {
  it.each(CONSTRUCTS.map((subject) => [subject.name, subject] as const))('agree on %s', (_, subject) => {
    const frames = labFrames(subject);
    if (frames === undefined) {
      expect(() => rulesetOf(subject)).toThrow();
      return;
    }
    const ruleset = rulesetOf(subject);
    const known = { sets: new Map<string, boolean>(), connections: undefined };
    let compared = 0;
    // Of a later frame of a conversation nobody tells the state.
    const wrong = frames.flatMap(({ group, steps: [first] }) => {
      if (first === undefined) return [];
      const circumstances = { ...ROUTE[first.route], state: undefined, reply: false, known };
      const { verdict } = explain(ruleset, decodeFrame(fromHex(first.hex)), circumstances);
      // What the rest of a conversation decides, and what the host's own IP stack does not take, are no question here.
      if (verdict === 'depends' || verdict === 'held' || isMartian(first) || isToItself(first)) return [];
      compared += 1;
      if ((verdict === 'accept') === first.arrived) return [];
      return [
        `${group}: ${first.name} (${first.route}): ${verdict}, and it ${first.arrived ? 'arrived' : 'did not'}: ${first.hex}`,
      ];
    });
    expect(wrong).toEqual([]);
    expect(compared).toBeGreaterThan(0);
  });
});

/** From nobody or to a group, for the host itself, whose own IP stack may be of another mind. */
function isMartian({ route, hex }: Step): boolean {
  const [type, four, six] = [hex.slice(24, 28), hex.slice(52), hex.slice(44)];
  if (route !== 'up') return false;
  if (type === '0800') return /^(?:0{8}|[ef])/.test(four) || /^[ef]/.test(four.slice(8));
  return type === '86dd' && /^(?:.{32}ff|0{32})/.test(six);
}

/** A bridge sends nothing back to the port where it has seen the address. */
function isToItself({ hex }: Step): boolean {
  return hex.slice(0, 12) === hex.slice(12, 24);
}
