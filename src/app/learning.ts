/**
 * Filters that need the guest's address when nobody has given it: until it is known the port has rules that let through
 * just enough to find it out. Source: libvirt's nwfilter format, "automatic IP address detection".
 */
import { compile } from '../compiler/compile.js';
import type { PortRuleset } from '../compiler/ruleset.js';
import type { Binding } from '../model/binding.js';
import { fail, NwgateError } from '../model/errors.js';
import type { Filter, Parameter } from '../model/filter.js';
import { printable } from '../model/names.js';
import { ipv6 } from '../protocols/datatypes.js';
import { readFilter } from '../xml/nwfilter-read.js';
import type { Learned, Lease, Wanted } from './ports.js';
import type { Lookup } from './references.js';

/** `any`: from the guest's own packets. `dhcp`: from what a DHCP server gave it. `none`: not at all. */
const MODES = ['any', 'dhcp', 'none'] as const;
type Mode = (typeof MODES)[number];

export interface Compiled {
  readonly rules: PortRuleset;
  /** Set where addresses are learned; `missing` are those that are not known yet. */
  readonly learning: (Wanted & { readonly missing: readonly Learned[] }) | undefined;
}

/** Stand for the address while it is asked whether it is all that is missing (RFC 5737, RFC 3849). */
const EXAMPLES: Readonly<Record<Learned, string>> = { IP: '192.0.2.1', IPV6: '2001:db8::1' };

/** Parameters that name trusted servers. An address is trusted, or not, among those of its family. */
const SERVERS = ['DHCPSERVER', 'DHCPSERVERV6'];

const SETS: readonly (readonly Learned[])[] = [['IP'], ['IPV6'], ['IP', 'IPV6']];

/**
 * The rules of a bound port, with what has been learned. Errors: those of the compiler; VARIABLE_UNSET where an address
 * cannot be learned, VALUE for an unknown mode.
 */
export function compileBinding(binding: Binding, lookup: Lookup, leases: readonly Lease[]): Compiled {
  const withAll = (more: readonly Parameter[]) =>
    compile(binding.filter, lookup, { ...binding, parameters: [...binding.parameters, ...more] });
  try {
    return { rules: withAll([]), learning: undefined };
  } catch (error) {
    const variables = onlyAddressesLack(error, binding, withAll);
    if (!variables) throw error;
    const mode = modeOf(binding);
    const mac = valuesOf(binding, 'MAC')[0] ?? binding.mac;
    if (mode === 'none' || mac === undefined) throw error;

    const known = leases.filter((lease) => lease.mac === mac && lease.from === mode);
    const values = known.map(({ variable, address }) => ({ name: variable, value: address }));
    const missing = variables.filter((variable) => !known.some((lease) => lease.variable === variable));
    const servers = SERVERS.flatMap((name) => valuesOf(binding, name)).map(
      (text) => ipv6.parse(text) ?? text,
    );
    const learning = { port: binding.port, mac, mode, variables, servers, leases: known, missing };
    const rules =
      missing.length === 0
        ? withAll(values.filter(({ name }) => variables.some((variable) => variable === name)))
        : waitingRules(learning);
    return { rules, learning };
  }
}

/** The variables that are unset, when giving them an address makes the filter whole. */
function onlyAddressesLack(
  error: unknown,
  binding: Binding,
  withAll: (more: readonly Parameter[]) => PortRuleset,
): readonly Learned[] | undefined {
  if (!(error instanceof NwgateError)) return undefined;
  if (error.faults.some(({ code }) => code !== 'VARIABLE_UNSET')) return undefined;
  return SETS.find((set) => {
    if (set.some((variable) => valuesOf(binding, variable).length > 0)) return false;
    try {
      withAll(set.map((name) => ({ name, value: EXAMPLES[name] })));
      return true;
    } catch (stillWrong) {
      if (stillWrong instanceof NwgateError) return false;
      throw stillWrong;
    }
  });
}

/** CTRL_IP_LEARNING of the binding, its first value, in any case. Errors: VALUE. */
function modeOf(binding: Binding): Mode {
  const [text = 'any'] = valuesOf(binding, 'CTRL_IP_LEARNING');
  const mode = MODES.find((name) => name === text.toLowerCase());
  if (mode) return mode;
  throw fail('VALUE', `CTRL_IP_LEARNING is "${printable(text)}", which must be one of ${MODES.join(', ')}`);
}

function valuesOf({ parameters }: Binding, name: string): readonly string[] {
  return parameters.filter((parameter) => parameter.name === name).map(({ value }) => value);
}

/** Of the guest: its own frames of ARP and IP, nothing else; to the guest: all. */
const anyFilter = (protocols: readonly string[]): Filter => {
  const accepted = protocols.map(
    (name) => `<rule action='accept' direction='out' priority='200'><mac protocolid='${name}'/></rule>`,
  );
  return readFilter(`<filter name='waiting-any'>
  <rule action='drop' direction='out' priority='100'><mac match='no' srcmacaddr='$MAC'/></rule>
  ${accepted.join('')}
  <rule action='drop' direction='out' priority='300'/>
</filter>`);
};

const [ANY, ANY_WITH_IPV6] = [anyFilter(['arp', 'ipv4']), anyFilter(['arp', 'ipv4', 'ipv6'])];

/** What DHCP needs for one variable: what the guest asks, what answers it, as attributes; `from` names the servers. */
const DHCP_PARTS: Readonly<
  Record<Learned, (from: string) => readonly (readonly [way: string, protocol: string])[]>
> = {
  // RFC 2131 §4.1.
  IP: (from) => [
    ['out', "<ip srcmacaddr='$MAC' protocol='udp' srcportstart='68' dstportstart='67'/>"],
    ...['$MAC', 'ff:ff:ff:ff:ff:ff'].map((to): [string, string] => [
      'in',
      `<ip dstmacaddr='${to}' ${from} protocol='udp' srcportstart='67' dstportstart='68'/>`,
    ]),
  ],
  // RFC 8415 §7.2, §13: of link-local addresses, which the others must be able to find (RFC 4861), told by a router to ask.
  IPV6: (from) => [
    [
      'out',
      `<ipv6 srcmacaddr='$MAC' ${LINK_LOCAL} dstipaddr='ff02::1:2' protocol='udp' srcportstart='546' dstportstart='547'/>`,
    ],
    ['in', `<ipv6 dstmacaddr='$MAC' ${from} protocol='udp' srcportstart='547' dstportstart='546'/>`],
    ...['133', '135', '136'].map((type): [string, string] => [
      'out',
      `<ipv6 srcmacaddr='$MAC' ${LINK_LOCAL} protocol='icmpv6' type='${type}'/>`,
    ]),
    ...['134', '135', '136'].map((type): [string, string] => [
      'in',
      `<ipv6 protocol='icmpv6' type='${type}'/>`,
    ]),
  ],
};
const LINK_LOCAL = "srcipaddr='fe80::' srcipmask='10'";

/** DHCP for some variables and nothing else. `trusted`: for which of them servers are named. */
const dhcpFilter = (variables: readonly Learned[], trusted: readonly Learned[]): Filter => {
  const accepted = variables
    .flatMap((name) => DHCP_PARTS[name](trusted.includes(name) ? `srcipaddr='$${name}_SERVER[@1]'` : ''))
    .map(([way, protocol]) => `<rule action='accept' direction='${way}' priority='100'>${protocol}</rule>`);
  return readFilter(
    `<filter name='waiting-dhcp'>${accepted.join('')}<rule action='drop' direction='inout' priority='200'/></filter>`,
  );
};

function waitingRules({ port, mac, mode, variables, servers }: Wanted): PortRuleset {
  const parameters = servers.map((value) => ({
    name: `${value.includes(':') ? 'IPV6' : 'IP'}_SERVER`,
    value,
  }));
  const trusted = variables.filter((variable) =>
    parameters.some(({ name }) => name === `${variable}_SERVER`),
  );
  const any = variables.includes('IPV6') ? ANY_WITH_IPV6 : ANY;
  const filter = mode === 'any' ? any : dhcpFilter(variables, trusted);
  return compile(filter.name, () => filter, { port, mac, parameters });
}

/** The leases with those of one MAC address replaced. */
export function withLeases(
  all: readonly Lease[],
  changes: ReadonlyMap<string, readonly Lease[]>,
): readonly Lease[] {
  if (changes.size === 0) return all;
  return [...all.filter(({ mac }) => !changes.has(mac)), ...[...changes.values()].flat()];
}

/**
 * Leases worth keeping. What was learned from packets holds as long as a port learns it: after that the guest's next
 * packet decides anew. A DHCP lease holds until it expires: a machine that is resumed goes on without asking.
 */
export function keptLeases(
  all: readonly Lease[],
  ports: Iterable<{ readonly learning: Wanted | undefined }>,
): readonly Lease[] {
  const learning = new Set([...ports].map((port) => port.learning?.mac));
  const kept = all.filter(({ mac, from }) => from === 'dhcp' || learning.has(mac));
  return kept.length === all.length ? all : kept;
}

/** What was learned of the addresses that the rules of a port hold. */
export function learnedOf({ learning }: { readonly learning: Wanted | undefined }): readonly Lease[] {
  return learning?.leases.filter(({ variable }) => learning.variables.includes(variable)) ?? [];
}

/** What there is to listen for: packets until the address is known, DHCP always, as leases end and change. */
export function wantedOf(ports: Iterable<{ readonly learning: Compiled['learning'] }>): readonly Wanted[] {
  return [...ports].flatMap(({ learning }) => {
    if (!learning) return [];
    const { missing, ...wanted } = learning;
    return wanted.mode === 'dhcp' || missing.length > 0 ? [wanted] : [];
  });
}

/** `trouble`: why it cannot come. */
export function describeWaiting(missing: readonly Learned[], trouble: string | undefined): string {
  const how = trouble ?? 'a running gateway learns it';
  return `waiting for the guest's address (${missing.join(', ')}): ${how}`;
}
