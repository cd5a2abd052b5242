/**
 * Changes without a gap: while probes run in both directions and through both layers, every kind of change is made again and
 * again. What the old and the new rules both allow must all arrive; what both forbid must never.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Run, run } from '../../src/process/run.js';
import { temporaryDirectory } from '../support/directory.js';
import { canSendFrames, type FramePort, openPort } from '../support/frames.js';
import { ADMIN, doc } from '../support/gateway.js';
import { type KernelGateway, kernelGateway } from '../support/kernel-gateway.js';
import { canFilter, type Lab, lab } from '../support/netns.js';
import { frame, ipv4, ipv6, tcp, udp } from '../support/packets.js';
import { build, start } from '../support/program.js';

const lacking = (await canFilter()) ?? (await canSendFrames());
const LONG = process.env.NWGATE_LONG === '1';
const TIMES = LONG ? 100 : 8;
/** Frames a second in each direction. */
const RATE = 2_000;
const FORGED = '52:54:00:66:66:66';
/** Between two looks at what has arrived, in milliseconds. */
const GRACE = 60;
/** So many looks in a row without a new frame: on a machine with other work, frames wait for the kernel's turn. */
const QUIET = 10;

/** Rules of both layers with a number that makes each a new one; UDP to port 1000 and its answers pass, of IPv4 nothing else. */
const stateful = (number: number, name = 'stateful') =>
  doc(
    name,
    `<rule action='drop' direction='out' priority='10'><mac srcmacaddr='${FORGED}'/></rule>
     <rule action='drop' direction='out' priority='20'><mac srcmacaddr='52:54:00:66:67:${String(number % 100).padStart(2, '0')}'/></rule>
     <rule action='drop' direction='out' priority='30'><tcp dstportstart='${3000 + number}'/></rule>
     <rule action='accept' direction='out' priority='40'><udp dstportstart='1000'/></rule>
     <rule action='drop' direction='inout' priority='50'><all/></rule>
     <rule action='drop' direction='out' priority='60'><tcp-ipv6 dstportstart='25'/></rule>`,
  );

/** One rule, in the Ethernet or in the IP layer: UDP to port 53 is dropped. */
const moving = (layer: 'ethernet' | 'ip') =>
  doc(
    'moving',
    `<rule action='drop' direction='out'>${layer === 'ip' ? "<udp dstportstart='53'/>" : "<ip protocol='udp' dstportstart='53'/>"}</rule>
     <rule action='drop' direction='in'>${layer === 'ip' ? "<udp srcportstart='2000'/>" : "<ip protocol='udp' srcportstart='2000'/>"}</rule>`,
  );

interface Probe {
  readonly what: string;
  readonly way: 'out' | 'in';
  readonly frame: string;
  readonly passes: boolean;
}

function probesOf(
  { mac }: { mac: string },
  wire: { mac: string },
): Readonly<Record<'stateful' | 'moving', readonly Probe[]>> {
  const [guest, far] = ['10.77.0.200', '10.77.0.201'];
  const [guest6, far6] = ['fd77::200', 'fd77::201'];
  const out = (segment: Parameters<typeof ipv4>[1], src = mac) =>
    frame({ src, dst: wire.mac }, ipv4({ src: guest, dst: far }, segment));
  const back = (segment: Parameters<typeof ipv4>[1]) =>
    frame({ src: wire.mac, dst: mac }, ipv4({ src: far, dst: guest }, segment));
  const out6 = (segment: Parameters<typeof ipv4>[1]) =>
    frame({ src: mac, dst: wire.mac }, ipv6({ src: guest6, dst: far6 }, segment));
  const flow = out(udp({ sport: 5000, dport: 1000, data: 'flow' }));
  const answer = back(udp({ sport: 1000, dport: 5000, data: 'answer' }));
  const open = out6(udp({ sport: 5000, dport: 7, data: 'v6' }));
  return {
    stateful: [
      { what: 'a flow', way: 'out', frame: flow, passes: true },
      { what: 'IPv6', way: 'out', frame: open, passes: true },
      {
        what: 'a forged MAC',
        way: 'out',
        frame: out(udp({ sport: 5000, dport: 1000, data: 'flow' }), FORGED),
        passes: false,
      },
      { what: 'SMTP', way: 'out', frame: out(tcp({ sport: 5001, dport: 25 })), passes: false },
      { what: 'SMTP over IPv6', way: 'out', frame: out6(tcp({ sport: 5001, dport: 25 })), passes: false },
      { what: 'answers of the flow', way: 'in', frame: answer, passes: true },
      {
        what: 'what nobody asked for',
        way: 'in',
        frame: back(udp({ sport: 2000, dport: 7, data: 'x' })),
        passes: false,
      },
    ],
    moving: [
      { what: 'a flow', way: 'out', frame: flow, passes: true },
      { what: 'DNS', way: 'out', frame: out(udp({ sport: 5003, dport: 53 })), passes: false },
      { what: 'answers of the flow', way: 'in', frame: answer, passes: true },
      {
        what: 'what nobody asked for',
        way: 'in',
        frame: back(udp({ sport: 2000, dport: 7, data: 'x' })),
        passes: false,
      },
    ],
  };
}

describe.skipIf(lacking !== undefined)(`gapless ${lacking ?? ''}`, () => {
  let world: Lab;
  let guest: FramePort;
  let wire: FramePort;
  let probes: ReturnType<typeof probesOf>;
  const rows: string[] = [];
  beforeAll(async () => {
    build();
    world = await lab({ ports: ['vnet0', 'vnet1', 'vnet2'] });
    // As on any host with a stateful rule: connections are followed also where no rule of ours asks for them.
    await world.host.exec('iptables', [
      '-A',
      'INPUT',
      '-m',
      'conntrack',
      '--ctstate',
      'INVALID',
      '-j',
      'RETURN',
    ]);
    [guest, wire] = await Promise.all([openPort(world.guest('vnet0')), openPort(world.wire)]);
    probes = probesOf(world.guest('vnet0'), world.wire);
    // The bridge learns where they are, and the connection begins.
    await guest.send(probes.stateful[0]!.frame);
    await wire.send(probes.stateful.find(({ way }) => way === 'in')!.frame);
  });
  afterAll(async () => {
    await Promise.all([guest.close(), wire.close()]);
    await world.dispose();
    const heads = ['change', 'times', 'allowed: sent', 'lost', 'forbidden: sent', 'passed'];
    console.log([heads.join(' | '), ...rows].join('\n'));
  });

  /** How often the frames of one way have arrived, in the order of `list`. */
  const arrived = async (list: readonly Probe[]) => {
    const [atWire, atGuest] = [[...(await wire.counts())], [...(await guest.counts())]];
    return list.map(({ way }) => (way === 'out' ? atWire.shift() : atGuest.shift()) ?? 0);
  };

  /** When nothing is on its way any more. */
  const quiet = async (list: readonly Probe[]) => {
    let [before, looks] = ['', 0];
    while (looks < QUIET) {
      await pause(GRACE);
      const now = (await arrived(list)).join();
      looks = now === before ? looks + 1 : 0;
      before = now;
    }
  };

  /**
   * Carries out `change` so many times under fire. Nothing forbidden may arrive at any time, or with `open`, which takes the
   * rules away again, from when `change` has ended until `open` begins.
   */
  async function underFire(
    name: string,
    list: readonly Probe[],
    change: (turn: number) => Promise<unknown>,
    around: { readonly open?: (turn: number) => Promise<unknown> } = {},
  ) {
    const frames = (way: Probe['way']) =>
      list.filter((probe) => probe.way === way).map((probe) => probe.frame);
    await Promise.all([wire.count(frames('out')), guest.count(frames('in'))]);
    await Promise.all([guest.stream(frames('out'), RATE), wire.stream(frames('in'), RATE)]);
    let leaked = 0;
    const forbidden = async () =>
      (await arrived(list)).reduce((sum, count, index) => sum + (list[index]?.passes ? 0 : count), 0);
    const begin = await forbidden();
    for (let turn = 0; turn < TIMES; turn += 1) {
      await change(turn);
      if (around.open) {
        await pause(GRACE);
        const settled = await forbidden();
        await pause(GRACE);
        leaked += (await forbidden()) - settled;
        await around.open(turn);
      }
    }
    const sentOut = [...(await guest.stop())];
    const sentIn = [...(await wire.stop())];
    await quiet(list);
    const passed = (await forbidden()) - begin;
    // Where nothing is in the way the forbidden ones do arrive: the probes tell.
    if (around.open) expect(passed).toBeGreaterThan(0);
    else leaked = passed;
    const sent = list.map(({ way }) => (way === 'out' ? sentOut.shift() : sentIn.shift()) ?? 0);
    const got = await arrived(list);
    const sum = (values: readonly number[], passes: boolean) =>
      values.reduce((total, value, index) => total + (list[index]?.passes === passes ? value : 0), 0);
    const lost = sum(sent, true) - sum(got, true);
    rows.push([name, TIMES, sum(sent, true), lost, sum(sent, false), leaked].join(' | '));
    expect(
      { lost, leaked },
      `${name}: ${list.map(({ what }, i) => `${what} ${got[i]}/${sent[i]}`).join(', ')}`,
    ).toEqual({
      lost: 0,
      leaked: 0,
    });
    expect(Math.min(...sent)).toBeGreaterThan(10);
  }

  async function withProduct(work: (product: KernelGateway, state: string) => Promise<void>) {
    const state = temporaryDirectory();
    const product = await kernelGateway(state, world.host);
    await product.define(stateful(0));
    try {
      await work(product, state);
    } finally {
      for (const { port } of product.gateway.bindings()) await product.gateway.unbind(port, ADMIN);
    }
  }

  const time = LONG ? 900_000 : 180_000;

  it(
    'at first bind and at unbind',
    async () => {
      await withProduct(({ bind, gateway }) =>
        underFire('first bind, unbind', probes.stateful, () => bind('vnet0', 'stateful'), {
          open: () => gateway.unbind('vnet0', ADMIN),
        }),
      );
    },
    time,
  );

  it(
    'when the filter of several ports changes',
    async () => {
      await withProduct(async ({ bind, define }) => {
        for (const port of ['vnet0', 'vnet1', 'vnet2']) await bind(port, 'stateful');
        await underFire('change of a filter in use', probes.stateful, (turn) => define(stateful(turn + 1)));
      });
    },
    time,
  );

  it(
    'when another port is bound, changed and unbound',
    async () => {
      await withProduct(async ({ bind, define, gateway }) => {
        await bind('vnet0', 'stateful');
        await define(stateful(50, 'other'));
        await underFire('bind, change, unbind of another port', probes.stateful, async (turn) => {
          await bind('vnet1', 'other');
          await define(stateful(51 + turn, 'other'));
          await gateway.unbind('vnet1', ADMIN);
        });
      });
    },
    time,
  );

  it(
    'when another filter takes the place of the one that is bound',
    async () => {
      await withProduct(async ({ bind, define }) => {
        await define(stateful(50, 'other'));
        await bind('vnet0', 'other');
        await underFire('another filter on the port', probes.stateful, (turn) =>
          bind('vnet0', turn % 2 === 0 ? 'stateful' : 'other'),
        );
      });
    },
    time,
  );

  it(
    'when rules move between the layers',
    async () => {
      await withProduct(async ({ bind, define }) => {
        await define(moving('ip'));
        await bind('vnet0', 'moving');
        await underFire('rules move between the layers', probes.moving, (turn) =>
          define(moving(turn % 2 === 0 ? 'ethernet' : 'ip')),
        );
      });
    },
    time,
  );

  it(
    'when the rules are all written anew',
    async () => {
      await withProduct(async ({ bind, gateway, host }) => {
        await bind('vnet0', 'stateful');
        const wanted = new Map([['vnet0', gateway.compile({ filter: 'stateful', port: 'vnet0' })]]);
        await underFire('all written anew (repair)', probes.stateful, () => host.replace(wanted));
      });
    },
    time,
  );

  it(
    'when the gateway dies in the middle of a change and is started again',
    async () => {
      await withProduct(async ({ bind, gateway }, state) => {
        await bind('vnet0', 'stateful');
        await underFire('death within a change, and start', probes.stateful, async (turn) => {
          let left = Number.POSITIVE_INFINITY;
          const dying: Run = async (command, args, options) => {
            if (command.endsWith('-restore') && left-- <= 0) throw new Error('died');
            return run(command, args, options);
          };
          const victim = await kernelGateway(state, world.host, { run: dying });
          left = turn % 4;
          await expect(victim.define(stateful(60 + turn))).rejects.toThrow('died');
          await kernelGateway(state, world.host);
        });
        expect((await gateway.verify(false, ADMIN)).differences).toEqual([]);
      });
    },
    time,
  );

  it(
    'when the gateway is killed and started again',
    async () => {
      await withProduct(async ({ bind }, state) => {
        await bind('vnet0', 'stateful');
        const args = ['--state', state, '--host', 'kernel', '--netns', world.host.netns];
        await underFire('gateway killed and started', probes.stateful, async () => {
          const child = start([...args, 'serve', '--listen', '127.0.0.1:0']);
          const ended = new Promise((resolve) => child.once('close', resolve));
          try {
            await new Promise<void>((resolve, reject) => {
              let log = '';
              child.stderr.setEncoding('utf8').on('data', (text: string) => {
                log += text;
                if (log.includes('"msg":"listening"')) resolve();
              });
              child.once('exit', (code) => reject(new Error(`serve ended with ${code}: ${log}`)));
            });
          } finally {
            child.kill('SIGKILL');
            await ended;
          }
        });
      });
    },
    time,
  );
});
