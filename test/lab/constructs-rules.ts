/** What stands around the tests of a rule: chains, priorities, comments. */
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

export const RULE_CONSTRUCTS: readonly Construct[] = [...PLAIN, ...CHAINS, ...ORDER, COMMENTS];
