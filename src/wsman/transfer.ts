/** Bodies of WS-Transfer. Source: DSP0226 §7, WS-Transfer §3. */
import { type Element, el } from '../xml/element.js';
import { fragment } from './answer.js';
import { inVersion } from './epr.js';
import { soapFault } from './faults.js';
import { type AddressingNs, NS } from './namespaces.js';

/** The one element that a Put or Create carries. Faults: InvalidRepresentation. */
export function readRepresentation(body: readonly Element[]): Element {
  const [first, ...others] = body;
  if (!first || others.length > 0)
    throw soapFault('wxf:InvalidRepresentation', 'MissingValues', 'the body must hold one representation');
  return first;
}

/** Body of a CreateResponse: the content of the reference of what was created, in 2004/08 addressing. */
export function resourceCreated(content: readonly Element[], addressing: AddressingNs): string {
  return fragment(inVersion(el(NS.wxf, 'ResourceCreated', {}, ...content), addressing), addressing);
}

/** Header that answers wsman:RequestEPR (DSP0226 §6.5), from a wsa:EndpointReference in 2004/08 addressing. */
export function requestedEpr(reference: Element, addressing: AddressingNs): Element {
  return inVersion(el(NS.wsman, 'RequestedEPR', {}, reference), addressing);
}

/** The same where there is no reference: what it named is gone, or nothing has one. */
export function noEpr(why: 'EPRInvalid' | 'EPRUnknown'): Element {
  return el(NS.wsman, 'RequestedEPR', {}, el(NS.wsman, why));
}
