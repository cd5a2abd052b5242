/** Enumerate, Pull, Release, Renew and GetStatus of enumerations. Sources: DSP0226 §8, WS-Enumeration §3. */
import type { Answer } from '../wsman/answer.js';
import {
  enumerateResponse,
  pullResponse,
  readEnumerate,
  readOfContext,
  readPull,
  readRenew,
  statusResponse,
} from '../wsman/enumeration.js';
import { soapFault } from '../wsman/faults.js';
import { ACTION } from '../wsman/namespaces.js';
import { takeBatch, total } from './batch.js';
import type { Context, Contexts } from './contexts.js';
import type { Exchange } from './exchange.js';
import { items } from './items.js';
import { classItems, isClassMetadata } from './metadata.js';
import { Sequence, type Taken } from './sequence.js';

export async function enumerate(exchange: Exchange): Promise<Answer> {
  const { request, caller, contexts } = exchange;
  const wanted = readEnumerate(request.body);
  const source = isClassMetadata(request.resourceUri) ? classItems(request, wanted) : items(exchange, wanted);
  const granted = contexts.grant(wanted.expires);
  const sequence = new Sequence(source);
  await sequence.prepare();
  const taken: Taken =
    wanted.maxElements === 0
      ? { items: [], finished: false }
      : await takeBatch(exchange, sequence, {
          items: wanted.maxElements,
          time: undefined,
          characters: undefined,
        });
  const context = taken.finished ? undefined : keep(contexts, caller.name, sequence, granted);
  return {
    action: `${ACTION.enumerate}Response`,
    body: enumerateResponse({ items: taken.items, context: context?.id }, wanted.optimized, granted),
    headers: total(exchange, taken.finished ? sequence.taken : undefined),
  };
}

export async function pull(exchange: Exchange): Promise<Answer> {
  const { request, caller, contexts } = exchange;
  const { context: id, maxElements, maxTime, maxCharacters } = readPull(request.body);
  return contexts.use(id, caller.name, async (context) => {
    let taken: Taken;
    try {
      taken = await takeBatch(exchange, context.sequence, {
        items: maxElements,
        time: maxTime,
        characters: maxCharacters,
      });
    } catch (error) {
      contexts.close(context);
      throw error;
    }
    if (taken.empty === 'too large')
      throw soapFault(
        'wsman:EncodingLimit',
        'MaxEnvelopeSizeExceeded',
        'the next item alone is larger than MaxEnvelopeSize',
      );
    if (taken.empty === 'timed out')
      throw soapFault('wsman:TimedOut', undefined, 'no item was ready in time');
    if (taken.finished) contexts.close(context);
    return {
      action: `${ACTION.pull}Response`,
      body: pullResponse({ items: taken.items, context: taken.finished ? undefined : id }),
      headers: total(exchange, taken.finished ? context.sequence.taken : undefined),
    };
  });
}

export async function release({ request, caller, contexts }: Exchange): Promise<Answer> {
  contexts.release(readOfContext(request.body, 'Release'), caller.name);
  return { action: `${ACTION.release}Response`, body: '' };
}

/** Gives an enumeration another life, from now on. */
export async function renewEnumeration({ request, caller, contexts }: Exchange): Promise<Answer> {
  const { context: id, expires } = readRenew(request.body);
  const left = contexts.renew(id, caller.name, expires);
  return {
    action: `${ACTION.renewEnumeration}Response`,
    body: statusResponse('RenewResponse', left, id),
  };
}

export async function enumerationStatus({ request, caller, contexts }: Exchange): Promise<Answer> {
  const left = contexts.status(readOfContext(request.body, 'GetStatus'), caller.name);
  return { action: `${ACTION.enumerationStatus}Response`, body: statusResponse('GetStatusResponse', left) };
}

function keep(contexts: Contexts, owner: string, sequence: Sequence, granted: number): Context {
  try {
    return contexts.open(owner, sequence, granted);
  } catch (error) {
    sequence.close();
    throw error;
  }
}
