/** Namespaces, prefixes and URIs of WS-Management. Sources: DSP0226 annex A, DSP0227 §5, WS-Addressing 2004/08 and 2005/08. */

export const NS = {
  s: 'http://www.w3.org/2003/05/soap-envelope',
  s11: 'http://schemas.xmlsoap.org/soap/envelope/',
  wsa: 'http://schemas.xmlsoap.org/ws/2004/08/addressing',
  wsa10: 'http://www.w3.org/2005/08/addressing',
  wxf: 'http://schemas.xmlsoap.org/ws/2004/09/transfer',
  wsen: 'http://schemas.xmlsoap.org/ws/2004/09/enumeration',
  wse: 'http://schemas.xmlsoap.org/ws/2004/08/eventing',
  wsman: 'http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd',
  wsmid: 'http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd',
  wsmb: 'http://schemas.dmtf.org/wbem/wsman/1/cimbinding.xsd',
  cim: 'http://schemas.dmtf.org/wbem/wscim/1/common',
  xsi: 'http://www.w3.org/2001/XMLSchema-instance',
  xml: 'http://www.w3.org/XML/1998/namespace',
} as const;

/** The prefixes our messages use. Clients exist that compare them as text, so they are part of what we promise. */
const PREFIXES: Readonly<Record<string, string>> = {
  [NS.s]: 's',
  [NS.wxf]: 'wxf',
  [NS.wsen]: 'wsen',
  [NS.wse]: 'wse',
  [NS.wsman]: 'wsman',
  [NS.wsmid]: 'wsmid',
  [NS.wsmb]: 'wsmb',
  [NS.cim]: 'cim',
  [NS.xsi]: 'xsi',
};

/** The two versions of WS-Addressing a request may use; it is answered in its own. */
export type AddressingNs = typeof NS.wsa | typeof NS.wsa10;

/** Prefix of every namespace of ours, `wsa` being the version of addressing in use. */
export const PREFIXES_WITH: Readonly<Record<AddressingNs, Readonly<Record<string, string>>>> = {
  [NS.wsa]: { ...PREFIXES, [NS.wsa]: 'wsa' },
  [NS.wsa10]: { ...PREFIXES, [NS.wsa10]: 'wsa' },
};

/** The address that means "on this connection". */
export const ANONYMOUS: Readonly<Record<AddressingNs, string>> = {
  [NS.wsa]: `${NS.wsa}/role/anonymous`,
  [NS.wsa10]: `${NS.wsa10}/anonymous`,
};

const WSMAN_BASE = 'http://schemas.dmtf.org/wbem/wsman/1/wsman';

/** URIs of actions; a response's is its request's with `Response` appended. */
export const ACTION = {
  get: `${NS.wxf}/Get`,
  put: `${NS.wxf}/Put`,
  create: `${NS.wxf}/Create`,
  delete: `${NS.wxf}/Delete`,
  enumerate: `${NS.wsen}/Enumerate`,
  pull: `${NS.wsen}/Pull`,
  release: `${NS.wsen}/Release`,
  renewEnumeration: `${NS.wsen}/Renew`,
  enumerationStatus: `${NS.wsen}/GetStatus`,
  subscribe: `${NS.wse}/Subscribe`,
  renew: `${NS.wse}/Renew`,
  getStatus: `${NS.wse}/GetStatus`,
  unsubscribe: `${NS.wse}/Unsubscribe`,
} as const;

/** Actions of what goes to a subscriber (DSP0226 §10). */
export const EVENT_ACTION = {
  event: `${WSMAN_BASE}/Event`,
  events: `${WSMAN_BASE}/Events`,
  heartbeat: `${WSMAN_BASE}/Heartbeat`,
  dropped: `${WSMAN_BASE}/DroppedEvents`,
  ack: `${WSMAN_BASE}/Ack`,
  end: `${NS.wse}/SubscriptionEnd`,
} as const;

/** openwsman's base of these actions, a slip of the pen: understood, never written. */
const WSMAN_BASE_SLIP = 'http://schemas.xmlsoap.org/wbmem/wsman/1/wsman';

/** True when an action is `wanted`, or its form with openwsman's base. */
export function isEventAction(action: string, wanted: string): boolean {
  return action === wanted || action === wanted.replace(WSMAN_BASE, WSMAN_BASE_SLIP);
}

/** How events reach a subscriber (DSP0226 §10.2.9). */
export const DELIVERY_MODE = {
  push: `${NS.wse}/DeliveryModes/Push`,
  pushWithAck: `${WSMAN_BASE}/PushWithAck`,
  events: `${WSMAN_BASE}/Events`,
  pull: `${WSMAN_BASE}/Pull`,
} as const;

/** Action of a fault, by the namespace of its subcode (DSP0226 §14.1). SOAP's own faults go with addressing. */
export const FAULT_ACTION = {
  wsa: `${NS.wsa}/fault`,
  wsa10: `${NS.wsa10}/fault`,
  wxf: `${NS.wxf}/fault`,
  wsen: `${NS.wsen}/fault`,
  wse: `${NS.wse}/fault`,
  wsman: `${WSMAN_BASE}/fault`,
  wsmb: 'http://schemas.dmtf.org/wbem/wsman/1/cimbinding/fault',
} as const;

export const FAULT_DETAIL_BASE = `${WSMAN_BASE}/faultDetail/`;

/** Filter and fragment dialects (DSP0226 §8.3, annexes D and E; DSP0227 §8.2; DSP0202). */
export const DIALECT = {
  selector: `${WSMAN_BASE}/SelectorFilter`,
  xpath: 'http://www.w3.org/TR/1999/REC-xpath-19991116',
  xpath1: `${WSMAN_BASE}/xpath1`,
  xpath2: `${WSMAN_BASE}/xpath2`,
  wql: 'http://schemas.microsoft.com/wbem/wsman/1/WQL',
  /** Pegasus' spelling. */
  wqlDmtf: 'http://schemas.dmtf.org/wbem/wsman/1/WQL',
  cql: 'http://schemas.dmtf.org/wbem/cql/1/dsp0202.pdf',
  association: 'http://schemas.dmtf.org/wbem/wsman/1/cimbinding/associationFilter',
} as const;

export const SECURITY_PROFILE_BASE = `${WSMAN_BASE}/secprofile/`;
