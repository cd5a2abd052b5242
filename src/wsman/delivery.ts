/** How a subscriber wants its events: the wse:Delivery of a Subscribe. Source: DSP0226 §10.2. */
import { attribute, child, childrenNamed, type Element, el, elements, text } from '../xml/element.js';
import { parseDuration } from './duration.js';
import { type FaultDetail, soapFault } from './faults.js';
import { DELIVERY_MODE, NS, SECURITY_PROFILE_BASE } from './namespaces.js';

/** Where messages go: the address, and what must be sent along as headers. */
export interface Endpoint {
  readonly address: string;
  /** Children of ReferenceParameters and of ReferenceProperties, which openwsman's clients still write. */
  readonly parameters: readonly Element[];
}

export type DeliveryMode = keyof typeof DELIVERY_MODE;

/** What to do about an event that cannot be sent: say how many there were, say nothing, or end the subscription. */
export const DROP_POLICIES = ['Notify', 'Skip', 'CancelSubscription'] as const;
export type DropPolicy = (typeof DROP_POLICIES)[number];

/** Milliseconds between attempts, and attempts after the first; both zero: no second attempt. */
export interface Retry {
  readonly interval: number;
  readonly total: number;
}

export interface Delivery {
  readonly mode: DeliveryMode;
  /** Undefined for Pull, where the subscriber comes to us. */
  readonly notifyTo: Endpoint | undefined;
  /** Milliseconds without an event after which a sign of life is wanted. */
  readonly heartbeat: number | undefined;
  readonly retry: Retry | undefined;
  /** Events in one message, at most. */
  readonly maxElements: number | undefined;
  /** Milliseconds an event may wait for others. */
  readonly maxTime: number | undefined;
  /** Octets of a message, at most. */
  readonly maxEnvelopeSize: number | undefined;
  readonly dropPolicy: DropPolicy;
  /** Character encoding wanted, as written. */
  readonly contentEncoding: string | undefined;
}

type Feature = FaultDetail<'wsman:UnsupportedFeature'>;
const unsupported = (feature: Feature, reason: string) =>
  soapFault('wsman:UnsupportedFeature', feature, reason);

/** More attempts than this, or further apart, are no policy but a leak. */
const MOST_RETRIES = 1000;
const LONGEST_INTERVAL = 60 * 60_000;
const SHORTEST_HEARTBEAT = 1000;
const SMALLEST_ENVELOPE = 8192;

/** Faults: DeliveryModeRequestedUnavailable with the modes there are, InvalidMessage, UnsupportedFeature. */
export function readDelivery(delivery: Element): Delivery {
  const mode = readMode(attribute(delivery, 'Mode')?.trim());
  const notifyTo = child(delivery, NS.wse, 'NotifyTo');
  if (!notifyTo && mode !== 'pull')
    throw soapFault('wse:InvalidMessage', 'MissingValues', 'wse:NotifyTo is missing');
  const auth = child(delivery, NS.wsman, 'Auth');
  checkAuthorisation(auth);
  // openwsman's clients put it inside wsman:Auth where there is one.
  const heartbeats = child(delivery, NS.wsman, 'Heartbeats') ?? (auth && child(auth, NS.wsman, 'Heartbeats'));
  const encoding = child(delivery, NS.wsman, 'ContentEncoding');
  return {
    mode,
    notifyTo: mode === 'pull' ? undefined : notifyTo && readEndpoint(notifyTo),
    heartbeat: duration(heartbeats, 'Heartbeats', SHORTEST_HEARTBEAT),
    retry: readRetry(child(delivery, NS.wsman, 'ConnectionRetry')),
    maxElements: count(child(delivery, NS.wsman, 'MaxElements'), 'MaxElements', 1),
    maxTime: duration(child(delivery, NS.wsman, 'MaxTime'), 'MaxTime', 1),
    ...readEnvelope(child(delivery, NS.wsman, 'MaxEnvelopeSize')),
    contentEncoding: encoding && text(encoding).trim(),
  };
}

function readMode(uri: string | undefined): DeliveryMode {
  if (uri === undefined || uri === '') return 'push';
  const found = (Object.keys(DELIVERY_MODE) as DeliveryMode[]).find((mode) => DELIVERY_MODE[mode] === uri);
  if (found) return found;
  const detail = Object.values(DELIVERY_MODE).map((mode) => el(NS.wse, 'SupportedDeliveryMode', {}, mode));
  throw soapFault('wse:DeliveryModeRequestedUnavailable', undefined, 'no such delivery mode', { detail });
}

/** We prove to nobody who we are: a sink that wants us to must be refused, not found out about later. */
function checkAuthorisation(auth: Element | undefined): void {
  const profile = auth && attribute(auth, 'Profile')?.trim();
  if (profile?.startsWith(SECURITY_PROFILE_BASE))
    throw unsupported('AuthorizationMode', 'events are sent without credentials');
}

function readRetry(element: Element | undefined): Retry | undefined {
  if (!element) return undefined;
  const interval = parseDuration(text(element));
  const written = attribute(element, 'Total')?.trim() ?? '';
  const total = /^\+?\d{1,9}$/.test(written) ? Number(written) : undefined;
  if (interval === undefined || interval < 0 || total === undefined)
    throw unsupported('DeliveryRetries', 'ConnectionRetry needs a duration and a number Total');
  if ((interval === 0) !== (total === 0))
    throw unsupported('DeliveryRetries', 'ConnectionRetry and its Total are both zero or neither is');
  if (interval > LONGEST_INTERVAL || total > MOST_RETRIES)
    throw unsupported('DeliveryRetries', `at most ${MOST_RETRIES} retries, at most an hour apart`);
  return { interval, total };
}

function readEnvelope(element: Element | undefined): Pick<Delivery, 'maxEnvelopeSize' | 'dropPolicy'> {
  if (!element) return { maxEnvelopeSize: undefined, dropPolicy: 'Notify' };
  const wanted = attribute(element, 'Policy')?.trim();
  const dropPolicy = wanted === undefined ? 'Notify' : DROP_POLICIES.find((name) => name === wanted);
  if (!dropPolicy) throw unsupported('MaxEnvelopePolicy', 'no such Policy of MaxEnvelopeSize');
  return { maxEnvelopeSize: count(element, 'MaxEnvelopeSize', SMALLEST_ENVELOPE), dropPolicy };
}

function duration(
  element: Element | undefined,
  feature: 'Heartbeats' | 'MaxTime',
  least: number,
): number | undefined {
  if (!element) return undefined;
  const milliseconds = parseDuration(text(element));
  if (milliseconds === undefined || milliseconds < 0)
    throw unsupported(feature, `${element.local} is no duration`);
  if (milliseconds === 0) return undefined;
  return Math.max(milliseconds, least);
}

function count(
  element: Element | undefined,
  feature: 'MaxElements' | 'MaxEnvelopeSize',
  least: number,
): number | undefined {
  if (!element) return undefined;
  const digits = text(element).trim();
  const number = /^\+?\d{1,15}$/.test(digits) ? Number(digits) : 0;
  if (number < least) throw unsupported(feature, `${element.local} is no number of ${least} or more`);
  return number;
}

/** A wse:NotifyTo or wse:EndTo in either version of addressing. Faults: InvalidMessage without an address. */
export function readEndpoint(element: Element): Endpoint {
  const ns = [NS.wsa, NS.wsa10].find((version) => child(element, version, 'Address')) ?? NS.wsa;
  const address = child(element, ns, 'Address');
  const parameters = ['ReferenceProperties', 'ReferenceParameters'].flatMap((local) =>
    childrenNamed(element, ns, local).flatMap(elements),
  );
  if (!address)
    throw soapFault('wse:InvalidMessage', 'MissingValues', `wse:${element.local} has no wsa:Address`);
  return { address: text(address).trim(), parameters };
}
