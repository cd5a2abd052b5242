/** Pull and Release of what is not an enumeration but a subscription: mode Pull. Source: DSP0226 §10.2.9.5. */
import { type Answer, writeAnswer } from '../wsman/answer.js';
import { pullResponse, readOfContext, readPull } from '../wsman/enumeration.js';
import { type Notice, noticeText } from '../wsman/event-messages.js';
import { soapFault } from '../wsman/faults.js';
import { ACTION } from '../wsman/namespaces.js';
import { pull, release } from './enumerate.js';
import type { Exchange } from './exchange.js';
import type { Subscription } from './subscription.js';

export async function pullAny(exchange: Exchange): Promise<Answer> {
  const { request, caller, subscriptions } = exchange;
  const found = subscriptions.pulledWith(readPull(request.body).context, caller);
  return found ? pullEvents(exchange, found) : pull(exchange);
}

export async function releaseAny(exchange: Exchange): Promise<Answer> {
  const { request, caller, subscriptions } = exchange;
  const found = subscriptions.pulledWith(readOfContext(request.body, 'Release'), caller);
  if (!found) return release(exchange);
  found.cancel();
  return { action: `${ACTION.release}Response`, body: '' };
}

/**
 * Waits for events, no longer than the subscriber does. An empty answer is the heartbeat: clients exist that unsubscribe when they
 * see another. Faults: Concurrency, TimedOut, InvalidEnumerationContext when it ended meanwhile, EncodingLimit.
 */
async function pullEvents(exchange: Exchange, subscription: Subscription): Promise<Answer> {
  if (subscription.pulling)
    throw soapFault('wsman:Concurrency', undefined, 'another Pull of this subscription is under way');
  const { maxElements, maxTime, maxCharacters } = readPull(exchange.request.body);
  const { heartbeat } = subscription.terms.delivery;
  const patience = Math.min(exchange.patience, maxTime ?? Number.POSITIVE_INFINITY);
  subscription.pulling = true;
  try {
    await subscription.waitForEvents(Math.min(patience, heartbeat ?? Number.POSITIVE_INFINITY));
  } finally {
    subscription.pulling = false;
  }
  const { queue, context, over } = subscription;
  if (over) throw soapFault('wsen:InvalidEnumerationContext', undefined, 'the subscription has ended');
  if (queue.length === 0 && (heartbeat === undefined || heartbeat > patience))
    throw soapFault('wsman:TimedOut', undefined, 'nothing happened in time');
  const notices = queue.hold(limit(exchange, maxElements, maxCharacters));
  if (notices.length === 0 && queue.length > 0)
    throw soapFault(
      'wsman:EncodingLimit',
      'MaxEnvelopeSizeExceeded',
      'the next event alone is larger than MaxEnvelopeSize',
    );
  queue.done();
  return {
    action: `${ACTION.pull}Response`,
    body: pullResponse({ items: notices.map(noticeText), context }),
  };
}

function limit(
  { request, octets }: Exchange,
  maxElements: number,
  maxCharacters = Number.POSITIVE_INFINITY,
): (notice: Notice, index: number) => boolean {
  const id = `uuid:${'0'.repeat(36)}`;
  const empty = { action: `${ACTION.pull}Response`, body: pullResponse({ items: [], context: id }) };
  const frame = octets(writeAnswer(empty, request.addressing, id));
  let room = (request.maxEnvelopeSize?.octets ?? Number.POSITIVE_INFINITY) - frame;
  let left = maxCharacters;
  return (notice, index) => {
    const text = noticeText(notice);
    room -= octets(text);
    left -= text.length;
    return index < maxElements && room >= 0 && (left >= 0 || index === 0);
  };
}
