/** Reads a request message. Sources: SOAP 1.2 part 1 §5, DSP0226 §5-6, WS-Addressing. */
import { child, childrenNamed, type Element, elements, text } from '../xml/element.js';
import { checkSelectors } from './epr.js';
import { soapFault } from './faults.js';
import { type Fragment, readFragment } from './fragment.js';
import {
  checkHeaders,
  checkLocale,
  type MaxEnvelopeSize,
  readMaxEnvelopeSize,
  readOperationTimeout,
  required,
  uriOf,
} from './headers.js';
import { ACTION, type AddressingNs, ANONYMOUS, NS } from './namespaces.js';
import { type Option, readOptions } from './options.js';

/** What an answer needs to find its way back; known also when the rest of the request is wrong. */
export interface Addressing {
  readonly ns: AddressingNs;
  /** As sent; absent when it could not be read. */
  readonly messageId: string | undefined;
  /** Children of ReplyTo's reference parameters, and of FaultTo's (ReplyTo's where there is no FaultTo). */
  readonly replyParameters: readonly Element[];
  readonly faultParameters: readonly Element[];
}

export interface Request {
  readonly addressing: Addressing;
  readonly action: string;
  /** '' where none is needed: a subscription is named by its identifier alone. */
  readonly resourceUri: string;
  /** The address we were written to, as the sender put it. */
  readonly to: string | undefined;
  /** Of the subscription the request is about. */
  readonly identifier: string | undefined;
  /** The wsman:SelectorSet, checked for names given twice. */
  readonly selectors: Element | undefined;
  /** Milliseconds. */
  readonly operationTimeout: number | undefined;
  readonly maxEnvelopeSize: MaxEnvelopeSize | undefined;
  readonly fragment: Fragment | undefined;
  readonly options: readonly Option[];
  /** The sender wants the endpoint reference of what it wrote. */
  readonly requestEpr: boolean;
  /** The sender wants to know how many items there are. */
  readonly requestTotal: boolean;
  readonly body: readonly Element[];
}

const VERSIONS = [NS.wsa, NS.wsa10] as const;

/** What is asked of a subscription's manager (DSP0226 §10.3-5). */
const OF_SUBSCRIPTION: readonly string[] = [ACTION.renew, ACTION.getStatus, ACTION.unsubscribe];

function headersOf(root: Element): readonly Element[] {
  const header = child(root, root.ns, 'Header');
  return header ? elements(header) : [];
}

/** Never throws: what cannot be read is absent. */
export function readAddressing(root: Element): Addressing {
  const headers = headersOf(root);
  const ns = VERSIONS.find((version) => headers.some((header) => header.ns === version)) ?? NS.wsa;
  const named = (local: string) => headers.find((header) => header.ns === ns && header.local === local);
  const parameters = (endpoint: Element | undefined) =>
    endpoint === undefined
      ? undefined
      : ['ReferenceProperties', 'ReferenceParameters'].flatMap((local) =>
          childrenNamed(endpoint, ns, local).flatMap(elements),
        );
  const id = named('MessageID');
  const replyParameters = parameters(named('ReplyTo')) ?? [];
  return {
    ns,
    messageId: id && (text(id).trim() || undefined),
    replyParameters,
    faultParameters: parameters(named('FaultTo')) ?? replyParameters,
  };
}

/** The one Body of a SOAP 1.2 envelope. Faults: s:VersionMismatch for other SOAP, SchemaValidationError for other documents. */
export function bodyOf(root: Element): Element {
  if (root.local !== 'Envelope')
    throw soapFault('wsman:SchemaValidationError', undefined, 'the document is no SOAP envelope');
  if (root.ns !== NS.s) throw soapFault('s:VersionMismatch', undefined, 'only SOAP 1.2 is spoken here');
  const parts = elements(root).map(({ ns, local }) => (ns === NS.s ? local : '?'));
  if (!['Header Body', 'Body'].includes(parts.join(' ')))
    throw soapFault('wsman:SchemaValidationError', undefined, 'an envelope holds a Header and one Body');
  return child(root, NS.s, 'Body')!;
}

/** True for the Identify request, which needs no header at all (DSP0226 §11). */
export function isIdentify(root: Element): boolean {
  const [first] = elements(bodyOf(root));
  return first?.ns === NS.wsmid && first.local === 'Identify';
}

/** Reads everything but the body's content. Throws the SoapFault that DSP0226 has for what is wrong. */
export function readRequest(root: Element, addressing: Addressing): Request {
  const body = elements(bodyOf(root));
  const headers = checkHeaders(headersOf(root));
  const find = (ns: string, local: string) => headers.find((h) => h.ns === ns && h.local === local);
  const missing = 'wsa:MessageInformationHeaderRequired';
  const action = required(uriOf(find(addressing.ns, 'Action')), 'wsa:Action', missing);
  required(addressing.messageId, 'wsa:MessageID', missing);
  const to = uriOf(find(addressing.ns, 'To'));
  if (addressing.ns === NS.wsa) required(to, 'wsa:To', missing);
  for (const local of ['ReplyTo', 'FaultTo']) checkAnonymous(find(addressing.ns, local), addressing.ns);
  checkLocale(find(NS.wsman, 'Locale'));
  const resourceUri = uriOf(find(NS.wsman, 'ResourceURI'));
  if (resourceUri === undefined && !OF_SUBSCRIPTION.includes(action))
    throw soapFault('wsa:DestinationUnreachable', 'InvalidResourceURI', 'wsman:ResourceURI is missing');
  const selectors = find(NS.wsman, 'SelectorSet');
  if (selectors) checkSelectors(selectors);
  return {
    addressing,
    action,
    resourceUri: resourceUri ?? '',
    to,
    identifier: uriOf(find(NS.wse, 'Identifier')),
    selectors,
    operationTimeout: readOperationTimeout(find(NS.wsman, 'OperationTimeout')),
    maxEnvelopeSize: readMaxEnvelopeSize(find(NS.wsman, 'MaxEnvelopeSize')),
    fragment: readFragment(find(NS.wsman, 'FragmentTransfer')),
    options: readOptions(find(NS.wsman, 'OptionSet')),
    requestEpr: find(NS.wsman, 'RequestEPR') !== undefined,
    requestTotal: find(NS.wsman, 'RequestTotalItemsCountEstimate') !== undefined,
    body,
  };
}

/** Answers go back on the request's connection only (DSP0226 R5.4.2-2); no address at all means that too. */
function checkAnonymous(endpoint: Element | undefined, ns: AddressingNs): void {
  if (!endpoint) return;
  const address = uriOf(child(endpoint, ns, 'Address'));
  if (address !== undefined && !Object.values(ANONYMOUS).includes(address))
    throw soapFault(
      'wsman:UnsupportedFeature',
      'AddressingMode',
      `${endpoint.local} must be the anonymous address`,
    );
}
