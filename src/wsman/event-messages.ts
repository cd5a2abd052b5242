/** Messages to a subscriber, and what it answers. Sources: DSP0226 §10.2.9 (modes), §10.6-10.8, WS-Eventing §3.5. */
import { child, childText, type Element, el, elements, text } from '../xml/element.js';
import { XML_NS } from '../xml/serialise.js';
import { asParameter, envelope, fragment, header } from './answer.js';
import type { Endpoint } from './delivery.js';
import { inVersion } from './epr.js';
import { type Manager, subscriptionManager } from './eventing.js';
import { type AddressingNs, ANONYMOUS, EVENT_ACTION, isEventAction, NS } from './namespaces.js';

/** Something to tell: an instance as text made by `fragment`, or that events were left out. */
export type Notice =
  | { readonly kind: 'event'; readonly text: string }
  | { readonly kind: 'dropped'; readonly count: number };

export interface Outgoing {
  readonly to: Endpoint;
  readonly addressing: AddressingNs;
  readonly messageId: string;
  /** Wants a wsman:Ack. */
  readonly acknowledged: boolean;
}

function write(
  action: string,
  body: string,
  { to, addressing: ns, messageId, acknowledged }: Outgoing,
): string {
  const usual = [
    header('wsa:To', to.address),
    header('wsa:Action', action),
    header('wsa:MessageID', messageId),
  ];
  const more = [
    ...(acknowledged
      ? [el(ns, 'ReplyTo', {}, el(ns, 'Address', {}, ANONYMOUS[ns])), el(NS.wsman, 'AckRequested')]
      : []),
    ...to.parameters.map((parameter) => asParameter(parameter, ns)),
  ];
  return envelope(ns, [...usual, ...more.map((element) => fragment(element, ns))].join(''), body);
}

/** The pseudo-event that stands where events are missing (DSP0226 §10.2.10). */
function droppedText(count: number): string {
  return `<wsman:DroppedEvents Action="${EVENT_ACTION.dropped}">${count}</wsman:DroppedEvents>`;
}

/** What stands for a notice in a body. */
export function noticeText(notice: Notice): string {
  return notice.kind === 'event' ? notice.text : droppedText(notice.count);
}

const actionOf = ({ kind }: Notice) => (kind === 'event' ? EVENT_ACTION.event : EVENT_ACTION.dropped);

/** One notice by itself: modes Push and PushWithAck. */
export function writeEvent(notice: Notice, outgoing: Outgoing): string {
  return write(actionOf(notice), noticeText(notice), outgoing);
}

/** Several in one message: mode Events. None of them: a heartbeat. */
export function writeEvents(notices: readonly Notice[], outgoing: Outgoing): string {
  const list = notices.map(
    (notice) => `<wsman:Event Action="${actionOf(notice)}">${noticeText(notice)}</wsman:Event>`,
  );
  const events = list.length === 0 ? [`<wsman:Event Action="${EVENT_ACTION.heartbeat}"/>`] : list;
  return write(EVENT_ACTION.events, `<wsman:Events>${events.join('')}</wsman:Events>`, outgoing);
}

/** A sign of life in modes Push and PushWithAck. */
export function writeHeartbeat(outgoing: Outgoing): string {
  return write(EVENT_ACTION.heartbeat, '', outgoing);
}

/** Why a subscription ended before its time (WS-Eventing §3.5). */
export const END_REASONS = {
  DeliveryFailure: 'events could not be delivered',
  SourceShuttingDown: 'the gateway stops',
  SourceCancelling: 'the subscription was ended by the gateway',
} as const;
export type EndReason = keyof typeof END_REASONS;

/** Tells a wse:EndTo that its subscription is over. */
export function writeEnd(manager: Manager, reason: EndReason, outgoing: Outgoing): string {
  const lang = { ns: XML_NS, local: 'lang', value: 'en-US' };
  const words = { ns: NS.wse, local: 'Reason', attributes: [lang], children: [END_REASONS[reason]] };
  const body = el(
    NS.wse,
    'SubscriptionEnd',
    {},
    subscriptionManager(manager),
    el(NS.wse, 'Status', {}, `${NS.wse}/${reason}`),
    words,
  );
  const { addressing } = outgoing;
  return write(EVENT_ACTION.end, fragment(inVersion(body, addressing), addressing), outgoing);
}

/** Whether an envelope acknowledges a message of ours, in either version of addressing. */
export function acknowledges(root: Element, messageId: string): boolean {
  const header = child(root, NS.s, 'Header');
  if (!header) return false;
  return [NS.wsa, NS.wsa10].some((ns) => {
    const action = childText(header, ns, 'Action');
    return (
      action !== undefined &&
      isEventAction(action, EVENT_ACTION.ack) &&
      childText(header, ns, 'RelatesTo') === messageId
    );
  });
}

/** True for the fault by which a subscriber wants no more events (DSP0226 §10.8). */
export function refusesDelivery(root: Element): boolean {
  const body = child(root, NS.s, 'Body');
  const fault = body && child(body, NS.s, 'Fault');
  const code = fault && child(fault, NS.s, 'Code');
  const subcodes = code ? elements(code).filter(({ local }) => local === 'Subcode') : [];
  return subcodes.some((subcode) => /(^|:)DeliveryRefused$/.test(text(subcode).trim()));
}
