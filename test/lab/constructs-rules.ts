/** What stands around the tests of a rule: chains, priorities, variables, references, comments. */
import { type Construct, construct, document } from './construct.js';

const DROP = '<rule action="drop" direction="inout" priority="1000"/>';
const DROP_IP = '<rule action="drop" direction="inout" priority="1000"><all/></rule>';

/** Rules without a protocol: each alone, since everything meets them. */
const PLAIN: readonly Construct[] = (
  [
    ['drop', 'out'],
    ['drop', 'in'],
    ['drop', 'inout'],
    ['reject', 'out'],
    ['accept', 'out'],
    ['accept', 'in'],
    ['accept', 'inout'],
    ['return', 'out'],
    ['return', 'inout'],
    ['continue', 'inout'],
  ] as const
).map(([action, direction]) =>
  construct(
    `every-frame-${action}-${direction}`,
    `<rule action="${action}" direction="${direction}"/>${DROP}`,
  ),
);

const CHAINS: readonly Construct[] = [
  ...(['mac', 'vlan', 'stp', 'arp', 'rarp', 'ipv4', 'ipv6'] as const).map((prefix) =>
    construct(
      `chain-${prefix}`,
      '<rule action="accept" direction="in"/><rule action="drop" direction="out"/>',
      {
        chain: `${prefix}-mine`,
      },
    ),
  ),
  construct('chain-end-accepts', `<filterref filter="lab-inner"/>${DROP}`, {
    others: {
      'lab-inner': document(
        'lab-inner',
        'ipv4',
        '<rule action="drop" direction="out"><ip protocol="tcp"/></rule>',
      ),
    },
  }),
  construct('chain-return', `<filterref filter="lab-inner"/>${DROP}`, {
    others: {
      'lab-inner': document(
        'lab-inner',
        'ipv4-own',
        `<rule action="return" direction="inout"><ip protocol="tcp"/></rule><rule action="accept" direction="inout"/>`,
      ),
    },
  }),
  construct(
    'chain-priorities',
    `<filterref filter="lab-late"/><filterref filter="lab-early"/>
     <rule action="accept" direction="inout" priority="-600"><mac protocolid="ipv6"/></rule>${DROP}`,
    {
      others: {
        'lab-early': document(
          'lab-early',
          'ipv4-early',
          '<rule action="return" direction="inout"><ip protocol="udp"/></rule><rule action="drop" direction="out"><ip protocol="tcp"/></rule><rule action="return" direction="inout"/>',
          -900,
        ),
        'lab-late': document(
          'lab-late',
          'ipv4-late',
          '<rule action="accept" direction="inout"><ip protocol="tcp"/></rule><rule action="drop" direction="inout"/>',
          -100,
        ),
      },
    },
  ),
  construct(
    'chain-after-root-rules',
    `<filterref filter="lab-late"/><rule action="drop" direction="inout" priority="100"><ip protocol="udp"/></rule>`,
    {
      others: {
        'lab-late': document('lab-late', 'ipv4-late', '<rule action="accept" direction="inout"/>', 500),
      },
    },
  ),
  construct('chain-shared', '<filterref filter="lab-one"/><filterref filter="lab-two"/>', {
    others: {
      'lab-one': document('lab-one', 'arp-ours', '<rule action="drop" direction="inout" priority="700"/>'),
      'lab-two': document(
        'lab-two',
        'arp-ours',
        '<rule action="accept" direction="out" priority="200"><arp opcode="Request"/></rule>',
      ),
    },
  }),
  construct(
    'chain-of-ip-rules',
    '<rule action="accept" direction="out"><udp/></rule><rule action="drop" direction="inout"><all/></rule>',
    { chain: 'ipv6-x' },
  ),
  construct(
    'chain-rule-raised',
    `<filterref filter="lab-raised"/><rule action="drop" direction="inout" priority="0"><arp/></rule>`,
    {
      others: {
        'lab-raised': document(
          'lab-raised',
          'arp',
          '<rule action="accept" direction="out" priority="-900"><arp opcode="Reply"/></rule><rule action="drop" direction="out" priority="-950"/>',
          50,
        ),
      },
    },
  ),
];

const ORDER: readonly Construct[] = [
  construct(
    'priorities',
    `<rule action="drop" direction="out" priority="500"><udp dstportstart="53"/></rule>
     <rule action="accept" direction="out" priority="-1000"><udp dstportstart="53" srcportstart="1000" srcportend="1999"/></rule>
     <rule action="drop" direction="inout" priority="1000"><all/></rule>
     <rule action="accept" direction="inout" priority="999"><tcp/></rule>`,
  ),
  construct(
    'equal-priorities',
    `<rule action="drop" direction="out" priority="300"><ip protocol="udp" dstportstart="53"/></rule>
     <rule action="accept" direction="out" priority="300"><ip protocol="udp"/></rule>
     <rule action="drop" direction="out" priority="300"/>`,
  ),
  construct(
    'both-layers',
    `<rule action="accept" direction="out" priority="100"><ip protocol="udp"/></rule>
     <rule action="accept" direction="out" priority="100"><ip protocol="tcp"/></rule>
     <rule action="drop" direction="out" priority="1000"/>
     <rule action="accept" direction="out"><tcp dstportstart="80"/></rule>${DROP_IP}`,
  ),
  construct(
    'two-elements',
    `<rule action="drop" direction="out"><ip protocol="udp"/><ip match="no" srcipaddr="10.77.0.10"/></rule>
     <rule action="drop" direction="in"><tcp dstportstart="22"/><tcp match="no" srcipaddr="10.77.0.0" srcipmask="24"/></rule>`,
  ),
];

const LISTS = [
  'A=10.77.1.1',
  'A=10.77.1.2',
  'A=10.77.1.3',
  'A=10.77.1.3',
  'B=80',
  'B=90',
  'B=81',
  'B=80',
  'C=1080',
  'C=1090',
  'C=1100',
  'C=1110',
] as const;
const listed = (name: string, attributes: string, parameters = LISTS as readonly `${string}=${string}`[]) =>
  construct(name, `<rule action="drop" direction="out"><tcp ${attributes}/></rule>`, { parameters });

const VARIABLES: readonly Construct[] = [
  construct(
    'variable',
    '<rule action="drop" direction="out"><tcp srcmacaddr="$MAC" dstipaddr="$PEER" dstportstart="$PORT"/></rule>',
    {
      parameters: ['PEER=10.77.1.9', 'PORT=25'],
    },
  ),
  construct('variable-mac-set', '<rule action="drop" direction="out"><mac srcmacaddr="$MAC"/></rule>', {
    parameters: ['MAC=52:54:00:77:00:63'],
  }),
  listed('list', 'dstipaddr="$A"'),
  listed('list-beside-list', 'dstipaddr="$A" dstportstart="$B"'),
  listed('list-iterators', 'dstipaddr="$A[@1]" dstportstart="$B[@2]"'),
  listed('list-one-iterator', 'dstipaddr="$A[@1]" srcportstart="$C[@2]" dstportstart="$B[@2]"'),
  listed('list-element', 'dstipaddr="$A[0]" dstportstart="$B[@0]"'),
  listed('list-elements', 'dstipaddr="$A[1]" srcportstart="$C[2]" dstportstart="$B[2]"'),
  listed('list-spaces', 'dstipaddr="$A[ 1 ]" dstportstart="$B[ @0 ]"'),
  listed('list-twice', 'srcipaddr="$A" dstipaddr="$A"'),
  listed('list-squared', 'srcipaddr="$A[@1]" dstipaddr="$A[@2]"'),
  construct(
    'list-on-ethernet',
    `<rule action="accept" direction="out"><ip srcipaddr="$IP"/></rule><rule action="drop" direction="out"><ip/></rule>`,
    {
      parameters: ['IP=10.77.0.10', 'IP=10.77.0.11'],
    },
  ),
];

const REFERENCES: readonly Construct[] = [
  construct(
    'reference-parameter',
    '<filterref filter="lab-port"><parameter name="PORT" value="53"/></filterref>',
    {
      others: {
        'lab-port': document(
          'lab-port',
          'root',
          '<rule action="drop" direction="out"><udp dstportstart="$PORT"/></rule>',
        ),
      },
    },
  ),
  construct(
    'reference-outer-wins',
    '<filterref filter="lab-port"><parameter name="PORT" value="53"/></filterref>',
    {
      parameters: ['PORT=123'],
      others: {
        'lab-port': document(
          'lab-port',
          'root',
          '<rule action="drop" direction="out"><udp dstportstart="$PORT"/></rule>',
        ),
      },
    },
  ),
  construct(
    'reference-twice',
    `<filterref filter="lab-port"><parameter name="PORT" value="53"/></filterref>
     <filterref filter="lab-port"><parameter name="PORT" value="123"/></filterref>`,
    {
      others: {
        'lab-port': document(
          'lab-port',
          'root',
          '<rule action="drop" direction="inout"><udp dstportstart="$PORT"/></rule>',
        ),
      },
    },
  ),
  construct(
    'reference-depth',
    '<filterref filter="lab-middle"><parameter name="PORT" value="53"/></filterref>',
    {
      others: {
        'lab-middle': document(
          'lab-middle',
          'root',
          '<filterref filter="lab-port"><parameter name="PORT" value="80"/><parameter name="PEER" value="10.77.1.8"/></filterref>',
        ),
        'lab-port': document(
          'lab-port',
          'root',
          '<rule action="drop" direction="out"><udp dstportstart="$PORT" dstipaddr="$PEER"/></rule>',
        ),
      },
    },
  ),
  construct(
    'in-vlan-10',
    `<rule action="accept" direction="inout" priority="-700"><vlan vlanid="10"/></rule>
     <filterref filter="clean-traffic"/>`,
    { parameters: ['IP=10.77.0.10'] },
  ),
  construct(
    'web-server',
    `<filterref filter="clean-traffic"/>
     <rule action="accept" direction="in" priority="100"><tcp dstportstart="80"/></rule>
     <rule action="accept" direction="out" priority="200"><udp dstportstart="53" comment="names"/></rule>${DROP_IP}`,
    { parameters: ['IP=10.77.0.10'] },
  ),
];

const HOSTILE = [
  `"; reboot; "`.replaceAll('"', '&quot;'),
  'x $(reboot) `reboot`',
  '&lt;rule/&gt; &amp;amp; %s %n \\\\n',
  '-j ACCEPT -t nat --comment x',
  "it's 'quoted'",
  'äöü 漢字 🔒',
  'x'.repeat(256),
];

const COMMENTS = construct(
  'comments',
  HOSTILE.map(
    (text, index) =>
      `<rule action="drop" direction="out"><tcp dstportstart="${index + 1}" comment="${text}"/></rule>
       <rule action="drop" direction="in"><udp-ipv6 dstportstart="${index + 1}" comment="${text}"/></rule>
       <rule action="drop" direction="out"><arp opcode="${index + 1}" comment="${text}"/></rule>`,
  ).join('\n'),
);

export const RULE_CONSTRUCTS: readonly Construct[] = [
  ...PLAIN,
  ...CHAINS,
  ...ORDER,
  ...VARIABLES,
  ...REFERENCES,
  COMMENTS,
];
