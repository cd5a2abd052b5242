/** Writes response and fault messages as text. Sources: DSP0226 §5.4 (reply headers), §14 (faults), SOAP 1.2 part 1 §5.4. */
import { type Element, el } from '../xml/element.js';
import { escapeText, type SerialiseOptions, serialise, withoutIllegal, XML_NS } from '../xml/serialise.js';
import type { Addressing } from './envelope.js';
import { FAULTS, type SoapFault, WSA10_SUBCODES } from './faults.js';
import {
  type AddressingNs,
  ANONYMOUS,
  FAULT_ACTION,
  FAULT_DETAIL_BASE,
  NS,
  PREFIXES_WITH,
} from './namespaces.js';
import type { Text } from './text.js';

/** What an operation answers: the body as text made by `fragment`, and headers beside the usual ones. */
export interface Answer {
  readonly action: string;
  readonly body: Text;
  readonly headers?: readonly Element[];
}

const openings: Readonly<Record<AddressingNs, string>> = {
  [NS.wsa]: opening(NS.wsa),
  [NS.wsa10]: opening(NS.wsa10),
};

const SCOPES: Readonly<Record<AddressingNs, SerialiseOptions>> = {
  [NS.wsa]: { prefixes: PREFIXES_WITH[NS.wsa], inScope: [NS.s, NS.wsa, NS.wsman] },
  [NS.wsa10]: { prefixes: PREFIXES_WITH[NS.wsa10], inScope: [NS.s, NS.wsa10, NS.wsman] },
};

/** Where answers go: back on the connection they were asked on. */
const toNobody: Readonly<Record<AddressingNs, string>> = {
  [NS.wsa]: header('wsa:To', ANONYMOUS[NS.wsa]),
  [NS.wsa10]: header('wsa:To', ANONYMOUS[NS.wsa10]),
};

function opening(addressing: AddressingNs): string {
  return `<s:Envelope xmlns:s="${NS.s}" xmlns:wsa="${addressing}" xmlns:wsman="${NS.wsman}">`;
}

/**
 * Text of an element that will stand in an envelope's body. `prefixes` are for namespaces of the content, such as a class's;
 * s, wsa and wsman are declared by the envelope, all others on the element itself.
 */
export function fragment(
  element: Element,
  addressing: AddressingNs,
  prefixes?: Readonly<Record<string, string>>,
): string {
  const scope = SCOPES[addressing];
  return serialise(element, prefixes ? { ...scope, prefixes: { ...scope.prefixes, ...prefixes } } : scope);
}

/** A header with text. */
export function header(name: string, content: string): string {
  return `<${name}>${escapeText(content)}</${name}>`;
}

const before = (addressing: AddressingNs, headers: string) =>
  `${openings[addressing]}<s:Header>${headers}</s:Header><s:Body>`;
const AFTER = '</s:Body></s:Envelope>';

/** An envelope without XML declaration, of headers and a body as texts made by `header` and `fragment`. */
export function envelope(addressing: AddressingNs, headers: string, body: string): string {
  return before(addressing, headers) + body + AFTER;
}

/** A response to one request. `messageId` is fresh. */
export function writeAnswer(answer: Answer, addressing: Addressing, messageId: string): Text {
  const { ns, replyParameters } = addressing;
  const more = [...replyParameters.map((p) => asParameter(p, ns)), ...(answer.headers ?? [])];
  const headers = headersOf(answer.action, addressing, messageId, more);
  const { body } = answer;
  return typeof body === 'string' ? envelope(ns, headers, body) : [before(ns, headers), ...body, AFTER];
}

function headersOf(
  action: string,
  { ns, messageId: relatesTo }: Addressing,
  messageId: string,
  more: readonly Element[],
): string {
  const relates = relatesTo === undefined ? '' : header('wsa:RelatesTo', relatesTo);
  const usual = `${toNobody[ns]}${header('wsa:Action', action)}${header('wsa:MessageID', messageId)}${relates}`;
  return more.reduce((text, element) => text + fragment(element, ns), usual);
}

/** A reference parameter as a header; 2005/08 wants it marked (SOAP binding §3.4). */
export function asParameter(parameter: Element, ns: AddressingNs): Element {
  if (ns === NS.wsa) return parameter;
  const mark = { ns, local: 'IsReferenceParameter', value: 'true' };
  return { ...parameter, attributes: [...parameter.attributes, mark] };
}

/** A fault must fit into 8192 octets (DSP0226 §14): the reason is what may be long. */
const LONGEST_REASON = 2000;

export function writeFault(fault: SoapFault, addressing: Addressing, messageId: string): string {
  const { ns } = addressing;
  const { code } = FAULTS[fault.fault];
  const subcode = (ns === NS.wsa10 && WSA10_SUBCODES[fault.fault]) || fault.fault;
  const own = subcode.startsWith('s:');
  const subcodeNs = namespaceOf(subcode.slice(0, subcode.indexOf(':')), ns);
  const detail = [
    ...(fault.detail === undefined
      ? []
      : [el(NS.wsman, 'FaultDetail', {}, FAULT_DETAIL_BASE + fault.detail)]),
    ...(fault.extras.detail ?? []),
  ];
  const body = el(
    NS.s,
    'Fault',
    {},
    el(
      NS.s,
      'Code',
      {},
      el(NS.s, 'Value', {}, `s:${code}`),
      ...(own ? [] : [el(NS.s, 'Subcode', {}, el(NS.s, 'Value', {}, subcode))]),
    ),
    el(NS.s, 'Reason', {}, reasonText(fault.message)),
    ...(detail.length === 0 ? [] : [el(NS.s, 'Detail', {}, ...detail)]),
  );
  const text = serialise(body, {
    prefixes: PREFIXES_WITH[ns],
    declare: [subcodeNs],
    inScope: [NS.s, ns, NS.wsman],
  });
  const parameters = addressing.faultParameters.map((p) => asParameter(p, ns));
  const usual = headersOf(actionOf(subcodeNs), addressing, messageId, parameters);
  return envelope(ns, `${usual}${faultHeaders(fault)}`, text);
}

function namespaceOf(prefix: string, addressing: AddressingNs): string {
  if (prefix === 'wsa' || prefix === 's') return addressing;
  return NS[prefix as 'wsman' | 'wsmb' | 'wxf' | 'wsen' | 'wse'];
}

function actionOf(ns: string): string {
  return Object.entries(FAULT_ACTION).find(([prefix]) => NS[prefix as keyof typeof FAULT_ACTION] === ns)![1];
}

function reasonText(reason: string): Element {
  const shown = reason.length > LONGEST_REASON ? `${reason.slice(0, LONGEST_REASON)}…` : reason;
  const lang = { ns: XML_NS, local: 'lang', value: 'en-US' };
  return { ns: NS.s, local: 'Text', attributes: [lang], children: [withoutIllegal(shown)] };
}

/** What SOAP wants beside its own two faults: the headers not understood, the envelopes that would be (§5.4.7-8). */
function faultHeaders(fault: SoapFault): string {
  if (fault.fault === 's:VersionMismatch')
    return '<s:Upgrade><s:SupportedEnvelope qname="s:Envelope"/></s:Upgrade>';
  return (fault.extras.notUnderstood ?? [])
    .map(({ ns, local }) => {
      const prefixes = { [ns]: 'n1', [NS.s]: 's' };
      return serialise(el(NS.s, 'NotUnderstood', { qname: ns === '' ? local : `${prefixes[ns]}:${local}` }), {
        prefixes,
        declare: ns === '' || ns === NS.s ? [] : [ns],
        inScope: [NS.s],
      });
    })
    .join('');
}
