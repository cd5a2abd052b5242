/** Subscribe, Renew, GetStatus and Unsubscribe. Source: DSP0226 §10, DSP0227 §10. */
import type { Answer } from '../wsman/answer.js';
import type { Endpoint } from '../wsman/delivery.js';
import {
  checkEmpty,
  expiresResponse,
  readRenew,
  readSubscribe,
  subscribeResponse,
} from '../wsman/eventing.js';
import { soapFault } from '../wsman/faults.js';
import { ACTION } from '../wsman/namespaces.js';
import { encodingNamed } from './charset.js';
import { wantedBy } from './event-filters.js';
import type { Exchange } from './exchange.js';
import type { Subscription } from './subscription.js';

/** Faults: those of `readSubscribe` and `wantedBy`, EventDeliverToUnusable, EncodingLimit/CharacterSet, QuotaLimit. */
export async function subscribe(exchange: Exchange): Promise<Answer> {
  const { request, caller, objects, subscriptions, sinks } = exchange;
  const { delivery, endTo, expires, filter } = readSubscribe(request.body);
  const wanted = await wantedBy(request, filter, objects);
  const reached = (endpoint: Endpoint | undefined) =>
    endpoint && { url: sinks(endpoint.address, caller.from), endpoint };
  const encoding = encodingNamed(delivery.contentEncoding ?? 'UTF-8');
  if (!encoding) throw soapFault('wsman:EncodingLimit', 'CharacterSet', 'events are sent in UTF-8 or UTF-16');
  const { ns } = request.addressing;
  const granted = subscriptions.grant(expires);
  const made = subscriptions.add(
    {
      owner: caller.name,
      wanted,
      delivery,
      notifyTo: reached(delivery.notifyTo),
      endTo: reached(endTo),
      addressing: ns,
      encoding,
      address: ownAddress(request.to),
    },
    granted,
  );
  return {
    action: `${ACTION.subscribe}Response`,
    body: subscribeResponse(made.manager, granted, made.context, ns),
  };
}

/** What the subscriber calls us, where that is an address at all. */
function ownAddress(to: string | undefined): string {
  return to !== undefined && /^https?:\/\//i.test(to) ? to : '';
}

/** Faults: UnableToRenew for an unknown one, InvalidExpirationTime. */
export async function renew(exchange: Exchange): Promise<Answer> {
  const { request, subscriptions } = exchange;
  const expires = readRenew(request.body);
  const found = named(exchange);
  if (!found) throw soapFault('wse:UnableToRenew', undefined, 'there is no such subscription');
  const granted = subscriptions.grant(expires);
  found.expireAfter(granted);
  return {
    action: `${ACTION.renew}Response`,
    body: expiresResponse('RenewResponse', granted, request.addressing.ns),
  };
}

/** Faults: DestinationUnreachable for an unknown one. */
export async function getStatus(exchange: Exchange): Promise<Answer> {
  const { request } = exchange;
  checkEmpty(request.body, 'GetStatus');
  const left = Math.ceil(known(exchange).remaining / 1000) * 1000;
  return {
    action: `${ACTION.getStatus}Response`,
    body: expiresResponse('GetStatusResponse', left, request.addressing.ns),
  };
}

/** Faults: DestinationUnreachable for an unknown one. */
export async function unsubscribe(exchange: Exchange): Promise<Answer> {
  checkEmpty(exchange.request.body, 'Unsubscribe');
  known(exchange).cancel();
  return { action: `${ACTION.unsubscribe}Response`, body: '' };
}

function known(exchange: Exchange): Subscription {
  const found = named(exchange);
  if (!found) throw soapFault('wsa:DestinationUnreachable', undefined, 'there is no such subscription');
  return found;
}

function named({ request, caller, subscriptions }: Exchange): Subscription | undefined {
  if (request.identifier === undefined)
    throw soapFault('wse:InvalidMessage', 'MissingValues', 'the header wse:Identifier is missing');
  return subscriptions.find(request.identifier, caller);
}
