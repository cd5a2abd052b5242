import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dispatchChains } from '../../src/compiler/dispatch.js';
import { type Circumstances, type Explanation, explain } from '../../src/compiler/explain.js';
import { keyOf, type Seen } from '../../src/compiler/explain-seen.js';
import { matchesU32 } from '../../src/compiler/explain-u32.js';
import { EVALUATORS, walk } from '../../src/compiler/explain-walk.js';
import { extensionOf } from '../../src/compiler/needs.js';
import { type ChainRule, type PortRuleset, TOOLS, type Tool } from '../../src/compiler/ruleset.js';
import { decodeFrame } from '../../src/packet/frame.js';
import { readFrame } from '../../src/packet/syntax.js';
import { PROTOCOLS } from '../../src/protocols/registry.js';
import type { ProtocolSpec } from '../../src/protocols/types.js';
import { compiled, filter, GUEST, rule } from './build.js';
import { CASES } from './cases.js';

const ENDS = { source: GUEST, destination: '52:54:00:00:00:02' };
const OUT: Circumstances = {
  direction: 'out',
  peer: 'network',
  state: undefined,
  reply: false,
  known: { sets: new Map(), connections: undefined },
};

const told = (rules: PortRuleset, frame: string, circumstances: Partial<Circumstances> = {}): Explanation =>
  explain(rules, decodeFrame(readFrame(frame, ENDS)), { ...OUT, ...circumstances });

const TOOL_OF: Readonly<Record<ProtocolSpec['layer'], Tool>> = {
  ethernet: 'ebtables',
  ipv4: 'iptables',
  ipv6: 'ip6tables',
};

describe('every test that the compiler can write', () => {
  /** A test of a rule that selects the row's protocol. */
  const written = PROTOCOLS.flatMap((spec) => {
    const [option, ...args] = spec.select;
    const select = option === undefined ? [] : [{ option, args, negated: false }];
    const rows = spec.tests.flatMap(({ module, option: own, mirror }) =>
      [own, ...(mirror.kind === 'swap' ? [mirror.option] : [])].map((each) => ({
        ...(module === undefined ? {} : { module }),
        option: each,
        args: [],
        negated: false,
      })),
    );
    return [...select, ...rows].map((test) => ({
      tool: TOOL_OF[spec.layer],
      test,
      rule: { tests: [...select, test] },
    }));
  });
  const others = [
    ...CASES.map(({ ruleset }) => ruleset),
    compiled([rule('drop in icmp', 'type=255'), rule('drop in all', 'state=NEW'), rule('accept out tcp')]),
  ].flatMap(({ port, tools }) =>
    TOOLS.flatMap((tool) => {
      const many = new Map(Array.from({ length: 20 }, (_, index) => [`${port}${index}`, tools[tool]]));
      const rules = [
        ...tools[tool].chains.map((chain) => chain.rules),
        ...dispatchChains(tool, many).values(),
      ].flat();
      return rules.flatMap((each) => each.tests.map((test) => ({ tool, test, rule: each })));
    }),
  );
  const all = [...written, ...others];

  it('are many', () => expect(new Set(all.map(({ test }) => keyOf(test))).size).toBeGreaterThan(50));

  it('has a row that answers it', () => {
    const missing = all.filter(({ tool, test }) => EVALUATORS[tool][keyOf(test)] === undefined);
    expect([...new Set(missing.map(({ tool, test }) => `${tool} ${keyOf(test)}`))]).toEqual([]);
  });

  it('belongs to an extension that can be asked for', () => {
    const lost = all.filter(
      ({ tool, test, rule: each }) => extensionOf(tool, test, each as ChainRule) === undefined,
    );
    expect([...new Set(lost.map(({ tool, test }) => `${tool} ${keyOf(test)}`))]).toEqual([]);
  });

  it('has no row that nothing writes', () => {
    const used = new Set(all.map(({ test }) => keyOf(test)));
    const rows = new Set(Object.values(EVALUATORS).flatMap((table) => Object.keys(table)));
    expect([...rows].filter((key) => !used.has(key))).toEqual([]);
  });
});

describe('explain', () => {
  const smtp = compiled([
    rule('drop out tcp', 'dstportstart=25'),
    rule('drop in arp'),
    rule('reject in udp'),
  ]);

  it('names the native rule that decided', () => {
    const { verdict, met } = told(smtp, 'tcp 10.0.0.5:1234 > 10.0.0.9:25 syn');
    expect(verdict).toBe('drop');
    expect(met.at(-1)).toMatchObject({
      tool: 'iptables',
      hook: 'FORWARD',
      rule: '-p tcp --dport 25 -j DROP',
      place: { filter: 'f', rule: 1 },
      failed: undefined,
    });
  });

  it('says which test a rule failed by', () => {
    const { verdict, met } = told(smtp, 'tcp 10.0.0.5:1234 > 10.0.0.9:26');
    expect(verdict).toBe('accept');
    expect(met.find(({ place }) => place?.rule === 1)?.failed).toBe('--dport 25');
  });

  it.each([
    ['arp request 10.0.0.5 > 10.0.0.9', 'in', 'drop'],
    ['arp request 10.0.0.5 > 10.0.0.9', 'out', 'accept'],
    ['udp 10.0.0.9:5 > 10.0.0.5:6', 'in', 'reject'],
    // Rules of IP packets that accept nothing are written for both directions.
    ['udp 10.0.0.9:5 > 10.0.0.5:6', 'out', 'reject'],
  ] as const)('%s, %s: %s', (frame, direction, verdict) => {
    expect(told(smtp, frame, { direction }).verdict).toBe(verdict);
  });

  it('has the host itself at the other end', () => {
    const { verdict, met } = told(smtp, 'tcp 10.0.0.5:1234 > 10.0.0.1:25', { peer: 'host' });
    expect([verdict, met.at(-1)?.hook]).toEqual(['drop', 'INPUT']);
    // What the host sends passes no chain of iptables; ebtables sees it.
    expect(told(smtp, 'udp 10.0.0.1:5 > 10.0.0.5:6', { direction: 'in', peer: 'host' }).verdict).toBe(
      'accept',
    );
    expect(told(smtp, 'arp reply 10.0.0.1 > 10.0.0.5', { direction: 'in', peer: 'host' }).verdict).toBe(
      'drop',
    );
  });

  describe('with states', () => {
    const web = compiled([rule('accept in tcp', 'dstportstart=80'), rule('drop inout all')]);
    const answer = 'tcp 10.0.0.5:80 > 10.0.0.9:1234 syn ack';

    it('takes an answer for one only in its connection', () => {
      expect(told(web, answer)).toMatchObject({ verdict: 'drop', connection: { state: 'INVALID' } });
      expect(told(web, answer, { state: 'ESTABLISHED', reply: true }).verdict).toBe('accept');
      expect(told(web, answer, { state: 'ESTABLISHED', reply: false }).verdict).toBe('drop');
    });

    it.each([
      ['tcp 10.0.0.9:1 > 10.0.0.5:80', 'NEW', 'accept'],
      ['tcp 10.0.0.9:1 > 10.0.0.5:80 rst', 'INVALID', 'drop'],
      ['tcp 10.0.0.9:1 > 10.0.0.5:80 bad-checksum', 'INVALID', 'drop'],
      ['tcp 10.0.0.9:1 > 10.0.0.5:80 ack', 'NEW', 'accept'],
    ])('%s is %s: %s', (frame, state, verdict) => {
      expect(told(web, frame, { direction: 'in' })).toMatchObject({ verdict, connection: { state } });
    });

    it('holds a fragment that has to be put together', () => {
      expect(told(web, 'tcp 10.0.0.9:1 > 10.0.0.5:80 fragment 0+', { direction: 'in' }).verdict).toBe('held');
      expect(told(smtp, 'tcp 10.0.0.5:1 > 10.0.0.9:25 fragment 0+').verdict).toBe('drop');
      // nf_tables takes what a later fragment holds for ports.
      expect(told(smtp, 'tcp 10.0.0.5:1 > 10.0.0.9:25 fragment 8').verdict).toBe('drop');
      expect(told(smtp, 'tcp 10.0.0.5:1 > 10.0.0.9:26 fragment 8').verdict).toBe('accept');
    });
  });

  it('has ebtables find no ports in a later fragment, negated or not', () => {
    for (const port of ['dstportstart=25', 'dstportstart!=25']) {
      const rules = compiled([rule('drop out ip', 'protocol=tcp', port)]);
      expect(told(rules, 'tcp 10.0.0.5:1 > 10.0.0.9:25 fragment 8').verdict).toBe('accept');
    }
  });

  it('asks what no frame tells', () => {
    const sets = compiled([rule('accept out tcp', 'ipset=web'), rule('drop out tcp')]);
    const frame = 'tcp 10.0.0.5:1 > 10.0.0.9:80';
    expect(told(sets, frame)).toMatchObject({
      verdict: 'depends',
      depends: { on: { ask: 'set', set: 'web' }, yes: { verdict: 'accept' }, no: { verdict: 'drop' } },
    });
    for (const [holds, verdict] of [
      [true, 'accept'],
      [false, 'drop'],
    ] as const)
      expect(
        told(sets, frame, { known: { sets: new Map([['web', holds]]), connections: undefined } }).verdict,
      ).toBe(verdict);
    const limited = compiled([rule('drop out tcp', 'connlimit-above=3')]);
    expect(told(limited, frame)).toMatchObject({ depends: { on: { ask: 'connections', limit: 3 } } });
    for (const [connections, verdict] of [
      [4, 'drop'],
      [3, 'accept'],
    ] as const)
      expect(told(limited, frame, { known: { sets: new Map(), connections } }).verdict).toBe(verdict);
    const same = compiled([rule('drop out tcp', 'ipset=web'), rule('drop out tcp')]);
    expect(told(same, frame)).toMatchObject({ verdict: 'drop', depends: undefined });
  });

  it('shows ebtables a tag, and iptables nothing behind it', () => {
    const rules = compiled([rule('drop out vlan', 'vlanid=5'), rule('drop out tcp'), rule('drop out ip')]);
    expect(told(rules, 'vlan 5 tcp 10.0.0.5:1 > 10.0.0.9:80').met.at(-1)?.rule).toContain('--vlan-id 5');
    expect(told(rules, 'vlan 6 tcp 10.0.0.5:1 > 10.0.0.9:80')).toMatchObject({
      verdict: 'accept',
      connection: undefined,
    });
    expect(told(rules, 'tcp 10.0.0.5:1 > 10.0.0.9:80').verdict).toBe('drop');
  });

  it('goes on behind an inner chain that was returned from', () => {
    const inner = filter('f', [rule('return out arp', 'opcode=Request'), rule('drop out arp')], 'arp');
    expect(told(compiled(inner), 'arp request 10.0.0.5 > 10.0.0.9').verdict).toBe('accept');
    expect(told(compiled(inner), 'arp reply 10.0.0.5 > 10.0.0.9').verdict).toBe('drop');
  });

  it('says why without a rule', () => {
    expect(told(smtp, 'eth 0x88cc 52:54:00:00:00:01 > 01:80:c2:00:00:0e')).toMatchObject({
      verdict: 'unforwarded',
      why: expect.stringContaining('for the bridge alone'),
    });
    expect(told(smtp, 'eth ipv4 data 45')).toMatchObject({
      verdict: 'drop',
      why: expect.stringContaining('cut off'),
    });
  });

  it('takes any octets', () => {
    const rules = CASES.find(({ name }) => name === 'every-protocol')!.ruleset;
    const types = fc.constantFrom('0800', '86dd', '0806', '8100', '0026', '88a8');
    const octets = fc.tuple(types, fc.uint8Array({ maxLength: 80 }));
    fc.assert(
      fc.property(octets, fc.constantFrom('in', 'out'), ([type, rest], direction) => {
        const frame = decodeFrame(
          Buffer.from(`525400000001525400000002${type}${Buffer.from(rest).toString('hex')}`, 'hex'),
        );
        expect(explain(rules, frame, { ...OUT, direction }).verdict).toMatch(/^[a-z]+$/);
      }),
      { numRuns: 300 },
    );
  });
});

describe('walk', () => {
  const verdict = (word: 'ACCEPT' | 'DROP' | 'RETURN'): ChainRule => ({
    tests: [],
    target: { kind: 'verdict', verdict: word },
  });
  const through = (kind: 'jump' | 'goto') => {
    const chains = new Map<string, readonly ChainRule[]>([
      ['base', [{ tests: [], target: { kind, chain: 'inner' } }, verdict('DROP')]],
      ['inner', [verdict('RETURN'), verdict('ACCEPT')]],
    ]);
    const seen: Seen = {
      ...{ frame: decodeFrame(new Uint8Array(14)), packet: undefined, from: undefined, to: undefined },
      ...{ bridged: true, connection: { state: 'NEW', reply: false }, known: OUT.known },
    };
    return walk({ tool: 'iptables', hook: 'FORWARD', chains, seen, met: [] }, 'base');
  };

  it('comes back from a jump to the rule behind it', () =>
    expect(through('jump')).toEqual({ kind: 'verdict', verdict: 'DROP' }));

  it('comes back from a goto to where its chain was entered', () =>
    expect(through('goto')).toEqual({ kind: 'through' }));
});

describe('u32', () => {
  const packet = Buffer.from('46000020000000000001000000000000000000000000000008ff0000', 'hex');
  it.each([
    ['0>>22&0x3C@0>>24=8', true],
    ['0>>22&0x3C@0>>24=0', false],
    ['0>>22&0x3C@0>>16=0x8ff', true],
    ['0>>22&0x3C@0>>16=1:9,2000:3000', true],
    ['24<<8=0xff000000', true],
    ['26=0', false],
  ])('%s: %s', (text, matches) => expect(matchesU32(text, packet)).toBe(matches));
});
