/**
 * A small world for kernel tests: a host namespace with a bridge, a guest namespace behind each port, and a `wire`
 * namespace that stands for the rest of the network. All of it is ours: the machine's own namespace is never touched,
 * nor read.
 */
import { readdirSync } from 'node:fs';
import { type Outcome, type RunOptions, run } from '../../src/process/run.js';

const PREFIX = 'nwgt';
const HOUR = 3_600_000;

export interface Station {
  /** Its network namespace. */
  readonly netns: string;
  /** Its interface: `eth0` in a guest and on the wire, the bridge in the host. */
  readonly iface: string;
  readonly mac: string;
  readonly ip: string;
  readonly ip6: string;
  exec(command: string, args: readonly string[], options?: RunOptions): Promise<Outcome>;
}

export interface Lab {
  readonly host: Station;
  readonly wire: Station;
  guest(port: string): Station;
  dispose(): Promise<void>;
}

export interface LabOptions {
  /** Interface names on the host's bridge `br0`, in the order of the guests' addresses 10.77.0.10, .11, … */
  readonly ports: readonly string[];
  /** Value of bridge-nf-call-iptables and -ip6tables in the host namespace. */
  readonly bridgeNetfilter?: '0' | '1';
}

/** Why kernel tests cannot run here, for `skipIf`; undefined when they can. */
export async function canUseNamespaces(): Promise<string | undefined> {
  if (process.getuid?.() !== 0) return 'needs root';
  const name = `${PREFIX}-${process.pid}-${Date.now().toString(36)}-try`;
  try {
    const { failure, stderr } = await run('ip', ['netns', 'add', name]);
    if (failure !== undefined) return `no network namespaces: ${stderr.trim()}`;
    await run('ip', ['netns', 'del', name]);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** As `canUseNamespaces`, and the netfilter tools are there and work. */
export async function canFilter(): Promise<string | undefined> {
  const reason = await canUseNamespaces();
  if (reason !== undefined) return reason;
  const name = `${PREFIX}-${process.pid}-${Date.now().toString(36)}-try`;
  await must('ip', ['netns', 'add', name]);
  try {
    for (const tool of ['ebtables', 'iptables', 'ip6tables']) {
      const { failure, stderr } = await run(`${tool}-restore`, ['--noflush'], {
        input: '*filter\nCOMMIT\n',
        netns: name,
      });
      if (failure !== undefined) return `${tool}-restore does not work: ${stderr.trim()}`;
    }
    return undefined;
  } catch (error) {
    return (error as Error).message;
  } finally {
    await run('ip', ['netns', 'del', name]);
  }
}

let labs = 0;

/** Builds the world; whatever fails, nothing of it stays. */
export async function lab({ ports, bridgeNetfilter = '1' }: LabOptions): Promise<Lab> {
  await removeStale();
  labs += 1;
  const base = `${PREFIX}-${process.pid}-${Date.now().toString(36)}-${labs}`;
  const host = station(`${base}-host`, 'br0', 1);
  const wire = station(`${base}-wire`, 'eth0', 2);
  const guests = new Map(ports.map((port, index) => [port, station(`${base}-${port}`, 'eth0', 10 + index)]));
  const stations = [host, wire, ...guests.values()];
  const dispose = () => remove(stations.map(({ netns }) => netns));
  try {
    await ip([], [...stations.map(({ netns }) => `netns add ${netns}`)]);
    await settings(host.netns, {
      'net.bridge.bridge-nf-call-iptables': bridgeNetfilter,
      'net.bridge.bridge-nf-call-ip6tables': bridgeNetfilter,
    });
    await ip(
      ['-n', host.netns],
      [
        `link add br0 address ${host.mac} type bridge forward_delay 0 mcast_snooping 0`,
        'link set br0 addrgenmode none up',
        `address add ${host.ip}/24 dev br0`,
        `address add ${host.ip6}/64 dev br0 nodad`,
        ...cable('wire', wire),
        ...[...guests].flatMap(([port, guest]) => cable(port, guest)),
      ],
    );
    for (const { netns, ip: address, ip6 } of [wire, ...guests.values()])
      await ip(
        ['-n', netns],
        [
          'link set lo up',
          'link set eth0 addrgenmode none up',
          `address add ${address}/24 dev eth0`,
          `address add ${ip6}/64 dev eth0 nodad`,
        ],
      );
  } catch (error) {
    await dispose();
    throw error;
  }
  return {
    host,
    wire,
    guest(port) {
      const guest = guests.get(port);
      if (!guest) throw new Error(`the lab has no port ${port}`);
      return guest;
    },
    dispose,
  };
}

function station(netns: string, iface: string, number: number): Station {
  const last = number.toString(16).padStart(2, '0');
  return {
    netns,
    iface,
    mac: `52:54:00:77:00:${last}`,
    ip: `10.77.0.${number}`,
    ip6: `fd77::${last}`,
    exec: (command, args, options) => run(command, args, { ...options, netns }),
  };
}

/** The veth between a bridge port and its station. No checksum offload: a captured frame is then a whole one. */
function cable(port: string, { netns, mac }: Station): string[] {
  return [
    `link add ${port} type veth peer name eth0 address ${mac} netns ${netns}`,
    `link set ${port} addrgenmode none master br0 up`,
  ];
}

async function settings(netns: string, values: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, value] of Object.entries(values)) {
    const file = `/proc/sys/${name.replaceAll('.', '/')}`;
    await must('tee', [file], { netns, input: value });
  }
}

async function ip(options: readonly string[], lines: readonly string[]): Promise<void> {
  await must('ip', [...options, '-batch', '-'], { input: lines.map((line) => `${line}\n`).join('') });
}

async function must(command: string, args: readonly string[], options?: RunOptions): Promise<void> {
  const { failure, stderr } = await run(command, args, options);
  if (failure !== undefined) throw new Error(`${command} ${args.join(' ')}: ${failure}: ${stderr.trim()}`);
}

/** Names are `nwgt-PID-TIME-…`: what a killed run left goes after an hour, when its process is gone. */
async function removeStale(): Promise<void> {
  const stale = namespaces().filter((name) => {
    const [prefix, pid, time] = name.split('-');
    return (
      prefix === PREFIX && Date.now() - Number.parseInt(time ?? '', 36) > HOUR && !isRunning(Number(pid))
    );
  });
  await remove(stale);
}

async function remove(names: readonly string[]): Promise<void> {
  const there = new Set(namespaces());
  for (const name of names.filter((each) => there.has(each))) await must('ip', ['netns', 'del', name]);
}

function namespaces(): string[] {
  try {
    return readdirSync('/run/netns');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
