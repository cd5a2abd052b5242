/** Rules about connections, and tests that look deeper than addresses and ports. */
import { type Construct, construct } from './construct.js';

const END = `<rule action="drop" direction="inout" priority="1000"><all/></rule>
<rule action="drop" direction="inout" priority="1000"><all-ipv6/></rule>`;
const PROTOCOLS = [
  'tcp',
  'udp',
  'sctp',
  'icmp',
  'all',
  'udplite',
  'esp',
  'tcp-ipv6',
  'udp-ipv6',
  'icmpv6',
  'all-ipv6',
] as const;

const closed = (name: string, rules: string, sets = {}) => construct(name, `${rules}\n${END}`, { sets });

/** What comes by itself with an accept, and without. */
const AUTOMATIC: readonly Construct[] = PROTOCOLS.flatMap((protocol) =>
  (['out', 'in', 'inout'] as const).flatMap((direction) => [
    closed(
      `accept-${direction}-${protocol}`,
      `<rule action="accept" direction="${direction}"><${protocol}/></rule>`,
    ),
  ]),
);

const OFF: readonly Construct[] = (['tcp', 'udp-ipv6', 'icmp'] as const).flatMap((protocol) =>
  (['out', 'in'] as const).map((direction) =>
    closed(
      `no-statematch-${direction}-${protocol}`,
      `<rule action="accept" direction="${direction}" statematch="false"><${protocol}/></rule>`,
    ),
  ),
);

const STATES = ['NEW', 'ESTABLISHED', 'RELATED', 'INVALID', 'NONE', 'NEW,ESTABLISHED'];

/** A state alone has little to let through: the others of a flow get by on a rule of the other direction. */
const NAMED: readonly Construct[] = STATES.flatMap((state) => {
  const name = state.toLowerCase().replace(',', '-');
  return [
    closed(
      `state-${name}-accept-out`,
      `<rule action="accept" direction="out"><all state="${state}"/></rule>
      <rule action="accept" direction="in"><all state="NONE"/></rule>`,
    ),
    construct(
      `state-${name}-drop-in`,
      `<rule action="drop" direction="in"><all state="${state}"/></rule>
      <rule action="drop" direction="in"><all-ipv6 state="${state}"/></rule>`,
    ),
  ];
});

const MORE_STATES: readonly Construct[] = [
  construct('state-new-drop-inout', '<rule action="drop" direction="inout"><tcp state="NEW"/></rule>'),
  construct(
    'state-without-statematch',
    '<rule action="drop" direction="out" statematch="false"><tcp state="NEW"/></rule>',
  ),
  closed(
    'established-related',
    `<rule action="accept" direction="out"><all state="NEW,ESTABLISHED,RELATED"/></rule>
     <rule action="accept" direction="in"><all state="ESTABLISHED,RELATED"/></rule>
     <rule action="accept" direction="in"><tcp state="NEW" dstportstart="21" dstportend="22"/></rule>`,
  ),
  closed(
    'web-server-rules',
    `<rule action="accept" direction="in"><tcp dstportstart="22"/></rule>
     <rule action="accept" direction="in"><icmp/></rule>
     <rule action="accept" direction="in"><all srcipaddr="10.77.0.2"/></rule>`,
  ),
];

const LIMITS: readonly Construct[] = [
  construct(
    'connlimit-drop',
    '<rule action="drop" direction="in"><tcp connlimit-above="2" dstportstart="80"/></rule>',
  ),
  construct('connlimit-inout', '<rule action="drop" direction="inout"><tcp connlimit-above="2"/></rule>'),
  closed('connlimit-accept', '<rule action="accept" direction="in"><tcp connlimit-above="2"/></rule>'),
  construct('connlimit-ipv6', '<rule action="drop" direction="in"><tcp-ipv6 connlimit-above="2"/></rule>'),
  construct(
    'connlimit-not',
    '<rule action="drop" direction="out"><udp match="no" connlimit-above="2"/></rule>',
  ),
];

const MEMBERS = { 'lab.set': ['10.77.1.1', '10.77.1.2'] };
const withSet = (name: string, rules: string) => construct(name, rules, { sets: MEMBERS });

const SETS: readonly Construct[] = [
  withSet('ipset-out', '<rule action="drop" direction="out"><all ipset="lab.set" ipsetflags="dst"/></rule>'),
  withSet('ipset-in', '<rule action="drop" direction="in"><all ipset="lab.set" ipsetflags="src"/></rule>'),
  withSet(
    'ipset-inout',
    '<rule action="drop" direction="inout"><all ipset="lab.set" ipsetflags="SRC"/></rule>',
  ),
  withSet(
    'ipset-accept',
    `<rule action="accept" direction="out"><all ipset="lab.set" ipsetflags="dst"/></rule>${END}`,
  ),
  withSet(
    'ipset-variable',
    '<rule action="drop" direction="out"><all ipset="$SET" ipsetflags="dst"/></rule>',
  ),
].map((each) =>
  each.name === 'ipset-variable' ? { ...each, parameters: [{ name: 'SET', value: 'lab.set' }] } : each,
);

const FLAGS = [
  'SYN/SYN',
  'SYN,ACK/SYN',
  'ALL/NONE',
  'ALL/FIN,PSH,URG',
  'FIN,SYN,RST,ACK/SYN',
  'SYN,FIN/SYN,FIN',
  'SYN/ALL',
  'ALL/SYN',
  'RST/NONE',
  'PSH/',
];

const DEEPER: readonly Construct[] = [
  construct(
    'tcp-flags',
    FLAGS.map(
      (flags, index) =>
        `<rule action="drop" direction="${index % 2 ? 'in' : 'out'}"><tcp dstportstart="${index + 1}" flags="${flags}"/></rule>`,
    ).join('\n'),
  ),
  closed(
    'tcp-flags-states',
    `<rule action="accept" direction="in"><tcp state="NONE" flags="SYN,ACK/SYN" dstportstart="80"/></rule>
     <rule action="accept" direction="out"><tcp state="NONE" flags="SYN/NONE" srcportstart="80"/></rule>`,
  ),
  construct(
    'tcp-options',
    [2, 3, 4, 8, 255]
      .map(
        (kind) =>
          `<rule action="drop" direction="inout"><tcp dstportstart="${kind}" option="${kind}"/></rule>`,
      )
      .join('\n'),
  ),
  ...[0, 3, 5, 8, 12, 13].map((type) =>
    closed(
      `icmp-type-${type}`,
      `<rule action="accept" direction="out"><icmp type="${type}"/></rule><rule action="accept" direction="in"><icmp type="${type === 8 ? 0 : 8}"/></rule>`,
    ),
  ),
  construct(
    'icmp-drop',
    `<rule action="drop" direction="out"><icmp type="3" code="4"/></rule>
     <rule action="drop" direction="in"><icmp type="8"/></rule>
     <rule action="drop" direction="out"><icmp match="no" type="8" dstipaddr="10.77.0.2"/></rule>`,
  ),
  ...[1, 128, 129, 135].map((type) =>
    closed(
      `icmpv6-type-${type}`,
      `<rule action="accept" direction="out"><icmpv6 type="${type}"/></rule><rule action="accept" direction="in"><icmpv6 type="129"/></rule>`,
    ),
  ),
  construct(
    'icmpv6-drop',
    '<rule action="drop" direction="out"><icmpv6 type="1" code="4"/></rule><rule action="drop" direction="in"><icmpv6 type="135"/></rule>',
  ),
  construct(
    'icmpv6-ranges',
    `<rule action="drop" direction="out"><ipv6 protocol="icmpv6" type="1" typeend="4" code="0" codeend="1"/></rule>
     <rule action="drop" direction="in"><ipv6 protocol="icmpv6" type="133" typeend="136"/></rule>
     <rule action="drop" direction="inout"><ipv6 protocol="icmpv6" code="7"/></rule>`,
  ),
  construct(
    'ranges',
    `<rule action="drop" direction="out"><tcp srcipfrom="10.77.0.5" srcipto="10.77.0.15" dstportstart="80" dstportend="90"/></rule>
     <rule action="drop" direction="in"><udp srcportstart="1000" srcportend="1999"/></rule>
     <rule action="drop" direction="out"><ip protocol="udp" dstportstart="5000" dstportend="5999"/></rule>`,
  ),
  construct(
    'dscp',
    [0, 1, 46, 63]
      .map(
        (dscp, index) =>
          `<rule action="drop" direction="${index % 2 ? 'in' : 'inout'}"><udp dscp="${dscp}" dstportstart="${100 + dscp}"/></rule>`,
      )
      .join('\n'),
  ),
  construct(
    'hexadecimal',
    `<rule action="drop" direction="out"><udp dstportstart="0x35"/></rule>
     <rule action="drop" direction="in"><mac protocolid="88b5"/></rule>
     <rule action="drop" direction="out"><icmp type="0xd"/></rule>`,
  ),
  construct(
    'vlan-ids',
    `<rule action="drop" direction="out"><vlan vlanid="10"/></rule><rule action="drop" direction="in"><vlan vlanid="0"/></rule>`,
  ),
];

export const STATE_CONSTRUCTS: readonly Construct[] = [
  ...AUTOMATIC,
  ...OFF,
  ...NAMED,
  ...MORE_STATES,
  ...LIMITS,
  ...SETS,
  ...DEEPER,
];
