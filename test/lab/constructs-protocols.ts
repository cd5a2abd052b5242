/** For every protocol of the tables: each action in each direction, and each of its tests, plain and turned round. */
import { ACTIONS, DIRECTIONS } from '../../src/model/filter.js';
import { PROTOCOLS } from '../../src/protocols/registry.js';
import type { ProtocolSpec, TestSpec } from '../../src/protocols/types.js';
import { type Construct, construct } from './construct.js';

/** Values of the parts of a test, by its first part; where IPv6 has others, after it. */
const SAMPLES: Readonly<Record<string, readonly string[]>> = {
  srcmacaddr: ['52:54:00:77:03:00', 'ff:ff:ff:ff:ff:00'],
  dstmacaddr: ['52:54:00:77:04:00', 'ff:ff:ff:ff:ff:80'],
  protocolid: ['0x88b6'],
  vlanid: ['291'],
  'encap-protocol': ['ipv6'],
  'stp type': ['0x80'],
  'stp flags': ['0x44'],
  'root-priority': ['0x1234', '0x2345'],
  'root-address': ['52:54:00:01:02:00', 'ff:ff:ff:ff:ff:00'],
  'root-cost': ['1000', '70000'],
  'sender-priority': ['10', '20'],
  'sender-address': ['52:54:00:01:03:04'],
  port: ['0x11', '0x22'],
  age: ['5', '50'],
  'max-age': ['10', '30'],
  'hello-time': ['2', '3'],
  'forward-delay': ['100', '200'],
  hwtype: ['12'],
  protocoltype: ['0x86dd'],
  opcode: ['Reply'],
  arpsrcmacaddr: ['52:54:00:77:05:06'],
  arpdstmacaddr: ['52:54:00:77:05:07'],
  arpsrcipaddr: ['10.77.3.0', '24'],
  arpdstipaddr: ['10.77.4.4'],
  gratuitous: ['true'],
  srcipaddr: ['10.77.3.0', '25'],
  dstipaddr: ['10.77.4.4'],
  'srcipaddr ipv6': ['fd77:3::', '64'],
  'dstipaddr ipv6': ['fd77:4::4'],
  srcipfrom: ['10.77.5.10', '10.77.5.20'],
  dstipfrom: ['10.77.6.10', '10.77.6.10'],
  'srcipfrom ipv6': ['fd77:5::10', 'fd77:5::20'],
  protocol: ['sctp'],
  srcportstart: ['20', '22'],
  dstportstart: ['100', '101'],
  dscp: ['10'],
  flags: ['SYN,ACK/SYN'],
  option: ['5'],
  type: ['12', '11'],
  'type icmpv6': ['130', '1'],
  'type ipv6': ['128', '136', '0', '1'],
};

/** Tests that have constructs of their own: they need more than a frame (constructs-states.ts), or libvirt has them otherwise. */
const ELSEWHERE: readonly ((spec: ProtocolSpec, part: string, negated: boolean) => boolean)[] = [
  (_, part) => part === 'ipset' || part === 'connlimit-above',
  ({ element }, part) => element === 'ip' && part === 'dscp',
  ({ element }, part) => element === 'vlan' && part === 'encap-protocol',
  ({ element }, part, negated) => element === 'ipv6' && part === 'type' && negated,
  ({ layer }, part) => layer === 'ipv6' && part === 'dstipfrom',
  ({ element }, part) => element === 'tcp-ipv6' && part === 'flags',
  ({ layer }, part, negated) => layer !== 'ethernet' && part === 'dstportstart' && negated,
];

/** Rules that have no way to be for both directions. */
const ONE_WAY: ReadonlySet<string> = new Set(['stp srcmacaddr', 'icmp type', 'icmpv6 type']);

/** Each rule has an address of its own, by which its frames are told from those of the others. */
function ownTest(
  spec: ProtocolSpec,
  index: number,
  first: string | undefined,
): Readonly<Record<string, string>> {
  const end = (index + 1).toString(16).padStart(2, '0');
  if (spec.layer !== 'ethernet') {
    const name = first === 'dstipaddr' || first === 'dstipfrom' ? 'srcipaddr' : 'dstipaddr';
    return { [name]: spec.layer === 'ipv6' ? `fd77:1::${end}` : `10.77.1.${index + 1}` };
  }
  if (spec.element === 'stp')
    return first === 'root-cost' ? { 'root-priority': `${index + 1}` } : { 'root-cost': `${index + 1}` };
  return { [first === 'dstmacaddr' ? 'srcmacaddr' : 'dstmacaddr']: `52:54:00:77:01:${end}` };
}

function element(spec: ProtocolSpec, attributes: Readonly<Record<string, string>>, match = ''): string {
  const list = Object.entries(attributes).map(([name, value]) => ` ${name}="${value}"`);
  return list.length === 0 ? '' : `<${spec.element}${match}${list.join('')}/>`;
}

const END: Readonly<Record<ProtocolSpec['layer'], string>> = {
  ethernet: '<rule action="drop" direction="inout" priority="1000"/>',
  ipv4: '<rule action="drop" direction="inout" priority="1000"><all/></rule>',
  ipv6: '<rule action="drop" direction="inout" priority="1000"><all-ipv6/></rule>',
};

/** Every action in every direction, in front of a drop of everything else. libvirt cannot continue on the IP layer. */
function actions(spec: ProtocolSpec): Construct {
  const possible = ACTIONS.filter((action) => spec.layer === 'ethernet' || action !== 'continue');
  const rules = possible.flatMap((action) => DIRECTIONS.map((direction) => ({ action, direction })));
  const body = rules.map(
    ({ action, direction }, index) =>
      `<rule action="${action}" direction="${direction}">${element(spec, ownTest(spec, index, undefined))}</rule>`,
  );
  return construct(`${spec.element}-actions`, [...body, END[spec.layer]].join('\n'));
}

function samplesFor(spec: ProtocolSpec, { parts }: TestSpec): Readonly<Record<string, string>> {
  const [first = ''] = parts;
  const keys = [
    `${first} ${spec.element}`,
    `${spec.element} ${first}`,
    ...(spec.element.endsWith('v6') ? [`${first} ipv6`] : []),
    first,
  ];
  const values = keys.map((key) => SAMPLES[key]).find((found) => found !== undefined) ?? [];
  return Object.fromEntries(
    parts.flatMap((part, index) => (values[index] === undefined ? [] : [[part, values[index]]])),
  );
}

/** What must stand beside the test for it to make sense. */
function needed(spec: ProtocolSpec, { parts }: TestSpec): Readonly<Record<string, string>> {
  const found = spec.requires?.find(({ attributes }) => parts.some((part) => attributes.includes(part)));
  return found === undefined ? {} : { [found.on]: found.values[0]! };
}

/** Every test as a drop, one direction after the other, plain and then turned round. */
function tests(spec: ProtocolSpec): Construct {
  let index = 0;
  const rules = spec.tests.flatMap((test): readonly string[] => {
    const [first = ''] = test.parts;
    const samples = samplesFor(spec, test);
    if (Object.keys(samples).length === 0) return [];
    return [false, true].flatMap((negated) => {
      if (ELSEWHERE.some((is) => is(spec, first, negated))) return [];
      index += 1;
      const direction = DIRECTIONS[index % (ONE_WAY.has(`${spec.element} ${first}`) ? 2 : 3)]!;
      const own = { ...ownTest(spec, index, first), ...needed(spec, test) };
      const body = negated
        ? element(spec, own) + element(spec, samples, ' match="no"')
        : element(spec, { ...own, ...samples });
      return [`<rule action="drop" direction="${direction}">${body}</rule>`];
    });
  });
  return construct(`${spec.element}-tests`, rules.join('\n'));
}

export const PROTOCOL_CONSTRUCTS: readonly Construct[] = PROTOCOLS.flatMap((spec) => [
  actions(spec),
  tests(spec),
]);
