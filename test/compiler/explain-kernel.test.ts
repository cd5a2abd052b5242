/** `explain` against the kernel: of every frame it must say whether it arrives. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Host } from '../../src/app/ports.js';
import { compile } from '../../src/compiler/compile.js';
import { type Circumstances, explain } from '../../src/compiler/explain.js';
import type { PortRuleset } from '../../src/compiler/ruleset.js';
import { NwgateError } from '../../src/model/errors.js';
import type { Match, Rule } from '../../src/model/filter.js';
import { decodeFrame } from '../../src/packet/frame.js';
import { toHex } from '../../src/packet/octets.js';
import { readFrame } from '../../src/packet/syntax.js';
import { checkMatches } from '../../src/protocols/check.js';
import { protocolSpec } from '../../src/protocols/registry.js';
import { readFilter } from '../../src/xml/nwfilter-read.js';
import { arbitraryRule } from '../support/arbitrary-filter.js';
import { canSendFrames, type FramePort, openPort, passed } from '../support/frames.js';
import { hostIn } from '../support/netfilter.js';
import { canFilter, type Lab, lab, type Station } from '../support/netns.js';
import { filter, lookupOf, params } from './build.js';
import { CASES } from './cases.js';
import { corpus } from './explain-corpus.js';

const reason = (await canFilter()) ?? (await canSendFrames());
const PORT = 'vnet0';
const BUILT_IN = join(import.meta.dirname, '../../filters');

/** A frame on which the two do not agree. */
interface Disagreement {
  readonly frame: string;
  readonly direction: 'in' | 'out';
  readonly kernel: 'arrived' | 'did not arrive';
  readonly explain: string;
}

describe.skipIf(reason !== undefined)(`explain and the kernel ${reason ?? ''}`, () => {
  let world: Lab;
  let host: Host;
  let [guest, wire]: FramePort[] = [];
  let compared = 0;
  beforeAll(async () => {
    world = await lab({ ports: [PORT] });
    // Forged source addresses must not teach the bridge where to, nor may anybody answer.
    for (const port of [PORT, 'wire'])
      await must(world.host, 'ip', ['link', 'set', port, 'type', 'bridge_slave', 'learning', 'off']);
    for (const station of [world.guest(PORT), world.wire, world.host])
      await must(station, 'ip', ['address', 'flush', 'dev', station.iface]);
    [guest, wire] = [await openPort(world.guest(PORT)), await openPort(world.wire)];
    host = (await hostIn(world.host)).host;
  });
  afterAll(async () => {
    await guest?.close();
    await wire?.close();
    await world?.dispose();
  });

  /** Sends the corpus both ways through the port's rules. */
  async function disagreements(ruleset: PortRuleset): Promise<readonly Disagreement[]> {
    await host.replace(new Map([[PORT, { ...ruleset, port: PORT }]]));
    const [inside, outside] = [world.guest(PORT), world.wire];
    const out = await oneWay({ ...ruleset, port: PORT }, 'out', inside, outside);
    return [...out, ...(await oneWay({ ...ruleset, port: PORT }, 'in', outside, inside))];
  }

  async function oneWay(
    ruleset: PortRuleset,
    direction: 'in' | 'out',
    from: Station,
    to: Station,
  ): Promise<readonly Disagreement[]> {
    await must(world.host, 'conntrack', ['-F']);
    const lines = corpus(from, to);
    const frames = lines.map((line) => readFrame(line, { source: from.mac, destination: to.mac }));
    const [sender, receiver] = direction === 'out' ? [guest!, wire!] : [wire!, guest!];
    const arrived = await passed(sender, receiver, frames.map(toHex));
    const circumstances: Circumstances = {
      direction,
      peer: 'network',
      state: undefined,
      reply: false,
      known: { sets: new Map(), connections: undefined },
    };
    return lines.flatMap((frame, index) => {
      const { verdict, why } = explain(ruleset, decodeFrame(frames[index]!), circumstances);
      // How many connections there are depends on the frames before this one.
      if (verdict === 'depends') return [];
      compared += 1;
      if ((verdict === 'accept') === arrived[index]) return [];
      const kernel = arrived[index] ? ('arrived' as const) : ('did not arrive' as const);
      return [{ frame, direction, kernel, explain: why === undefined ? verdict : `${verdict}: ${why}` }];
    });
  }

  it('agree where no rule is', async () => {
    const none = compile('none', lookupOf(filter('none', [])), {
      port: PORT,
      mac: undefined,
      parameters: [],
    });
    expect(await disagreements(none)).toEqual([]);
  });

  const builtIn = readdirSync(BUILT_IN).map((file) => file.replace(/\.xml$/, ''));
  const lookup = (name: string) =>
    builtIn.includes(name) ? readFilter(readFileSync(join(BUILT_IN, `${name}.xml`))) : undefined;

  it.each(builtIn)('agree on the built-in filter %s', async (name) => {
    const { mac, ip, ip6 } = world.guest(PORT);
    const parameters = params(
      `IP=${ip}`,
      `IPV6=${ip6}`,
      `DHCPSERVER=${name === 'allow-dhcpv6-server' ? world.wire.ip6 : world.wire.ip}`,
      `GATEWAY_MAC=${world.wire.mac}`,
      'A=25,80',
      'B=443',
    );
    expect(await disagreements(compile(name, lookup, { port: PORT, mac, parameters }))).toEqual([]);
  });

  it.each(CASES.filter(({ sets }) => sets.length === 0).map((each) => [each.name, each] as const))(
    'agree on the golden case %s',
    async (_, { ruleset }) => expect(await disagreements(ruleset)).toEqual([]),
  );

  it('agree on filters that nobody wrote', async () => {
    const rules = fc
      .sample(arbitraryRule({ variables: false }), { numRuns: 240, seed: 4711 })
      .map((rule, index) => aimed(rule, index, [world.guest(PORT), world.wire]))
      .filter(isCompilable);
    expect(rules.length).toBeGreaterThan(120);
    for (let at = 0; at < rules.length; at += 6) {
      const some = rules.slice(at, at + 6);
      const found = await disagreements(compiled(some));
      expect(found.length === 0 ? [] : [some.map(told), found]).toEqual([]);
    }
    expect(compared).toBeGreaterThan(5_000);
  });
});

function compiled(rules: readonly Rule[]): PortRuleset {
  const lookup = lookupOf(filter('f', rules));
  return compile('f', lookup, { port: PORT, mac: undefined, parameters: [] });
}

/** A rule in one line. */
function told({ action, direction, protocol = '-', priority, matches }: Rule): string {
  const tests = matches.map(({ attribute, negated, value }) => `${attribute}${negated ? '!=' : '='}${value}`);
  return [action, direction, protocol, priority, ...tests].join(' ');
}

function isCompilable(rule: Rule): boolean {
  if (rule.matches.some(({ attribute }) => /^ipset|^connlimit/.test(attribute))) return false;
  try {
    compiled([rule]);
    return true;
  } catch (error) {
    if (error instanceof NwgateError && error.code === 'NOT_COMPILABLE') return false;
    throw error;
  }
}

/** Values that frames of the corpus have, by the type of attribute: drawn values would meet none of them. */
function aimed(rule: Rule, index: number, ends: readonly Station[]): Rule {
  const spec = rule.protocol === undefined ? undefined : protocolSpec(rule.protocol);
  if (spec === undefined) return rule;
  const pools: Readonly<Record<string, readonly string[]>> = {
    MAC: [...ends.map(({ mac }) => mac), 'ff:ff:ff:ff:ff:ff'],
    'MAC mask': ['ff:ff:ff:ff:ff:ff', 'ff:ff:00:00:00:00'],
    'IPv4 address': [...ends.map(({ ip }) => ip), '10.77.0.99', '224.0.0.22'],
    'IPv4 mask': ['32', '24', '28'],
    'IPv6 address': [...ends.map(({ ip6 }) => ip6), 'fd77::99', 'ff02::fb'],
    'IPv6 mask': ['128', '64', '124'],
    'number 0–65535': ['25', '80', '53', '1', '67', '32768', '4096', '1024', '65535'],
    'number 0–255': ['0', '1', '8', '128', '135', '255', '3'],
    'number 0–63': ['10', '46', '0'],
    'number 1–255': ['5', '8'],
    'number 0–4095': ['5', '0', '100', '4094'],
    ethertype: ['arp', 'rarp', 'ipv4', 'ipv6', '0x0835', 'vlan'],
    'encapsulated ethertype': ['arp', 'ipv4', 'ipv6', '0x0835'],
    'IP protocol': ['tcp', 'udp', 'icmp', 'icmpv6', 'sctp', '33', 'ah', 'esp'],
    'ARP opcode': ['Request', 'Reply', 'Reply_Reverse', 'Request_Reverse'],
    'TCP flags': ['SYN/SYN', 'SYN,ACK/SYN', 'ALL/ACK', 'ALL/NONE', 'FIN,RST/RST'],
  };
  // A few at a time, or a rule meets nothing.
  const start = index % Math.max(1, rule.matches.length - 2);
  const matches = rule.matches.slice(start, start + 3).map((match, place): Match => {
    const type = spec.attributes.find(({ name }) => name === match.attribute)?.type.name ?? '';
    const pool = pools[type];
    return pool === undefined ? match : { ...match, value: pool[(index + place * 3) % pool.length]! };
  });
  return { ...rule, matches: checkMatches(spec, matches, {}).length === 0 ? matches : [] };
}

async function must(station: Station, command: string, args: readonly string[]): Promise<void> {
  const { failure, stderr } = await station.exec(command, args);
  if (failure !== undefined) throw new Error(`${command} ${args.join(' ')}: ${failure}: ${stderr}`);
}
