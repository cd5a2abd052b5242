/**
 * What a frame costs on its way through the bridge while so many ports have rules: without rules, with ours, and with libvirt's layout,
 * one jump for each port in a list, made of the same chains. Frames of the middle port go to the wire.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  addressOf,
  BUILT_IN,
  built,
  feedRaw,
  lacks,
  lacksKernel,
  macOf,
  must,
  mustIn,
  namespace,
  onPorts,
  ROOT,
} from './world.mjs';

const { SIDES, TABLE } = await built('compiler/frame.js');
const { chooseHost } = await built('host/choose.js');
const { chainsOf } = await built('compiler/view.js');
const { chainLines } = await built('compiler/chains.js');
const { declaration, restoreText } = await built('compiler/transition.js');

const ROUNDS = 7;
const FRAMES = 20_000;
const WIRE = '52:54:00:77:00:02';

/** clean-traffic and a port that is closed: rules of every tool. */
const FILTER = {
  name: 'bench',
  uuid: undefined,
  chain: 'root',
  priority: 0,
  entries: [
    { kind: 'filterref', filter: 'clean-traffic', parameters: [] },
    ...['tcp', 'tcp-ipv6'].map((protocol) => ({
      kind: 'rule',
      id: protocol,
      action: 'drop',
      direction: 'out',
      priority: 500,
      statematch: true,
      protocol,
      matches: [{ attribute: 'dstportstart', value: '25', negated: false }],
    })),
  ],
};
const lookup = (name) => (name === FILTER.name ? FILTER : BUILT_IN.get(name));

/** A host with a bridge, the guest behind the port and the wire, in namespaces of their own. */
function world(port, mac) {
  const [host, guest, wire] = [namespace(), namespace(), namespace()];
  const batch = (netns, ...lines) =>
    must('ip', ['-n', netns, '-batch', '-'], { input: `${lines.join('\n')}\n` });
  const cable = (name, far, address) => [
    `link add ${name} type veth peer name eth0 address ${address} netns ${far}`,
    `link set ${name} addrgenmode none master br0 up`,
  ];
  batch(
    host.name,
    'link add br0 type bridge forward_delay 0 mcast_snooping 0',
    'link set br0 addrgenmode none up',
    ...cable(port, guest.name, mac),
    ...cable('wire', wire.name, WIRE),
  );
  for (const { name } of [guest, wire]) batch(name, 'link set eth0 addrgenmode none up');
  // The bridge knows where the wire is.
  must('bridge', ['-n', host.name, 'fdb', 'replace', WIRE, 'dev', 'wire', 'master', 'static']);
  return {
    host: host.name,
    guest: guest.name,
    wire: wire.name,
    remove() {
      for (const each of [host, guest, wire]) each.remove();
    },
  };
}

const hex = (number, octets) => number.toString(16).padStart(2 * octets, '0');
const octetsOf = (text, separator, base) =>
  text
    .split(separator)
    .map((part) => hex(Number.parseInt(part, base), 1))
    .join('');

/** UDP over IPv4, as the port may send it. */
function frameOf(index) {
  const [from, to] = [octetsOf(addressOf(index), '.', 10), octetsOf('10.1.255.1', '.', 10)];
  const header = (sum) => `4500002e00004000 4011${hex(sum, 2)}${from}${to}`.replaceAll(' ', '');
  const words = header(0)
    .match(/.{4}/g)
    .map((word) => Number.parseInt(word, 16));
  let sum = words.reduce((total, word) => total + word, 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  const udp = `04d2162e${hex(26, 2)}0000${'00'.repeat(18)}`;
  return `${octetsOf(WIRE, ':', 16)}${octetsOf(macOf(index), ':', 16)}0800${header(0xffff - sum)}${udp}`;
}

/** libvirt's layout: the jumps of all ports one below the other. Each tool's text. */
function linear(rulesets) {
  const texts = {};
  for (const tool of Object.keys(TABLE)) {
    const lines = [];
    for (const { name, rules } of chainsOf(tool, rulesets)) {
      lines.push(declaration(tool, name), ...chainLines(tool, rules).map((line) => `-A ${name} ${line}`));
    }
    for (const side of SIDES[tool]) lines.push(declaration(tool, `list-${side}`));
    for (const [port, { tools }] of rulesets) {
      const { fromGuest, toGuest } = tools[tool];
      for (const [side, chain] of [
        ['from', fromGuest],
        ['to', toGuest],
        ['post', 'ACCEPT'],
      ]) {
        if (chain === undefined || !SIDES[tool].includes(side)) continue;
        const test =
          tool === 'ebtables'
            ? `${side === 'to' ? '-o' : '-i'} ${port}`
            : `-m physdev ${side === 'to' ? '--physdev-is-bridged --physdev-out' : '--physdev-in'} ${port}`;
        lines.push(
          `-A list-${side} ${test} ${tool === 'ebtables' || side === 'post' ? '-j' : '-g'} ${chain}`,
        );
      }
    }
    const hooks = tool === 'ebtables' ? { from: 'PREROUTING', to: 'POSTROUTING' } : {};
    for (const side of SIDES[tool]) lines.push(`-A ${hooks[side] ?? 'FORWARD'} -j list-${side}`);
    texts[tool] = restoreText(tool, lines);
  }
  return texts;
}

/** Runs `work` with the program that sends. */
async function withSender(work) {
  const directory = mkdtempSync(join(tmpdir(), 'nwbench-'));
  try {
    const program = join(directory, 'frames');
    must('cc', ['-O2', '-Wall', '-Wextra', '-Werror', '-o', program, join(ROOT, 'bench/frames.c')]);
    return await work(program);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** Nanoseconds of a frame in each of the worlds, measured in turn. Every frame must arrive. */
function costs(program, worlds, frame) {
  const arrived = ({ wire }) =>
    JSON.parse(mustIn(wire, 'ip', ['-s', '-j', 'link', 'show', 'eth0']))[0].stats64.rx.packets;
  const times = worlds.map(() => []);
  for (let round = 0; round <= ROUNDS; round += 1) {
    worlds.forEach((each, index) => {
      const before = arrived(each);
      const text = mustIn(each.guest, 'taskset', ['-c', '0', program, 'eth0', String(FRAMES), frame]);
      const lost = FRAMES - (arrived(each) - before);
      if (lost > FRAMES / 100) throw new Error(`${lost} of ${FRAMES} frames were lost`);
      if (round > 0) times[index].push(Number(text));
    });
  }
  return times.map((each) => Math.min(...each));
}

async function cost(number) {
  const index = number >> 1;
  const port = `vnet${index}`;
  const rulesets = onPorts(number, FILTER.name, lookup);
  const worlds = [];
  try {
    for (let count = 0; count < 3; count += 1) worlds.push(world(port, macOf(index)));
    const [, ours, list] = worlds;
    await (await chooseHost({ want: 'kernel', netns: ours.host })).replace(rulesets);
    feedRaw(linear(rulesets), list.host);
    return await withSender(async (program) => costs(program, worlds, frameOf(index)));
  } finally {
    for (const each of worlds) each.remove();
  }
}

const NEEDED = () => lacksKernel() ?? lacks('cc', 'taskset');

export const frameRows = [
  {
    name: 'a frame through the bridge, N ports with rules',
    sizes: [1, 10, 100, 300, 1_000],
    unit: 'ns',
    reach: 'at 300 ≤ 1.3 × 10, ≥ 5 × below linear',
    lacks: NEEDED,
    met({ size, ours, reference }, earlier) {
      if (size !== 300) return undefined;
      const ten = earlier.find((each) => each.size === 10);
      return ours <= 1.3 * ten.ours && reference >= 5 * ours;
    },
    async run(number) {
      const [none, ours, reference] = await cost(number);
      const over = (value) => Math.round(value - none);
      return {
        ours,
        reference,
        note: `no rules ${Math.round(none)} ns; above that ${over(ours)}, linear ${over(reference)}`,
      };
    },
  },
];
