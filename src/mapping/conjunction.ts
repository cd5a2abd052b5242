/**
 * The entries of a list as the CIM schema means them: conditions that must all be met (EntriesInFilterList, EntrySequence 0). One
 * entry for each layer is one native rule of the bridge, where MAC and IP headers are seen at once.
 */
import { type Element, elements } from '../xml/element.js';
import { asClass, instanceOf, withProperties } from './build.js';
import { isTrue, kindOf, value } from './neutral.js';

/** EtherTypes that an IP entry says already. */
const TYPE_OF_VERSION: Readonly<Record<string, string>> = { '4': '2048', '6': '34525' };
const BRIDGE_ELEMENT: Readonly<Record<string, string>> = { '4': 'ip', '6': 'ipv6' };
const MACS = ['HdrSrcMACAddr8021', 'HdrSrcMACMask8021', 'HdrDestMACAddr8021', 'HdrDestMACMask8021'];

/** MatchConditionType of every frame, and the TrafficType that limits it to none. */
const ANY = '13';
const ANY_TRAFFIC = '4';

const isAny = (entry: Element) =>
  kindOf(entry) === 'FilterEntry' &&
  value(entry, 'MatchConditionType') === ANY &&
  (value(entry, 'TrafficType') ?? ANY_TRAFFIC) === ANY_TRAFFIC &&
  !isTrue(entry, 'IsNegated');

/** The one entry, of libvirt-cim's class so that it can have an action; or why there is none. */
export type Joined = { readonly entry: Element } | { readonly why: string };

export function conjunction(entries: readonly Element[]): Joined {
  const kinds = entries.map(kindOf);
  const [only] = entries;
  if (!only || (entries.length === 1 && isAny(only)))
    return { entry: instanceOf('KVM_FilterEntry', { MatchConditionType: ANY }) };
  if (entries.length === 1 && kindOf(only) !== 'FilterEntry') return { entry: onBridge(only) };
  const ethernet = entries.find((entry) => kindOf(entry) === 'Hdr8021Filter');
  const packet = entries.find((entry) => kindOf(entry) === 'IPHeadersFilter');
  if (entries.length !== 2 || !ethernet || !packet)
    return { why: `no native rule is ${kinds.join(' and ')} at once` };
  if ([ethernet, packet].some((entry) => isTrue(entry, 'IsNegated')))
    return { why: 'IsNegated turns one of several conditions round, which no native rule can' };
  const version = value(packet, 'HdrIPVersion')?.trim() ?? '';
  const type = value(ethernet, 'HdrProtocolID8021')?.trim();
  if (type !== undefined && type !== TYPE_OF_VERSION[version])
    return { why: `HdrProtocolID8021 ${type} is not that of HdrIPVersion ${version}: nothing meets both` };
  const strange = elements(ethernet).find(
    ({ local }) => /8021$/.test(local) && ![...MACS, 'HdrProtocolID8021'].includes(local),
  );
  if (strange) return { why: `no native rule looks at ${strange.local} and IP headers at once` };
  const macs = elements(ethernet).filter(({ local }) => MACS.includes(local));
  return { entry: withProperties(onBridge(packet), macs) };
}

/**
 * The entry as libvirt-cim's class, IP headers seen on the bridge: only there do all rules of a policy have one order, and no
 * connection tracking is added that the policy does not know.
 */
export function onBridge(entry: Element): Element {
  const isStandard = entry.local.startsWith('CIM_');
  const same = isStandard ? asClass(entry, `KVM_${kindOf(entry)}`) : entry;
  if (kindOf(entry) !== 'IPHeadersFilter') return same;
  const element = BRIDGE_ELEMENT[value(entry, 'HdrIPVersion')?.trim() ?? ''];
  return withProperties(same, elements(instanceOf(same.local, { ProtocolElement: element })));
}
