/**
 * The words of the forms that the proposal of 2010 went through before the native form of today (libvir-list, "[RFC] Proposal for
 * introduction of network traffic filtering capabilities", January and February 2010), and what they are called now.
 */

/** Names of actions that changed. */
export const ACTION_NOW: Readonly<Record<string, string>> = { allow: 'accept' };

/** Attributes of protocol elements that changed their name. The others are read as the native form reads them. */
export const ATTRIBUTE_NOW: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  vlan: { id: 'vlanid' },
  ip: { hdrdscp: 'dscp' },
  arp: { srcipaddr: 'arpsrcipaddr', dstipaddr: 'arpdstipaddr' },
};

/** The variable that an attribute without a value means: the address of the interface. */
export function variableOf(attribute: string): string | undefined {
  if (attribute.endsWith('macaddr')) return 'MAC';
  return /^(?:arp)?(?:src|dst)ipaddr$|^ip_?addr(?:ess)?$/.test(attribute) ? 'IP' : undefined;
}

/** A filter's `name` within a template says where it stands. */
export const CHAIN_OF: Readonly<Record<string, string>> = {
  arp: 'arp',
  rarp: 'rarp',
  ipv4: 'ipv4',
  ipv6: 'ipv6',
  vlan: 'vlan',
  /** The default table. */
  dlft: 'root',
};

/** Frame types that `<ip version=>` and `<ether-allow protocols=>` name. */
export const TYPE_OF_VERSION: Readonly<Record<string, string>> = { '4': 'ipv4', '6': 'ipv6' };
