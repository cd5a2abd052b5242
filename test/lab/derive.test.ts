/** Frames from rules, without a kernel. */
import { describe, expect, it } from 'vitest';
import { construct, scenariosOf } from './construct.js';
import { corpus } from './corpus.js';
import { GUEST, tokensIn, WIRE } from './facts.js';
import { batchesOf, roundsOf, type Step } from './scenario.js';
import { crc32c } from './segments.js';

function stepsOf(rules: string, group: RegExp): readonly Step[] {
  return scenariosOf(construct('x', rules))
    .filter((scenario) => group.test(scenario.group))
    .flatMap(({ steps }) => steps);
}

const names = (steps: readonly Step[]) => steps.map(({ name }) => name);

describe('frames of a rule', () => {
  const RULE =
    '<rule action="drop" direction="out"><tcp dstipaddr="10.0.0.8" dstipmask="29" dstportstart="22"/></rule>';

  it('meet all tests, each at its edges, and miss each alone', () => {
    expect(names(stepsOf(RULE, /^rule 1 \S+ out$/))).toEqual([
      'meets all',
      'dstIp 10.0.0.9',
      'dstIp 10.0.0.15',
      'dstIp 10.0.0.0',
      'dstPort 23',
      'dstPort 21',
    ]);
    const [all] = stepsOf(RULE, /^rule 1 \S+ out$/);
    expect(all?.hex).toContain(`0a4d000a0a000008${(20_000 + all!.number).toString(16).padStart(4, '0')}0016`);
  });

  it('are turned round for the other way', () => {
    const [turned, ...rest] = stepsOf(RULE, /^rule 1 \S+ in$/);
    expect(turned?.hex).toContain('0a0000080a4d000a0016');
    expect(names(rest).at(-1)).toBe('the wrong way: meets all');
  });

  it('miss what a negated test names', () => {
    const rule = '<rule action="drop" direction="in"><arp match="no" opcode="Request"/></rule>';
    expect(names(stepsOf(rule, /^rule 1 \S+ in$/))).toEqual(['meets all', 'opcode 0', 'opcode 1']);
  });

  it('are made for every value of a list', () => {
    const rules = '<rule action="drop" direction="out"><udp dstportstart="$P" srcipaddr="$A"/></rule>';
    const parameters = ['P=1', 'P=2', 'A=10.0.0.1', 'A=10.0.0.2'] as const;
    const frames = scenariosOf(construct('x', rules, { parameters }))
      .filter(({ group }) => /^rule 1 \S+ out$/.test(group))
      .flatMap(({ steps }) => steps);
    for (const address of ['0a000001', '0a000002'])
      for (const port of ['0001', '0002'])
        expect(frames.some(({ hex }) => hex.includes(address) && hex.slice(72, 76) === port)).toBe(true);
  });

  it('open connections and answer them', () => {
    const talk = stepsOf(RULE, /talk$/).slice(0, 4);
    expect(talk.map(({ route, name }) => `${route} ${name}`)).toEqual([
      'out a flow: first',
      'in a flow: answer',
      'out a flow: data',
      'in a flow: data',
    ]);
    expect(new Set(talk.map(({ flow }) => flow)).size).toBe(1);
    expect(talk.map(({ hex }) => Number.parseInt(hex.slice(94, 96), 16))).toEqual([2, 18, 16, 16]);
  });
});

describe('the corpus', () => {
  const all = corpus();

  it('gives each frame a number of its own, which it carries', () => {
    const steps = all.flatMap(({ steps }) => steps);
    expect(new Set(steps.map(({ number }) => number)).size).toBe(steps.length);
    for (const { hex, number } of steps) expect(tokensIn(hex)).toContain(number);
  });

  it('never has one connection twice in a batch', () => {
    for (const batch of batchesOf(all)) {
      const flows = batch.flatMap(({ steps }) => [...new Set(steps.flatMap(({ flow }) => flow ?? []))]);
      expect(new Set(flows).size).toBe(flows.length);
    }
  });

  it('keeps the order of a conversation', () => {
    const [batch] = batchesOf(all.filter(({ group }) => group === 'talk tcp out'));
    expect(roundsOf(batch!).map((round) => round.length)).toEqual([4, 3, 2, 2]);
  });

  it('is between the stations of the lab', () => {
    const macs = all.flatMap(({ steps }) => steps.map(({ hex }) => hex.slice(12, 24)));
    expect(macs).toContain(GUEST.mac.replaceAll(':', ''));
    expect(macs).toContain(WIRE.mac.replaceAll(':', ''));
  });
});

describe('crc32c', () => {
  it('is that of RFC 3720 B.4', () => {
    expect(crc32c(Buffer.alloc(32)).toString(16)).toBe('8a9136aa');
  });
});
