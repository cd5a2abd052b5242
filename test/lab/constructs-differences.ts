/**
 * What libvirt 9.0 has otherwise than nwgate means it: a row of docs/differences.md each. Those that only nwgate refuses
 * come last.
 */
import { type Construct, construct, document } from './construct.js';

const END = '<rule action="drop" direction="inout" priority="1000"><all/></rule>';
const out = (body: string) => `<rule action="drop" direction="out">${body}</rule>`;
const into = (body: string) => `<rule action="drop" direction="in">${body}</rule>`;
const both = (body: string) => `<rule action="drop" direction="inout">${body}</rule>`;
const MEMBERS = { 'lab.set': ['10.77.1.1'] };

const MEANT_OTHERWISE: readonly Construct[] = [
  construct(
    'negated-destination-port',
    out('<tcp dstipaddr="10.77.1.1"/><tcp match="no" dstportstart="22"/>') +
      into('<udp-ipv6 srcipaddr="fd77::2"/><udp-ipv6 match="no" dstportstart="20" dstportend="30"/>'),
  ),
  construct('icmp-type-inout', `${both('<icmp type="8"/>')}${both('<icmpv6 type="128"/>')}`),
  construct('icmp-type-255', out('<icmp type="255"/>')),
  construct('ipset-of-tcp', out('<tcp ipset="lab.set" ipsetflags="dst"/>'), { sets: MEMBERS }),
  construct('negated-mac-inout', both('<all match="no" srcmacaddr="$MAC"/>')),
  construct(
    'ip-dscp',
    [1, 10, 46, 63]
      .map((dscp) => out(`<ip protocol="udp" dstportstart="${100 + dscp}" dscp="${dscp}"/>`))
      .join(''),
  ),
  construct('ah-ipv6', out('<ah-ipv6/>')),
  construct('vlan-encap', out('<vlan encap-protocol="ipv4"/>') + into('<vlan encap-protocol="arp"/>')),
  construct('tcp-ipv6-flags', out('<tcp-ipv6 flags="SYN/SYN" dstportstart="80"/>')),
  construct(
    'negated-icmpv6-type',
    out(
      '<ipv6 protocol="icmpv6" dstmacaddr="52:54:00:77:00:02"/><ipv6 match="no" type="128" typeend="136" code="0" codeend="1"/>',
    ),
  ),
  construct('negated-icmpv6-code', out('<ipv6 protocol="icmpv6"/><ipv6 match="no" code="0"/>')),
  construct('negated-every-port', out('<tcp match="no" srcportstart="0" srcportend="65535"/>')),
  construct('tcp-flags-none-set', out('<tcp flags="NONE/SYN"/>')),
  construct('negated-tcp-flags-none', out('<tcp match="no" flags="NONE/NONE"/>')),
  construct('negated-every-address', out('<tcp match="no" srcipaddr="10.0.0.0" srcipmask="0"/>')),
  construct('continue-on-the-ip-layer', `<rule action="continue" direction="out"><udp/></rule>${END}`),
  construct('ipv6-destination-range', out('<udp-ipv6 dstipfrom="fd77::1" dstipto="fd77::2"/>')),
  construct('comment-dollar', out('<tcp comment="$HOME is where it is"/>')),
  construct('parameter-dash', out('<all ipset="$SET" ipsetflags="dst"/>'), {
    parameters: ['SET=lab-set'],
    sets: { 'lab-set': ['10.77.1.1'] },
  }),
  construct('connlimit-host', out('<tcp connlimit-above="2"/>')),
  construct(
    'chain-stp-priority',
    '<filterref filter="lab-stp"/><rule action="accept" direction="inout" priority="-500"/>',
    {
      others: { 'lab-stp': document('lab-stp', 'stp', '<rule action="drop" direction="inout"/>') },
    },
  ),
  construct(
    'arp-mask-then-none',
    out('<arp arpsrcipaddr="10.77.0.0" arpsrcipmask="24" arpdstipaddr="10.77.0.2"/>'),
  ),
  construct('arp-gratuitous-false', out('<arp gratuitous="false"/>')),
  construct('icmp-code-alone', out('<icmp code="1"/>')),
  construct('ipset-without-flags', into('<all ipset="lab.set"/>'), { sets: MEMBERS }),
];

/** Which of libvirt's silences nwgate refuses (docs/filters.md, "Where nwgate is stricter than libvirt"). */
const REFUSED: readonly Construct[] = (
  [
    ['unknown-protocol', out('<tpc dstportstart="80"/>')],
    ['second-protocol', out('<tcp dstportstart="80"/><udp dstportstart="53"/>')],
    ['unknown-attribute', out('<tcp dstport="80"/>')],
    ['attribute-twice', out('<tcp dstportstart="80"/><tcp dstportstart="81"/>')],
    ['match-word', out('<tcp match="never" srcportstart="80"/>')],
    ['match-nothing', out('<tcp match="no"/>')],
    ['mask-without-address', out('<tcp srcipmask="24"/>')],
    ['mask-of-other-match', out('<tcp srcipaddr="10.77.0.10"/><tcp match="no" srcipmask="24"/>')],
    ['range-backwards', out('<tcp srcportstart="90" srcportend="80"/>')],
    ['priority-out-of-range', '<rule action="drop" direction="out" priority="1001"><tcp/></rule>'],
    ['statematch-word', '<rule action="drop" direction="out" statematch="off"><tcp/></rule>'],
    ['boolean-word', out('<arp gratuitous="on"/>')],
    ['comment-too-long', out(`<tcp comment="${'x'.repeat(257)}"/>`)],
    ['vlan-id-4095', out('<vlan vlanid="4095"/>')],
  ] as const
).map(([name, rules]) => construct(name, rules));

export const DIFFERENCE_CONSTRUCTS: readonly Construct[] = [...MEANT_OTHERWISE, ...REFUSED];
