/** Bodies of WS-Eventing. Sources: DSP0226 §10, WS-Eventing (August 2004) §3. */
import { attribute, child, childrenNamed, type Element, el, elements, text } from '../xml/element.js';
import { fragment } from './answer.js';
import { type Delivery, type Endpoint, readDelivery, readEndpoint } from './delivery.js';
import { type Expiration, formatDuration, parseExpiration } from './duration.js';
import type { Filter } from './enumeration.js';
import { inVersion } from './epr.js';
import { soapFault } from './faults.js';
import { type AddressingNs, ANONYMOUS, DIALECT, NS } from './namespaces.js';

export interface Subscribe {
  readonly delivery: Delivery;
  /** Who is told when the subscription ends before its time. */
  readonly endTo: Endpoint | undefined;
  readonly expires: Expiration | undefined;
  readonly filter: Filter | undefined;
}

const invalid = (reason: string) => soapFault('wse:InvalidMessage', undefined, reason);

function only(body: readonly Element[], local: string): Element {
  const [first, ...others] = body;
  if (others.length > 0 || first?.ns !== NS.wse || first.local !== local)
    throw invalid(`the body must hold one wse:${local}`);
  return first;
}

/** Children in any order, unknown ones ignored. Throws the SoapFault that DSP0226 §10.2 has for what is wrong. */
export function readSubscribe(body: readonly Element[]): Subscribe {
  const subscribe = only(body, 'Subscribe');
  const delivery = child(subscribe, NS.wse, 'Delivery');
  if (!delivery) throw invalid('wse:Delivery is missing');
  for (const local of ['SendBookmarks', 'Bookmark'])
    if (child(subscribe, NS.wsman, local))
      throw soapFault('wsman:UnsupportedFeature', 'Bookmarks', 'there is no log of events to go back in');
  const endTo = child(subscribe, NS.wse, 'EndTo');
  return {
    delivery: readDelivery(delivery),
    endTo: endTo && readEndpoint(endTo),
    expires: readExpires(subscribe),
    filter: readFilter(subscribe),
  };
}

/** What a Renew asks for. Faults: InvalidMessage, InvalidExpirationTime. */
export function readRenew(body: readonly Element[]): Expiration | undefined {
  return readExpires(only(body, 'Renew'));
}

/** Faults: InvalidMessage. */
export function checkEmpty(body: readonly Element[], local: 'GetStatus' | 'Unsubscribe'): void {
  only(body, local);
}

function readExpires(parent: Element): Expiration | undefined {
  const element = child(parent, NS.wse, 'Expires');
  if (!element) return undefined;
  const expiration = parseExpiration(text(element));
  if (!expiration || (expiration.kind === 'after' && expiration.milliseconds <= 0))
    throw soapFault(
      'wse:InvalidExpirationTime',
      'ExpirationTime',
      'Expires is no duration above zero and no time',
    );
  return expiration;
}

function readFilter(subscribe: Element): Filter | undefined {
  const [filter, ...others] = [NS.wse, NS.wsman].flatMap((ns) => childrenNamed(subscribe, ns, 'Filter'));
  if (!filter) return undefined;
  if (others.length > 0) throw invalid('wse:Filter and wsman:Filter exclude each other');
  const [inside] = elements(filter);
  return {
    dialect: attribute(filter, 'Dialect')?.trim() ?? DIALECT.xpath,
    content: inside ?? text(filter).trim(),
  };
}

/** How a subscription is named: what a manager sends back to us. `address`: ours, as the subscriber knows it. */
export interface Manager {
  readonly address: string;
  readonly identifier: string;
}

/** The wse:SubscriptionManager, in 2004/08 addressing. */
export function subscriptionManager({ address, identifier }: Manager): Element {
  return el(
    NS.wse,
    'SubscriptionManager',
    {},
    el(NS.wsa, 'Address', {}, address === '' ? ANONYMOUS[NS.wsa] : address),
    el(NS.wsa, 'ReferenceParameters', {}, el(NS.wse, 'Identifier', {}, identifier)),
  );
}

/** Body of a SubscribeResponse; `context` is what a Pull subscription is pulled with. `expires`: milliseconds from now. */
export function subscribeResponse(
  manager: Manager,
  expires: number,
  context: string | undefined,
  addressing: AddressingNs,
): string {
  const response = el(
    NS.wse,
    'SubscribeResponse',
    {},
    subscriptionManager(manager),
    el(NS.wse, 'Expires', {}, formatDuration(expires)),
    ...(context === undefined ? [] : [el(NS.wsen, 'EnumerationContext', {}, context)]),
  );
  return fragment(inVersion(response, addressing), addressing);
}

/** Body of a RenewResponse or GetStatusResponse. `expires`: milliseconds from now. */
export function expiresResponse(
  local: 'RenewResponse' | 'GetStatusResponse',
  expires: number,
  addressing: AddressingNs,
): string {
  return fragment(el(NS.wse, local, {}, el(NS.wse, 'Expires', {}, formatDuration(expires))), addressing);
}
