/** Messages of the SOAP service in both versions of SOAP. Sources: SOAP 1.1 §4, SOAP 1.2 part 1 §5. */
import { NwgateError } from '../model/errors.js';
import { FAULTS, type FaultName, SoapFault } from '../wsman/faults.js';
import { NS } from '../wsman/namespaces.js';
import { attribute, child, type Element, el, elements } from '../xml/element.js';
import { serialise, withoutIllegal, XML_NS } from '../xml/serialise.js';
import { FAULT_NS, FAULT_OF } from './faults.js';

export const SOAP_VERSIONS = [NS.s, NS.s11] as const;
export type SoapVersion = (typeof SOAP_VERSIONS)[number];

/** Content-Type of answers. */
export const SOAP_CONTENT_TYPE: Readonly<Record<SoapVersion, string>> = {
  [NS.s]: 'application/soap+xml;charset=UTF-8',
  [NS.s11]: 'text/xml;charset=UTF-8',
};

/** What is wrong with a message before any method is called. */
export class SoapRefusal extends Error {
  readonly code: 'Sender' | 'MustUnderstand' | 'VersionMismatch';

  constructor(code: SoapRefusal['code'], message: string) {
    super(message);
    this.name = 'SoapRefusal';
    this.code = code;
  }
}

export function versionOf(root: Element): SoapVersion | undefined {
  return root.local === 'Envelope' ? SOAP_VERSIONS.find((version) => version === root.ns) : undefined;
}

/** The one element of the body. Throws SoapRefusal; no header is understood. */
export function callOf(root: Element, version: SoapVersion): Element {
  const parts = elements(root).map(({ ns, local }) => (ns === version ? local : '?'));
  if (!['Header Body', 'Body'].includes(parts.join(' ')))
    throw new SoapRefusal('Sender', 'an envelope holds a Header and one Body');
  const header = child(root, version, 'Header');
  const mandatory = (header ? elements(header) : []).filter((each) =>
    ['1', 'true'].includes(attribute(each, 'mustUnderstand', version)?.trim() ?? ''),
  );
  if (mandatory.length > 0)
    throw new SoapRefusal('MustUnderstand', `not understood: ${mandatory.map((h) => h.local).join(', ')}`);
  const body = child(root, version, 'Body');
  const [call, ...others] = body ? elements(body) : [];
  if (!call || others.length > 0) throw new SoapRefusal('Sender', 'the body must hold one element');
  return call;
}

export interface SoapReply {
  readonly status: 200 | 400 | 500;
  readonly contentType: string;
  readonly text: string;
}

interface Cause {
  /** SOAP 1.2's word for whose fault it is. */
  readonly code: 'Sender' | 'Receiver' | 'MustUnderstand' | 'VersionMismatch';
  /** Ours, where we have one. */
  readonly errorCode: string;
  readonly reason: string;
}

/** SOAP 1.1's words for the same. */
const WORDS_11: Readonly<Record<Cause['code'], string>> = {
  Sender: 'Client',
  Receiver: 'Server',
  MustUnderstand: 'MustUnderstand',
  VersionMismatch: 'VersionMismatch',
};

function causeOf(error: unknown): Cause {
  if (error instanceof SoapRefusal) return { code: error.code, errorCode: 'USAGE', reason: error.message };
  // The encoding of a message is WS-Management's affair too, and refused in its words.
  if (error instanceof SoapFault)
    return { code: FAULTS[error.fault].code, errorCode: 'XML_FORBIDDEN', reason: error.message };
  if (!(error instanceof NwgateError))
    return { code: 'Receiver', errorCode: 'INTERNAL', reason: 'a fault in nwgate itself' };
  const fault: FaultName = FAULT_OF[error.code].fault;
  return { code: FAULTS[fault].code, errorCode: error.code, reason: error.message };
}

/** A fault with our code as subcode (1.2) and in the detail (both). SOAP 1.1 knows status 500 only. */
export function faultReply(error: unknown, version: SoapVersion): SoapReply {
  const cause = causeOf(error);
  const detail = el(FAULT_NS, 'ErrorCode', {}, cause.errorCode);
  const reason = withoutIllegal(cause.reason);
  const fault = version === NS.s ? fault12(cause, reason, detail) : fault11(cause, reason, detail);
  const envelope = el(version, 'Envelope', {}, el(version, 'Body', {}, fault));
  return {
    status: version === NS.s && cause.code !== 'Receiver' ? 400 : 500,
    contentType: SOAP_CONTENT_TYPE[version],
    text: serialise(envelope, { prefixes: { [version]: 's', [FAULT_NS]: 'nwg' } }),
  };
}

function fault12(cause: Cause, reason: string, detail: Element): Element {
  const lang = { ns: XML_NS, local: 'lang', value: 'en-US' };
  const value = (content: string) => el(NS.s, 'Value', {}, content);
  return el(
    NS.s,
    'Fault',
    {},
    el(NS.s, 'Code', {}, value(`s:${cause.code}`), el(NS.s, 'Subcode', {}, value(`nwg:${cause.errorCode}`))),
    el(NS.s, 'Reason', {}, { ns: NS.s, local: 'Text', attributes: [lang], children: [reason] }),
    el(NS.s, 'Detail', {}, detail),
  );
}

function fault11(cause: Cause, reason: string, detail: Element): Element {
  return el(
    NS.s11,
    'Fault',
    {},
    el('', 'faultcode', {}, `s:${WORDS_11[cause.code]}`),
    el('', 'faultstring', {}, reason),
    el('', 'detail', {}, detail),
  );
}
