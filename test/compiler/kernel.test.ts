/** The kernel itself has the last word: it takes what we write, and does with frames what the rules mean. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compile } from '../../src/compiler/compile.js';
import { applyToView, emptyView, plan } from '../../src/compiler/plan.js';
import { renderCommands, renderTool } from '../../src/compiler/render.js';
import { type Batch, type PortRuleset, TOOLS } from '../../src/compiler/ruleset.js';
import { parseSave } from '../../src/host/save.js';
import { NwgateError } from '../../src/model/errors.js';
import type { Rule } from '../../src/model/filter.js';
import { run } from '../../src/process/run.js';
import { arbitraryRule } from '../support/arbitrary-filter.js';
import { canSendFrames, type FramePort, openPort, passed } from '../support/frames.js';
import { canFilter, type Lab, lab } from '../support/netns.js';
import { frame, icmp, ipv4, ipv6, raw, tcp, udp } from '../support/packets.js';
import { compiled, filter, lookupOf, reference, rule } from './build.js';
import { CASES } from './cases.js';

const reason = (await canFilter()) ?? (await canSendFrames());
const noSets = await run('ipset', ['--version']).then(
  () => undefined,
  (error: Error) => error.message,
);
const PORT = 'vnet0';

describe.skipIf(reason !== undefined)(
  `the kernel${reason === undefined ? '' : ` (skipped: ${reason})`}`,
  () => {
    let world: Lab;
    let [guest, wire]: FramePort[] = [];
    beforeAll(async () => {
      world = await lab({ ports: [PORT] });
      [guest, wire] = [await openPort(world.guest(PORT)), await openPort(world.wire)];
    });
    afterAll(async () => {
      await guest?.close();
      await wire?.close();
      await world?.dispose();
    });

    const feed = async ({ tool, input }: Batch) => {
      const { failure, stderr } = await world.host.exec(`${tool}-restore`, ['--noflush'], { input });
      return failure === undefined && stderr === '' ? 'taken' : `${tool}: ${failure} ${stderr}\n${input}`;
    };
    const save = async (tool: string) => (await world.host.exec(`${tool}-save`, [])).stdout;
    const ours = async () =>
      (await Promise.all(TOOLS.map(save)))
        .join('')
        .split('\n')
        .filter((line) => line.includes('nwg'));

    /** With the ruleset in the kernel; afterwards nothing of it is left. */
    async function under<T>(rulesets: readonly PortRuleset[], work: () => Promise<T>): Promise<T> {
      const all = new Map(rulesets.map((ruleset) => [ruleset.port, ruleset]));
      const gone = new Map(rulesets.map(({ port }) => [port, undefined]));
      for (const { batch } of plan(emptyView, all).steps) expect(await feed(batch)).toBe('taken');
      try {
        return await work();
      } finally {
        const { steps, sweep } = plan(applyToView(emptyView, all), gone);
        for (const batch of [...steps.map((step) => step.batch), ...sweep])
          expect(await feed(batch)).toBe('taken');
        expect(await ours()).toEqual([]);
      }
    }

    it.each(CASES.filter(({ sets }) => sets.length === 0).map((each) => [each.name, each] as const))(
      'takes the golden case %s',
      async (_, { ruleset }) => {
        await under([ruleset], async () => {
          for (const tool of TOOLS) {
            const { fromGuest, toGuest, chains } = ruleset.tools[tool];
            const [table] = parseSave(await save(tool)).filter(({ chains: names }) =>
              names.has('nwgate-from'),
            );
            const used = fromGuest ?? toGuest;
            expect(table === undefined).toBe(used === undefined);
            for (const { name, rules } of chains)
              expect(table?.rules.filter(({ chain }) => chain === name)).toHaveLength(rules.length);
          }
        });
      },
    );

    it.skipIf(noSets !== undefined)(
      `takes IP sets${noSets === undefined ? '' : ` (skipped: ${noSets})`}`,
      async () => {
        const { ruleset, sets } = CASES.find(({ name }) => name === 'ip-sets')!;
        for (const name of sets) {
          const { failure } = await world.host.exec('ipset', ['create', name, 'hash:ip']);
          expect(failure).toBeUndefined();
        }
        await under([ruleset], async () => {});
      },
    );

    it('takes the text of `compile` as it stands, and its commands', async () => {
      const ruleset = CASES.find(({ name }) => name === 'web-server')!.ruleset;
      const text = await under([ruleset], async () => (await ours()).toSorted());
      for (const tool of TOOLS) expect(await feed({ tool, input: renderTool(ruleset, tool) })).toBe('taken');
      expect((await ours()).toSorted()).toEqual(text);
      for (const tool of TOOLS) {
        const table = tool === 'ebtables' ? 'nat' : 'filter';
        const { failure } = await world.host.exec('sh', [
          '-c',
          `${tool} -t ${table} -F && ${tool} -t ${table} -X`,
        ]);
        expect(failure).toBeUndefined();
      }
      const { failure, stderr } = await world.host.exec('sh', ['-e'], { input: renderCommands(ruleset) });
      expect([failure, stderr]).toEqual([undefined, '']);
      expect((await ours()).toSorted()).toEqual(text);
      for (const tool of TOOLS) {
        const table = tool === 'ebtables' ? 'nat' : 'filter';
        await world.host.exec('sh', ['-c', `${tool} -t ${table} -F && ${tool} -t ${table} -X`]);
      }
    });

    it('holds comments word for word', async () => {
      const { ruleset } = CASES.find(({ name }) => name === 'comments')!;
      await under([ruleset], async () => {
        const [table] = parseSave(await save('iptables'));
        const found = table?.rules.flatMap(({ args }) =>
          args.slice(args.indexOf('--comment') + 1 || args.length).slice(0, 1),
        );
        const written = ruleset.tools.iptables.chains.flatMap(({ rules }) =>
          rules.map(({ comment = '' }) => comment),
        );
        expect(written).toContain('-t filter');
        // Longer ones are cut.
        expect(found?.filter((text) => text.length < 85)).toEqual(written.filter((text) => text.length < 85));
      });
    });

    it('takes everything that the protocol tables can say, or it is refused', async () => {
      const rules = fc.sample(arbitraryRule({ variables: false }), { numRuns: 600, seed: 4711 });
      const compilable: Rule[] = [];
      for (const each of rules.filter(
        ({ matches }) => !matches.some(({ attribute }) => attribute.startsWith('ipset')),
      )) {
        try {
          compiled([each]);
          compilable.push(each);
        } catch (error) {
          if (!(error instanceof NwgateError)) throw error;
          expect(error.code).toBe('NOT_COMPILABLE');
        }
      }
      expect(compilable.length).toBeGreaterThan(400);
      await under([compiled(compilable)], async () => {});
    });

    it('follows the deepest tree of names under a stage of the deepest chains', async () => {
      const deep = Array.from({ length: 15 }, (_, i) => 'a'.repeat(i + 1));
      const names = [
        ...new Set(
          deep.flatMap((name) => [
            name,
            ...[...'bcdefghij'].map((letter) => `${name.slice(0, 14)}${letter}`),
          ]),
        ),
      ];
      const inner = (opcode: string) =>
        filter('arp', [rule('accept inout arp', `opcode=${opcode}`), rule('drop inout arp')], 'arp-x');
      const all = (opcode: string, port: string) =>
        new Map(
          names.map((name) => [
            name,
            compile(
              'f',
              lookupOf(
                filter('f', [
                  reference('arp'),
                  rule('accept inout ip'),
                  rule('drop in tcp', `dstportstart=${port}`),
                ]),
                inner(opcode),
              ),
              { port: name, mac: undefined, parameters: [] },
            ),
          ]),
        );
      await under([...all('Request', '22').values()], async () => {
        const view = applyToView(emptyView, all('Request', '22'));
        const before = (await ours()).toSorted();
        const { steps } = plan(view, all('Reply', '23'));
        expect(steps.map(({ batch }) => batch.tool)).toEqual(['ebtables', 'iptables', 'ebtables']);
        const first = steps.slice(0, -1);
        for (const { batch } of first) expect(await feed(batch)).toBe('taken');
        for (const { undo } of first.toReversed()) expect(await feed(undo!)).toBe('taken');
        expect((await ours()).toSorted()).toEqual(before);
      });
    });

    describe('with frames', () => {
      const ends = () => ({ out: world.guest(PORT), to: world.wire });
      const v4 = (segment: Parameters<typeof ipv4>[1], tos = 0) => {
        const { out, to } = ends();
        return frame({ src: out.mac, dst: to.mac }, ipv4({ src: out.ip, dst: to.ip, tos }, segment));
      };
      const v6 = (segment: Parameters<typeof ipv6>[1]) => {
        const { out, to } = ends();
        return frame({ src: out.mac, dst: to.mac }, ipv6({ src: out.ip6, dst: to.ip6 }, segment));
      };
      const sent = (rules: readonly Rule[], ...frames: string[]) =>
        under([compiled(rules)], () => passed(guest!, wire!, frames));

      it('matches AH of IPv6', async () => {
        const segment = tcp({ sport: 1, dport: 2 });
        const header = Buffer.from([6, 4, 0, 0, 0, 0, 1, 1, 0, 0, 0, 1, ...Array(12).fill(0)]);
        const ah = raw(51, Buffer.concat([header, segment.bytes(() => Buffer.alloc(0))]));
        expect(await sent([rule('drop out ah-ipv6')], v6(ah), v6(udp({ sport: 1, dport: 2 })))).toEqual([
          false,
          true,
        ]);
      });

      it('compares a DSCP and not the octet', async () => {
        const rules = [rule('drop out ip', 'dscp=10')];
        const packet = udp({ sport: 1, dport: 2 });
        expect(
          await sent(rules, v4(packet, 10 << 2), v4(packet, (10 << 2) + 1), v4(packet, 10), v4(packet, 0)),
        ).toEqual([false, false, true, true]);
      });

      it('goes on after continue, in all tools', async () => {
        const packet = [v4(udp({ sport: 1, dport: 2 })), v4(udp({ sport: 1, dport: 3 }))];
        expect(
          await sent(
            [rule('continue inout -'), rule('continue out udp'), rule('drop out udp', 'dstportstart=2')],
            ...packet,
          ),
        ).toEqual([false, true]);
      });

      it('tells ICMP type 255 from others', async () => {
        expect(
          await sent([rule('drop out icmp', 'type=255')], v4(icmp({ type: 255 })), v4(icmp({ type: 8 }))),
        ).toEqual([false, true]);
      });

      it('accepts at the end of a chain, without going back to the root chain', async () => {
        const inner = filter('inner', [rule('drop out ip', 'protocol=tcp')], 'ipv4');
        const outer = filter('f', [reference('inner'), rule('drop out - 900')]);
        const ruleset = compile('f', lookupOf(outer, inner), { port: PORT, mac: undefined, parameters: [] });
        const frames = [
          v4(udp({ sport: 1, dport: 2 })),
          v4(tcp({ sport: 1, dport: 2 })),
          v6(udp({ sport: 1, dport: 2 })),
        ];
        expect(await under([ruleset], () => passed(guest!, wire!, frames))).toEqual([true, false, false]);
      });

      it('tests a negated source MAC on what the guest sends', async () => {
        const { out, to } = ends();
        const forged = frame(
          { src: '52:54:00:00:00:99', dst: to.mac },
          ipv4({ src: out.ip, dst: to.ip }, udp({ sport: 1, dport: 2 })),
        );
        expect(
          await sent(
            [rule('drop inout all', `srcmacaddr!=${out.mac}`)],
            forged,
            v4(udp({ sport: 1, dport: 2 })),
          ),
        ).toEqual([false, true]);
      });

      it('does not take one port for another whose name begins alike', async () => {
        const closed = compile('f', lookupOf(filter('f', [rule('drop inout -'), rule('drop inout all')])), {
          port: 'vnet',
          mac: undefined,
          parameters: [],
        });
        expect(
          await under([closed, { ...closed, port: 'vnet01' }], () =>
            passed(guest!, wire!, [v4(udp({ sport: 1, dport: 2 }))]),
          ),
        ).toEqual([true]);
      });
    });
  },
);
