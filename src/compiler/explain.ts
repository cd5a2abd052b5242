/**
 * What becomes of one frame of a port: which rules it meets, and whether it arrives. Interprets the same `PortRuleset` and
 * dispatch chains that the kernel is given. Pure. docs/explain.md says what it takes for granted.
 */
import { type State, type Tracked, trackedAsNew } from '../packet/conntrack.js';
import { type Frame, unacceptable, unforwardable, withPayload } from '../packet/frame.js';
import { checkIp, IP_TYPES, type IpPacket } from '../packet/ip.js';
import { dispatchChains } from './dispatch.js';
import type { Connection, Known, Question, Seen } from './explain-seen.js';
import { type Course, type Met, type Way, walk } from './explain-walk.js';
import { HOOKS } from './frame.js';
import type { PortRuleset, Tool } from './ruleset.js';

/** Seen from the guest, as in filters. */
export const WAYS = ['in', 'out'] as const;
export const PEERS = ['network', 'host'] as const;

export interface Circumstances {
  readonly direction: (typeof WAYS)[number];
  /** At the other end: another port of the bridge, or the host itself. */
  readonly peer: (typeof PEERS)[number];
  /** Undefined: what connection tracking makes of a first packet. */
  readonly state: State | undefined;
  /** The packet goes against the direction in which its connection was opened. */
  readonly reply: boolean;
  readonly known: Known;
}

export type Verdict = 'accept' | 'drop' | 'reject' | 'held' | 'unforwarded' | 'depends';

export interface Explanation {
  readonly verdict: Verdict;
  /** Why, where no rule says it. */
  readonly why: string | undefined;
  /** What connection tracking says; undefined where it is not asked (no IP, or a frame with a tag). */
  readonly connection: (Connection & { readonly why: string | undefined }) | undefined;
  /** Every rule that the frame came to, in order; the last one met decided, unless `why` says otherwise. */
  readonly met: readonly Met[];
  /** What the verdict depends on, with what would become of the frame in either case. */
  readonly depends:
    | { readonly on: Question; readonly yes?: Explanation; readonly no?: Explanation }
    | undefined;
}

/** Stations of a bridged frame in the kernel. `netfilter`: the IP packet is unpacked and checked for iptables. */
type Station = 'PREROUTING' | 'netfilter' | 'FORWARD' | 'INPUT' | 'POSTROUTING';

const THROUGH_BRIDGE: readonly Station[] = ['PREROUTING', 'netfilter', 'FORWARD', 'POSTROUTING'];
const STATIONS: Readonly<Record<'in' | 'out', Readonly<Record<Circumstances['peer'], readonly Station[]>>>> =
  {
    out: { network: THROUGH_BRIDGE, host: ['PREROUTING', 'netfilter', 'INPUT'] },
    // What the host itself sends passes no chain of iptables that we stand in.
    in: { network: THROUGH_BRIDGE, host: ['POSTROUTING'] },
  };

const IP_TOOL: Readonly<Record<4 | 6, Tool>> = { 4: 'iptables', 6: 'ip6tables' };
const ETHERNET_STATIONS: ReadonlySet<Station> = new Set(['PREROUTING', 'POSTROUTING']);

/** More questions than a rule set of sense asks: further ones are left open. */
const MOST_QUESTIONS = 8;

/** Never refuses a frame: what is wrong with it is part of the answer. */
export function explain(
  ruleset: PortRuleset,
  frame: Frame,
  circumstances: Circumstances,
  asked = 0,
): Explanation {
  const { question, ...explanation } = travel(ruleset, frame, circumstances);
  if (question === undefined) return { ...explanation, depends: undefined };
  const open: Explanation = { ...explanation, verdict: 'depends', depends: { on: question } };
  if (asked === MOST_QUESTIONS) return open;
  const given = (answer: boolean) => {
    const known = answered(circumstances.known, question, answer);
    return explain(ruleset, frame, { ...circumstances, known }, asked + 1);
  };
  const [yes, no] = [given(true), given(false)];
  if (yes.verdict === no.verdict && yes.verdict !== 'depends') return no;
  return { ...open, depends: { on: question, yes, no } };
}

function answered(known: Known, question: Question, answer: boolean): Known {
  if (question.ask === 'set') return { ...known, sets: new Map([...known.sets, [question.set, answer]]) };
  return { ...known, connections: question.limit + Number(answer) };
}

interface Travelled extends Omit<Explanation, 'depends'> {
  /** Where it could not go on. */
  readonly question: Question | undefined;
}

/** The frame from station to station. */
function travel(ruleset: PortRuleset, frame: Frame, circumstances: Circumstances): Travelled {
  const met: Met[] = [];
  let connection: Explanation['connection'];
  const end = (verdict: Verdict, why?: string, question?: Question): Travelled => ({
    ...{ verdict, why, connection, met, question },
  });
  const { direction, peer } = circumstances;
  const kept = refusal(frame, circumstances);
  if (kept !== undefined) return end('unforwarded', `the bridge passes it on to nobody: ${kept}`);

  let current = frame;
  let packet: IpPacket | undefined;
  for (const station of STATIONS[direction][peer]) {
    if (station === 'netfilter') {
      const version = frame.tag === undefined ? IP_TYPES.get(frame.type) : undefined;
      if (version === undefined) continue;
      const checked = checkIp(version, frame.payload);
      if (checked.packet === undefined) return end('drop', `bridge netfilter drops it: ${checked.refused}`);
      packet = checked.packet;
      if (packet.fragment !== undefined && tracks(ruleset, IP_TOOL[version]))
        return end('held', 'a fragment waits for the others of its packet, which the rules meet whole');
      connection = connectionOf(circumstances, trackedAsNew(packet));
      current = withPayload(frame, packet.octets);
      continue;
    }
    const tool = ETHERNET_STATIONS.has(station) ? 'ebtables' : packet && IP_TOOL[packet.version];
    if (tool === undefined) continue;
    const seen: Seen = {
      frame: current,
      packet: tool === 'ebtables' ? undefined : packet,
      from: direction === 'out' ? ruleset.port : undefined,
      to: direction === 'in' ? ruleset.port : undefined,
      bridged: station === 'FORWARD',
      connection: connection ?? NO_CONNECTION,
      known: circumstances.known,
    };
    const way = enter({ tool, hook: station, chains: chainsOf(ruleset, tool), seen, met });
    if (way.kind === 'question') return end('depends', undefined, way.question);
    if (way.kind === 'hotdrop') return end('drop', `the kernel drops what it cannot read for ${way.test}`);
    if (way.kind === 'verdict' && way.verdict !== 'ACCEPT')
      return end(way.verdict === 'REJECT' ? 'reject' : 'drop');
  }
  return end('accept');
}

/** What the host itself sends comes in by no port; what is for it goes out by none. */
function refusal(frame: Frame, { direction, peer }: Circumstances): string | undefined {
  if (peer === 'network') return unacceptable(frame) ?? unforwardable(frame);
  return direction === 'out' ? unacceptable(frame) : undefined;
}

const NO_CONNECTION: Connection = { state: 'UNTRACKED', reply: false };

function connectionOf({ state, reply }: Circumstances, tracked: Tracked): Explanation['connection'] {
  if (state === undefined) return { state: tracked.state, reply, why: tracked.why };
  return { state, reply, why: undefined };
}

/** Rules that ask for connections have the kernel put fragments together first. */
function tracks({ tools }: PortRuleset, tool: Tool): boolean {
  const modules = new Set(['conntrack', 'connlimit']);
  return tools[tool].chains.some(({ rules }) =>
    rules.some(({ tests }) => tests.some(({ module }) => module !== undefined && modules.has(module))),
  );
}

function chainsOf({ port, tools }: PortRuleset, tool: Tool): Course['chains'] {
  const { fromGuest, toGuest, chains } = tools[tool];
  if (fromGuest === undefined && toGuest === undefined) return new Map();
  const content = chains.map(({ name, rules }) => [name, rules] as const);
  return new Map([...content, ...dispatchChains(tool, new Map([[port, { fromGuest, toGuest }]]))]);
}

/** Our base chains of one of the kernel's own, in their order. */
function enter(course: Course): Way {
  for (const line of HOOKS[course.tool]) {
    const [hook, base = ''] = line.split(' ');
    const way = hook === course.hook ? walk(course, base) : undefined;
    if (way !== undefined && way.kind !== 'through') return way;
  }
  return { kind: 'through' };
}
