import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compile } from '../../src/compiler/compile.js';
import { applyToView, emptyView, type Plan, plan, replacePlan } from '../../src/compiler/plan.js';
import { type KernelView, type PortRuleset, TOOLS } from '../../src/compiler/ruleset.js';
import { eachTool } from '../../src/compiler/view.js';
import { parseSave } from '../../src/host/save.js';
import { viewOf } from '../../src/host/view.js';
import type { Rule } from '../../src/model/filter.js';
import { filter, lookupOf, reference, rule } from './build.js';
import { dispatched, FOREIGN, type Kernel, restored, saved, targetOf, verdict } from './model-kernel.js';

type Ports = ReadonlyMap<string, PortRuleset>;

/** Rules that differ in their layers, chains and verdicts; few, so that filters share chains and differ in one layer. */
const POOL: readonly Rule[] = [
  rule('accept out mac', 'protocolid=arp'),
  rule('drop out mac', 'protocolid=ipv4'),
  rule('accept inout ip', 'srcipaddr=10.0.0.1'),
  rule('return out ip', 'srcipaddr=10.0.0.2'),
  rule('drop inout - 900'),
  rule('accept in tcp', 'dstportstart=22'),
  rule('drop inout tcp', 'srcportstart=23'),
  rule('drop in all 900'),
  rule('drop inout udp-ipv6', 'srcportstart=53'),
];
const ARP: readonly Rule[] = [
  rule('return inout arp', 'opcode=Request'),
  rule('drop inout arp', 'opcode=Reply'),
  rule('accept inout arp'),
];
const NAMES = ['vnet0', 'vnet1', 'vnet10', 'vnet11', ...Array.from({ length: 9 }, (_, i) => `tap${i}`)];

function ruleset(port: string, rules: readonly Rule[], arp: readonly Rule[]): PortRuleset {
  const inner = filter('arp', arp, 'arp-x');
  const lookup = lookupOf(filter('f', [...rules, reference('arp')]), inner);
  return compile('f', lookup, { port, mac: undefined, parameters: [] });
}

const content = fc.tuple(fc.subarray([...POOL]), fc.oneof(fc.constant<Rule[]>([]), fc.subarray([...ARP])));
const changes = fc
  .dictionary(fc.constantFrom(...NAMES), fc.option(content, { nil: undefined }), { minKeys: 1, maxKeys: 13 })
  .map(
    (ports) => new Map(Object.entries(ports).map(([port, made]) => [port, made && ruleset(port, ...made)])),
  );

const carriedOut = (kernel: Kernel, { steps, sweep }: Plan) =>
  restored(kernel, ...steps.map(({ batch }) => batch), ...sweep);
const fresh = (ports: Ports) => carriedOut(FOREIGN, plan(emptyView, ports));
const viewIn = (kernel: Kernel): KernelView =>
  eachTool((tool) => viewOf(tool, parseSave(saved(kernel, tool))));

function after(ports: Ports, change: ReadonlyMap<string, PortRuleset | undefined>): Ports {
  const all = new Map<string, PortRuleset | undefined>([...ports, ...change]);
  return new Map([...all].filter((pair): pair is [string, PortRuleset] => pair[1] !== undefined));
}

/** Whether each kind of packet passes the port: by side, and by what looks at it beside ebtables. */
function passes(kernel: Kernel, port: string, truths: ReadonlySet<string>): readonly boolean[] {
  return (['from', 'to'] as const).flatMap((side) =>
    ([undefined, 'iptables', 'ip6tables'] as const).map((family) =>
      (['ebtables', family] as const).every((tool) => {
        if (tool === undefined) return true;
        const [entry] = dispatched(kernel[tool], `nwgate-${side}`, port);
        return entry === undefined || verdict(kernel[tool], entry, truths) !== 'DROP';
      }),
    ),
  );
}

/** Every text that a rule of ours in any of the kernels tests. */
function testsIn(kernels: readonly Kernel[]): readonly string[] {
  const lines = kernels.flatMap((kernel) => TOOLS.flatMap((tool) => [...kernel[tool].values()].flat()));
  return [...new Set(lines.map((line) => line.replace(/(?:^| )-[jg] \S+$/, '')))].filter(
    (text) => text !== '',
  );
}

describe('plan', () => {
  it('leads from any state to any other, and what it says of the kernel is so', () => {
    fc.assert(
      fc.property(fc.array(changes, { minLength: 1, maxLength: 4 }), (series) => {
        let [kernel, view, ports]: [Kernel, KernelView, Ports] = [FOREIGN, emptyView, new Map()];
        for (const change of series) {
          kernel = carriedOut(kernel, plan(view, change));
          view = applyToView(view, change);
          ports = after(ports, change);
          expect(viewIn(kernel)).toEqual(view);
          const wanted = fresh(ports);
          for (const tool of TOOLS)
            expect(new Map([...kernel[tool]].sort())).toEqual(new Map([...wanted[tool]].sort()));
          expect(plan(view, change)).toEqual({ steps: [], sweep: [] });
        }
        const gone = new Map([...ports.keys()].map((port) => [port, undefined]));
        expect(carriedOut(kernel, plan(view, gone))).toEqual(FOREIGN);
      }),
    );
  });

  it('is undone step by step', () => {
    fc.assert(
      fc.property(changes, changes, (first, second) => {
        const before = carriedOut(FOREIGN, plan(emptyView, first));
        const { steps } = plan(applyToView(emptyView, first), second);
        expect(steps.at(-1)?.undo).toBeUndefined();
        steps.slice(0, -1).forEach((_, index) => {
          const done = steps.slice(0, index + 1);
          const there = restored(before, ...done.map(({ batch }) => batch));
          const back = restored(there, ...done.toReversed().map(({ undo }) => undo!));
          for (const tool of TOOLS)
            expect(new Map([...back[tool]].sort())).toEqual(new Map([...before[tool]].sort()));
        });
      }),
    );
  });

  it('is at every moment within old or new, and lets pass what both do; other ports see nothing of it', () => {
    fc.assert(
      fc.property(changes, changes, fc.infiniteStream(fc.boolean()), (first, second, coins) => {
        const before = carriedOut(FOREIGN, plan(emptyView, first));
        const { steps, sweep } = plan(applyToView(emptyView, first), second);
        const moments = [before];
        for (const batch of [...steps.map((step) => step.batch), ...sweep])
          moments.push(restored(moments.at(-1)!, batch));
        const end = moments.at(-1)!;
        const all = testsIn(moments);
        for (let packet = 0; packet < 20; packet += 1) {
          const truths = new Set(all.filter(() => coins.next().value));
          for (const port of NAMES) {
            const [old, new_] = [passes(before, port, truths), passes(end, port, truths)];
            for (const moment of moments) {
              passes(moment, port, truths).forEach((pass, kind) => {
                if (pass) expect(old[kind] || new_[kind]).toBe(true);
                else expect(old[kind] && new_[kind]).toBe(false);
              });
            }
          }
        }
      }),
      { numRuns: 25 },
    );
  });
});

describe('the shape of a plan', () => {
  const [arp, ssh, arp2, dns] = [[POOL[0]!, POOL[4]!], [POOL[5]!], [POOL[2]!, POOL[4]!], [POOL[8]!]];
  const shape = ({ steps, sweep }: Plan) => [
    steps.map(({ batch }) => batch.tool),
    sweep.map(({ tool }) => tool),
  ];
  const from = (rules: readonly Rule[] | undefined, to: readonly Rule[] | undefined) => {
    const change = (what: readonly Rule[] | undefined) =>
      new Map([['vnet0', what && ruleset('vnet0', what, [])]]);
    return shape(plan(applyToView(emptyView, change(rules)), change(to)));
  };

  it('names only the tools whose rules change', () => {
    expect(from(undefined, arp)).toEqual([['ebtables'], []]);
    expect(from(arp, arp2)).toEqual([['ebtables'], []]);
    expect(from([...arp, ...ssh], [...arp, ...ssh, ...dns])).toEqual([['ip6tables'], []]);
    expect(from(ssh, dns)).toEqual([['iptables', 'ip6tables'], ['iptables']]);
  });

  it('binds Ethernet rules first and takes them off last', () => {
    const all = [...arp, ...ssh, ...dns];
    expect(from(undefined, all)).toEqual([['ebtables', 'iptables', 'ip6tables'], []]);
    expect(from(all, undefined)).toEqual([
      ['iptables', 'ip6tables', 'ebtables'],
      ['iptables', 'ip6tables'],
    ]);
  });

  it('has both Ethernet rules in force while IP rules change', () => {
    expect(from([...arp, ...ssh], [...arp2, ...dns])).toEqual([
      ['ebtables', 'iptables', 'ip6tables', 'ebtables'],
      ['iptables'],
    ]);
  });

  it('needs no stage where the new Ethernet rules accept nothing', () => {
    const [steps] = from([...arp, ...ssh], [POOL[4]!, ...dns]);
    expect(steps).toEqual(['ebtables', 'iptables', 'ip6tables']);
  });

  it('does not write chains that another port has already, nor dispatch that stays', () => {
    const view = applyToView(emptyView, new Map(NAMES.map((port) => [port, ruleset(port, arp, [])])));
    const { steps } = plan(view, new Map([['vnet12', ruleset('vnet12', arp, [])]]));
    expect(steps).toHaveLength(1);
    const declared = steps[0]!.batch.input.split('\n').filter((line) => line.startsWith(':'));
    expect(declared).toEqual([':nwgate-from.vnet RETURN', ':nwgate-to.vnet RETURN']);
  });

  it('does not pile a stage upon a stage that a crash left', () => {
    let view = emptyView;
    let kernel = FOREIGN;
    for (const rules of [
      [...arp, ...ssh],
      [...arp2, ...dns],
      [...arp, ...dns],
      [...arp2, ...ssh],
      [...arp, ...ssh],
      [...arp2, ...dns],
    ]) {
      const { steps } = plan(view, new Map([['vnet0', ruleset('vnet0', rules, ARP)]]));
      // The process dies after the first step.
      kernel = restored(kernel, steps[0]!.batch);
      view = viewIn(kernel);
      const chains = kernel.ebtables;
      const depth = (name: string): number =>
        1 +
        Math.max(
          0,
          ...(chains.get(name) ?? [])
            .map((line) => targetOf(line) ?? '')
            .filter((target) => chains.has(target))
            .map(depth),
        );
      expect(depth('PREROUTING')).toBeLessThanOrEqual(7);
    }
  });
});

describe('replacePlan', () => {
  it('mends whatever somebody did to our chains, and takes away other ports', () => {
    fc.assert(
      fc.property(changes, changes, fc.infiniteStream(fc.boolean()), (first, second, coins) => {
        const sound = carriedOut(FOREIGN, plan(emptyView, first));
        const broken = eachTool(
          (tool) =>
            new Map(
              [...sound[tool]].map(([name, rules]) => [
                name,
                rules.filter(
                  (rule) => rule.includes('others') || rule === '-j DROP' || coins.next().value === true,
                ),
              ]),
            ),
        );
        const wanted = after(new Map(), second);
        const mended = carriedOut(broken, replacePlan(viewIn(broken), wanted));
        const all = fresh(wanted);
        for (const tool of TOOLS)
          for (const [name, rules] of all[tool])
            if (name.startsWith('nwg')) expect(mended[tool].get(name)).toEqual(rules);
        expect(viewIn(mended)).toEqual(applyToView(emptyView, wanted));
      }),
    );
  });

  /** What passes the wanted ports after each step but the last, where the named tools have been emptied, by port. */
  function onTheWay(wanted: Ports, emptied: readonly string[], meanwhile?: 'open') {
    const lost = eachTool((tool) => (emptied.includes(tool) ? FOREIGN[tool] : fresh(wanted)[tool]));
    const { steps } = replacePlan(viewIn(lost), wanted, meanwhile);
    return steps.slice(0, -1).map((_, index) => {
      const there = restored(lost, ...steps.slice(0, index + 1).map(({ batch }) => batch));
      return new Map([...wanted.keys()].map((port) => [port, passes(there, port, new Set())]));
    });
  }
  const mail = ruleset('vnet0', [rule('drop out tcp', 'dstportstart=25')], []);
  const frames = ruleset('vnet1', [rule('drop out mac', 'protocolid=arp')], []);

  it('closes the ports that want rules of an emptied tool until they are there, and stays closed when a step fails', () => {
    const wanted = new Map([
      ['vnet0', mail],
      ['vnet1', frames],
    ]);
    for (const emptied of [['iptables'], ['iptables', 'ip6tables'], TOOLS]) {
      const states = onTheWay(wanted, emptied);
      expect(states.length).toBeGreaterThan(0);
      for (const state of states) {
        expect(state.get('vnet0')).not.toContain(true);
        expect(state.get('vnet1')).not.toContain(false);
      }
    }
    const [closing] = replacePlan(emptyView, wanted).steps;
    expect(closing?.undo).toBeUndefined();
  });

  it('closes nothing where the rules stand, nor where the operator wants ports open', () => {
    const wanted = new Map([['vnet0', mail]]);
    for (const state of [...onTheWay(wanted, []), ...onTheWay(wanted, TOOLS, 'open')])
      expect(state.get('vnet0')).not.toContain(false);
  });

  it('writes nothing where nothing is and nothing should be', () => {
    expect(replacePlan(emptyView, new Map())).toEqual({ steps: [], sweep: [] });
  });
});
