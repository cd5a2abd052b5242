/** Protocols matched by iptables and ip6tables: tcp, udp, … and their -ipv6 forms. */
import * as type from './datatypes.js';
import { comment, type Fields, field, fields, maskedField, ports, same, swap } from './fields.js';
import * as form from './forms.js';
import type { Datatype, Form, Layer, ProtocolSpec } from './types.js';

type IpLayer = Exclude<Layer, 'ethernet'>;

const ADDRESS: Readonly<Record<IpLayer, readonly [Datatype, Datatype]>> = {
  ipv4: [type.ipv4, type.ipv4Mask],
  ipv6: [type.ipv6, type.ipv6Mask],
};

/** Only the side that sees the guest's own frame can compare a source MAC. */
const sourceMac: Fields = {
  attributes: [{ name: 'srcmacaddr', type: type.mac, about: "the frame's source MAC" }],
  tests: [
    {
      module: 'mac',
      option: '--mac-source',
      mirror: { kind: 'omit-test' },
      parts: ['srcmacaddr'],
      form: form.single,
    },
  ],
};

function addresses(layer: IpLayer): Fields {
  const [address] = ADDRESS[layer];
  const iprange = (side: 'src' | 'dst', other: 'src' | 'dst', word: string): Fields => ({
    attributes: [
      { name: `${side}ipfrom`, type: address, about: `first ${word} address of a range` },
      { name: `${side}ipto`, type: address, about: `last ${word} address of the range` },
    ],
    tests: [
      {
        module: 'iprange',
        option: `--${side}-range`,
        mirror: swap(`--${other}-range`),
        parts: [`${side}ipfrom`, `${side}ipto`],
        ascending: [[`${side}ipfrom`, `${side}ipto`]],
        form: form.span,
      },
    ],
  });
  return fields(
    maskedField(
      'srcipaddr',
      'srcipmask',
      ADDRESS[layer],
      '--source',
      'source address',
      swap('--destination'),
    ),
    maskedField(
      'dstipaddr',
      'dstipmask',
      ADDRESS[layer],
      '--destination',
      'destination address',
      swap('--source'),
    ),
    iprange('src', 'dst', 'source'),
    iprange('dst', 'src', 'destination'),
  );
}

const dscp: Fields = {
  attributes: [{ name: 'dscp', type: type.dscp, about: 'DSCP' }],
  tests: [{ module: 'dscp', option: '--dscp', mirror: same, parts: ['dscp'], form: form.single }],
};

/** What every packet protocol ends with: state, set, limit, comment. */
const tail: Fields = fields(
  {
    attributes: [
      {
        name: 'state',
        type: type.state,
        role: 'state',
        about: 'connection states; replaces the automatic ones',
      },
      { name: 'ipset', type: type.ipset, about: 'name of an IP set on the host' },
      {
        name: 'ipsetflags',
        type: type.ipsetFlags,
        about: 'which addresses the set is asked for; src when absent',
      },
      {
        name: 'connlimit-above',
        type: type.u16,
        about: 'matches while there are more connections than this',
      },
    ],
    tests: [
      {
        module: 'set',
        option: '--match-set',
        mirror: same,
        parts: ['ipset', 'ipsetflags'],
        form: form.setAndFlags,
      },
      {
        module: 'connlimit',
        option: '--connlimit-above',
        mirror: { kind: 'omit-rule' },
        parts: ['connlimit-above'],
        form: form.single,
      },
    ],
  },
  comment,
);

interface Transport {
  readonly name: string;
  readonly layers: readonly IpLayer[];
  /** Element of the IPv6 form where it is not `<name>-ipv6`. */
  readonly ipv6Element?: string;
  /** What selects the protocol where it is not `-p <name>`. */
  readonly select?: Readonly<Partial<Record<IpLayer, readonly string[]>>>;
  readonly own: (layer: IpLayer) => Fields;
}

const NOTHING: Fields = { attributes: [], tests: [] };
const withPorts = ports({ source: '--sport', destination: '--dport' });

const tcpFlags: Fields = {
  attributes: [
    { name: 'flags', type: type.tcpFlags, about: 'TCP flags: which to look at / which must be set' },
  ],
  tests: [{ option: '--tcp-flags', mirror: same, parts: ['flags'], form: form.maskAndFlags }],
};
const tcpOption = field('option', type.number(1, 255), '--tcp-option', 'a TCP option that must be there');

function icmpType(option: string, spelled: Form): Fields {
  return {
    attributes: [
      { name: 'type', type: type.u8, about: 'ICMP type' },
      { name: 'code', type: type.u8, about: 'ICMP code; needs a type' },
    ],
    tests: [{ option, mirror: same, parts: ['type', 'code'], form: spelled }],
  };
}

const BOTH: readonly IpLayer[] = ['ipv4', 'ipv6'];

const TRANSPORTS: readonly Transport[] = [
  { name: 'tcp', layers: BOTH, own: () => fields(tcpFlags, withPorts, tcpOption) },
  { name: 'udp', layers: BOTH, own: () => withPorts },
  { name: 'udplite', layers: BOTH, own: () => NOTHING },
  { name: 'sctp', layers: BOTH, own: () => withPorts },
  { name: 'icmp', layers: ['ipv4'], own: () => icmpType('--icmp-type', form.icmpTypeAndCode) },
  {
    name: 'icmpv6',
    layers: ['ipv6'],
    ipv6Element: 'icmpv6',
    own: () => icmpType('--icmpv6-type', form.typeAndCode),
  },
  { name: 'igmp', layers: ['ipv4'], own: () => NOTHING },
  { name: 'esp', layers: BOTH, own: () => NOTHING },
  // AH is an extension header of IPv6, over which ip6tables looks for the protocol (it warns of `-p ah`).
  { name: 'ah', layers: BOTH, select: { ipv6: ['-m', 'ah'] }, own: () => NOTHING },
  { name: 'all', layers: BOTH, own: () => NOTHING },
];

function packet(transport: Transport, layer: IpLayer): ProtocolSpec {
  const element = layer === 'ipv4' ? transport.name : (transport.ipv6Element ?? `${transport.name}-ipv6`);
  return {
    element,
    layer,
    select: transport.select?.[layer] ?? ['-p', transport.name],
    ...fields(sourceMac, addresses(layer), dscp, transport.own(layer), tail),
  };
}

export const PACKET: readonly ProtocolSpec[] = TRANSPORTS.flatMap((transport) =>
  transport.layers.map((layer) => packet(transport, layer)),
);
