/** Frames in both directions, one after the other, as connections and their abuse. */
import { IP_PROTOCOLS } from '../../src/protocols/datatypes.js';
import { type Facts, mirrored, token } from './facts.js';
import { type Route, type Scenario, type Step, step } from './scenario.js';

const [ACK, SYN_ACK] = [16, 18];

type Way = 'out' | 'in';
const back = (way: Way): Way => (way === 'out' ? 'in' : 'out');

/** What the other end says to the first frame, and what the first says then. */
function answerTo(facts: Facts): Facts {
  const answer = { ...mirrored(facts), sequence: 5000, acknowledged: facts.data.length + 1, flags: SYN_ACK };
  const { icmpType } = facts;
  if (icmpType === 8) return { ...answer, icmpType: 0 };
  return icmpType === 128 ? { ...answer, icmpType: 129 } : answer;
}

function replyTo(facts: Facts): Facts {
  return {
    ...facts,
    flags: ACK,
    sequence: facts.data.length + 1,
    acknowledged: 5001 + facts.data.length,
  };
}

/**
 * The flow begun from its own side, then from the other; an answer that nobody asked for; and several flows at once, for
 * what counts them. `make` gives the first frame of a flow as its own side sends it.
 */
export function conversations(
  own: Way,
  make: (number: number) => Facts,
  group: string,
  number: () => number,
): readonly Scenario[] {
  const talk = (
    name: string,
    parts: readonly (readonly [Way, string, (facts: Facts) => Facts])[],
  ): Scenario => {
    const first = number();
    const facts = make(first);
    const steps = parts.map(([way, what, turn], index): Step => {
      const at = index === 0 ? first : number();
      return step(way as Route, `${name}: ${what}`, { ...turn(facts), data: token(at) }, at);
    });
    return { group, steps };
  };
  const all = [
    talk('a flow', [
      [own, 'first', (facts) => facts],
      [back(own), 'answer', answerTo],
      [own, 'data', replyTo],
      [back(own), 'data', (facts) => mirrored({ ...facts, ...ANSWERED(facts) })],
    ]),
    talk('from the other side', [
      [back(own), 'first', mirrored],
      [own, 'answer', (facts) => answerTo(mirrored(facts))],
    ]),
    talk('unasked', [[back(own), 'answer', answerTo]]),
  ];
  const isTcp = make(0).protocol === IP_PROTOCOLS.tcp;
  return isTcp ? [...all, several(own, make, group, number)] : all;
}

/** Octets that the answering side has sent and seen by then. */
const ANSWERED = (facts: Facts) => ({
  flags: ACK,
  sequence: 5001 + facts.data.length,
  acknowledged: 2 * facts.data.length + 1,
});

/** Four connections at once of the same two parties. */
function several(own: Way, make: (number: number) => Facts, group: string, number: () => number): Scenario {
  const steps = Array.from({ length: 4 }, (_, index) => {
    const at = number();
    return step(own, `connection ${index + 1} at once`, { ...make(at), data: token(at) }, at);
  });
  return { group, steps };
}
