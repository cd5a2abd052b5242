/**
 * libvirt's `<domain>` → the interfaces that a filter is wanted on. A domain holds much that is none of our business and
 * is passed over; what concerns filters is read strictly. Source: libvirt's domain XML format, "Network interfaces",
 * "Traffic filtering with NWFilter", "Setting VLAN tag" and "General metadata".
 */
import { throwIfAny } from '../model/errors.js';
import { type FilterRef, inNameOrder, type Parameter } from '../model/filter.js';
import { ipv4, ipv6 } from '../protocols/datatypes.js';
import { attribute, childrenNamed, childText, type Element, elements } from './element.js';
import { checkText, type Reading, readWords, report } from './faults.js';
import { open, type ReadOptions, readReference } from './nwfilter-read.js';
import { DEVICE_WORDS, MAC_WORDS, METADATA_MAC, NWG_NS, OWNER_NAME, UUID } from './vocabulary.js';

/** An interface with a filter. */
export interface DomainInterface {
  /** Name of the host's end; undefined as long as libvirt has not chosen one. */
  readonly target: string | undefined;
  readonly mac: string | undefined;
  readonly filter: string;
  /** Those written, and IP, IPV6 and VLAN from the interface itself where they are not. */
  readonly parameters: readonly Parameter[];
  /** The claim that wants the filter, where the domain asks for none. */
  readonly claim: string | undefined;
}

/** A filter that is wanted on an interface although its domain does not ask for one. */
export type Claimed = (
  mac: string | undefined,
  machine: string,
) => (FilterRef & { readonly claim: string }) | undefined;

export interface Domain {
  readonly name: string;
  readonly uuid: string | undefined;
  readonly interfaces: readonly DomainInterface[];
}

/** Interfaces whose host end is a device that frames cross on their way to a bridge. */
const FILTERED_TYPES = ['bridge', 'network', 'ethernet'];

/**
 * Reads a domain. A filter is asked for by `<filterref>` in the interface, or by `<filterref mac='…'>` of our namespace
 * in `<metadata>`, which comes first where both are there, or by nothing of the domain's (`claimed`). Throws one NwgateError with all faults: SCHEMA, VALUE, NAME,
 * NOT_COMPILABLE (a filter on an interface that passes the host by); and what `parseXml` throws.
 */
export function readDomain(
  document: string | Uint8Array | Element,
  options: ReadOptions & { readonly claimed?: Claimed } = {},
): Domain {
  const { root, reading } = open(document, options, 'domain');
  const name = checkText(OWNER_NAME, childText(root, '', 'name') ?? '', reading, {
    at: root.at,
    name: 'name',
  });
  const id = childText(root, '', 'uuid');
  const uuid = id === undefined ? undefined : checkText(UUID, id, reading, { at: root.at, name: 'uuid' });

  const ours = references(root, reading);
  const interfaces: DomainInterface[] = [];
  for (const devices of childrenNamed(root, '', 'devices')) {
    for (const element of childrenNamed(devices, '', 'interface')) {
      const claimed = (mac: string | undefined) => options.claimed?.(mac, name ?? '');
      const found = readInterface(element, ours, claimed, reading);
      if (found) interfaces.push(found);
    }
  }
  const macs = new Set(interfaces.map(({ mac }) => mac));
  for (const [mac, { element }] of ours) {
    if (macs.has(mac)) continue;
    report(reading, 'VALUE', `the domain has no interface with the MAC address ${mac}`, element.at, 'mac');
  }
  throwIfAny(reading.faults);
  return { name: name!, uuid, interfaces };
}

interface OurReference {
  readonly element: Element;
  readonly reference: FilterRef;
}

/** Of `<metadata>`, by MAC address. libvirt keeps one element per namespace there: several stand in `<filterrefs>`. */
function references(root: Element, reading: Reading): Map<string, OurReference> {
  const found = new Map<string, OurReference>();
  const all = childrenNamed(root, '', 'metadata')
    .flatMap(elements)
    .filter(({ ns }) => ns === NWG_NS)
    .flatMap((element) => (element.local === 'filterrefs' ? elements(element) : [element]));
  for (const element of all) {
    if (element.ns !== NWG_NS || element.local !== 'filterref') {
      report(reading, 'SCHEMA', `<${element.local}> is no <filterref> of ours`, element.at);
      continue;
    }
    const { mac, rest } = splitMac(element, reading);
    if (mac === undefined) continue;
    if (found.has(mac)) report(reading, 'VALUE', `${mac} has two filters in <metadata>`, element.at, 'mac');
    else found.set(mac, { element, reference: readReference(rest, reading) });
  }
  return found;
}

/** The `mac` of our element, and the rest as a plain `<filterref>`. */
function splitMac(element: Element, reading: Reading): { mac: string | undefined; rest: Element } {
  const isMac = (name: string) => name === METADATA_MAC.name;
  const only = {
    ...element,
    attributes: element.attributes.filter(({ local }) => isMac(local)),
    children: [],
  };
  const mac = readWords(only, [METADATA_MAC], reading).get(METADATA_MAC.name);
  const plain = (node: Element): Element => ({ ...node, ns: node.ns === NWG_NS ? '' : node.ns });
  const rest = {
    ...plain(element),
    attributes: element.attributes.filter(({ local }) => !isMac(local)),
    children: element.children.map((node) => (typeof node === 'string' ? node : plain(node))),
  };
  return { mac, rest };
}

/** Undefined for an interface without a filter. `ours`: references of `<metadata>`. */
function readInterface(
  element: Element,
  ours: ReadonlyMap<string, OurReference>,
  claimed: (mac: string | undefined) => ReturnType<Claimed>,
  reading: Reading,
): DomainInterface | undefined {
  const wordOf = (child: string, words: typeof MAC_WORDS, faults: Reading): string | undefined => {
    const [found] = childrenNamed(element, '', child);
    const name = words[0]?.name ?? '';
    // Only the one attribute: libvirt keeps more in these elements than we know.
    const known = found && { ...found, attributes: found.attributes.filter(({ local }) => local === name) };
    return known && readWords(known, words, faults).get(name);
  };
  // Of interfaces that no filter is wanted on nothing is asked, not even that they can be read.
  const own = wordOf('mac', MAC_WORDS, { faults: [], place: {} });
  const [native] = childrenNamed(element, '', 'filterref');
  const mine = own === undefined ? undefined : ours.get(own);
  const claim = native || mine ? undefined : claimed(own);
  if (!native && !mine && !claim) return undefined;

  const mac = wordOf('mac', MAC_WORDS, reading);
  const [device] = childrenNamed(element, '', 'target');
  const target =
    device && attribute(device, 'dev') === undefined ? undefined : wordOf('target', DEVICE_WORDS, reading);
  const { filter, parameters } = mine?.reference ?? claim ?? readReference(native!, reading);
  const type = attribute(element, 'type') ?? '';
  if (!FILTERED_TYPES.includes(type)) {
    const message = `filters work on interfaces of type ${FILTERED_TYPES.join(', ')}: "${type}" passes the host by`;
    report(reading, 'NOT_COMPILABLE', message, element.at, 'type');
  }
  return { target, mac, filter, parameters: withOwn(parameters, element, reading), claim: claim?.claim };
}

/** Variables that the interface itself gives a value: name, and the values found. */
function withOwn(written: readonly Parameter[], element: Element, reading: Reading): readonly Parameter[] {
  const addresses = childrenNamed(element, '', 'ip').flatMap((ip) => {
    const text = attribute(ip, 'address') ?? '';
    const type = attribute(ip, 'family') === 'ipv6' || text.includes(':') ? ipv6 : ipv4;
    const value = checkText(type, text, reading, { at: ip.at, name: 'address' });
    return value === undefined ? [] : [{ name: type === ipv6 ? 'IPV6' : 'IP', value }];
  });
  const tags = childrenNamed(element, '', 'vlan')
    .flatMap((vlan) => childrenNamed(vlan, '', 'tag'))
    .flatMap((tag) => attribute(tag, 'id') ?? [])
    .map((value) => ({ name: 'VLAN', value }));
  const given = new Set(written.map(({ name }) => name));
  return inNameOrder([...written, ...[...addresses, ...tags].filter(({ name }) => !given.has(name))]);
}
