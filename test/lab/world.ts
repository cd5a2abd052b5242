/**
 * The lab: a host with a bridge, a guest on port vnet0, the wire. Stations say nothing by themselves, the bridge learns
 * nothing, and what the host would take in as its own is seen as well.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { type FramePort, openPort } from '../support/frames.js';
import { type Lab, lab } from '../support/netns.js';
import { tokensIn } from './facts.js';
import { batchesOf, ROUTES, type Route, roundsOf, type Scenario, type Step } from './scenario.js';

export const PORT = 'vnet0';

/** Whether each frame arrived, by its number. */
export type Verdicts = ReadonlyMap<number, boolean>;

export interface World {
  readonly lab: Lab;
  /** Sends everything and says what arrives. */
  measure(scenarios: readonly Scenario[]): Promise<Verdicts>;
  dispose(): Promise<void>;
}

/** A frame that is on its way longer than this, in milliseconds, would be taken for the next round's. */
const BETWEEN_ROUNDS = 10;

/** What the host takes in leaves a copy here: behind the last rule of INPUT. */
const SEEN = { inside: 'seen0', outside: 'seen1' } as const;

export async function openWorld(): Promise<World> {
  const world = await lab({ ports: [PORT] });
  const ports: FramePort[] = [];
  const open = async (place: Parameters<typeof openPort>[0]) => {
    const port = await openPort(place);
    ports.push(port);
    return port;
  };
  const dispose = async () => {
    await Promise.all(ports.map((port) => port.close()));
    await world.dispose();
  };
  try {
    await silence(world);
    await showWhatTheHostTakes(world);
    const [guest, wire] = [await open(world.guest(PORT)), await open(world.wire)];
    const [bridge, seen] = [
      await open(world.host),
      await open({ netns: world.host.netns, iface: SEEN.outside }),
    ];
    const ends = {
      out: [guest, [wire]],
      in: [wire, [guest]],
      up: [guest, [bridge, seen]],
      down: [bridge, [guest]],
    } as const;
    return {
      lab: world,
      dispose,
      async measure(scenarios) {
        const verdicts = new Map<number, boolean>();
        await Promise.all(ports.map((port) => port.received()));
        for (const batch of batchesOf(scenarios)) {
          await forget(world);
          for (const round of roundsOf(batch)) {
            await sendRound(round, (route) => ends[route][0]);
            await pause(BETWEEN_ROUNDS);
          }
          const arrived = new Map(
            await Promise.all(
              ports.map(async (port) => [port, new Set((await port.received()).flatMap(tokensIn))] as const),
            ),
          );
          for (const { steps } of batch)
            for (const step of steps)
              verdicts.set(step.number, hasArrived(step, arrived, ends[step.route][1], seen));
        }
        return verdicts;
      },
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}

async function sendRound(round: readonly Step[], portOf: (route: Route) => FramePort): Promise<void> {
  for (const way of ROUTES)
    await portOf(way).send(...round.filter(({ route }) => route === way).map(({ hex }) => hex));
}

/** A packet of IP that is for the host has arrived when INPUT let it through, any other frame when the bridge did. */
function hasArrived(
  { route, number, flow }: Step,
  arrived: ReadonlyMap<FramePort, ReadonlySet<number>>,
  ends: readonly FramePort[],
  seen: FramePort,
): boolean {
  const where = route === 'up' && flow !== undefined ? [seen] : ends;
  return where.some((port) => arrived.get(port)?.has(number));
}

async function must(world: Lab, command: string, ...args: readonly string[]): Promise<void> {
  const { failure, stderr } = await world.host.exec(command, args);
  if (failure !== undefined) throw new Error(`${command} ${args.join(' ')}: ${failure}: ${stderr}`);
}

/**
 * Without addresses the stations answer nothing. The bridge sends every frame everywhere, whoever it claims to be from, and
 * forgets what it learnt while the stations came up.
 */
async function silence(world: Lab): Promise<void> {
  for (const { exec } of [world.guest(PORT), world.wire])
    for (const family of ['-4', '-6']) await exec('ip', [family, 'address', 'flush', 'dev', 'eth0']);
  for (const port of [PORT, 'wire'])
    await must(world, 'ip', 'link', 'set', port, 'type', 'bridge_slave', 'learning', 'off', 'fdb_flush');
}

/**
 * The host takes every address for its own in what comes from the bridge, says nothing in return, and sends a copy of what
 * INPUT has let through down a cable of its own.
 */
async function showWhatTheHostTakes(world: Lab): Promise<void> {
  const { inside, outside } = SEEN;
  const ip = async (text: string) => must(world, 'ip', ...text.split(' '));
  await ip(`link add ${inside} type veth peer name ${outside}`);
  await ip('link set lo up');
  for (const end of [inside, outside]) await ip(`link set ${end} addrgenmode none up`);
  for (const [tool, family, gateway, near] of [
    ['iptables', '-4', '192.0.2.2', '192.0.2.1/24'],
    ['ip6tables', '-6', '2001:db8::2', '2001:db8::1/64'],
  ] as const) {
    const nodad = family === '-6' ? ' nodad' : '';
    await ip(`${family} address add ${near} dev ${inside}${nodad}`);
    await ip(`${family} neighbour add ${gateway} lladdr 52:54:00:00:00:02 dev ${inside} nud permanent`);
    await ip(`${family} rule add pref 1 iif br0 lookup 99`);
    await ip(`${family} route add local default dev lo table 99`);
    await must(world, tool, '-t', 'raw', '-A', 'OUTPUT', '-o', 'br0', '-j', 'DROP');
    await must(world, tool, '-A', 'INPUT', '-i', 'br0', '-j', 'TEE', '--gateway', gateway);
  }
}

/** No connection is known. */
async function forget(world: Lab): Promise<void> {
  await must(world, 'conntrack', '-F');
}
