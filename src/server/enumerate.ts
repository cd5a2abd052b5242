/** Enumerate, Pull and Release. Sources: DSP0226 §8, DSP0227 §8. */
import type { Instance } from '../cim/instance.js';
import { type Answer, writeAnswer } from '../wsman/answer.js';
import {
  type Enumerate,
  enumerateResponse,
  pullResponse,
  readEnumerate,
  readPull,
  readRelease,
} from '../wsman/enumeration.js';
import { soapFault } from '../wsman/faults.js';
import { ACTION, type AddressingNs, NS } from '../wsman/namespaces.js';
import { type Element, el } from '../xml/element.js';
import type { Context, Contexts } from './contexts.js';
import type { Exchange } from './exchange.js';
import { type Accepts, acceptance } from './filters.js';
import { instanceText, referenceText } from './represent.js';
import { type BatchLimits, Sequence, type Taken } from './sequence.js';
import { isAllClasses, type Target, targetClass } from './target.js';

/** More items than this go into no single answer, whatever is asked for: the process serves others too. */
const MOST_ITEMS = 1000;
const MOST_OCTETS = 4 * 1024 * 1024;

export async function enumerate(exchange: Exchange): Promise<Answer> {
  const { request, caller, contexts } = exchange;
  const wanted = readEnumerate(request.body);
  if (isAllClasses(request.resourceUri)) throw refuseAllClasses(wanted);
  const target = targetClass(request);
  const accepts = acceptance(wanted.filter);
  const granted = contexts.grant(wanted.expires);
  const sequence = new Sequence(items(exchange, target, wanted, accepts));
  await sequence.prepare();
  const action = `${ACTION.enumerate}Response`;
  const taken: Taken =
    wanted.maxElements === 0
      ? { items: [], finished: false }
      : await takeBatch(exchange, sequence, {
          items: wanted.maxElements,
          time: undefined,
          characters: undefined,
        });
  const context = taken.finished ? undefined : keep(contexts, caller.name, sequence, granted);
  const batch = { items: taken.items, context: context?.id };
  return {
    action,
    body: enumerateResponse(batch, wanted.optimized, granted),
    headers: total(exchange, taken.finished ? taken.items.length : undefined),
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
      headers: total(exchange, undefined),
    };
  });
}

export async function release({ request, caller, contexts }: Exchange): Promise<Answer> {
  contexts.release(readRelease(request.body), caller.name);
  return { action: `${ACTION.release}Response`, body: '' };
}

function keep(contexts: Contexts, owner: string, sequence: Sequence, granted: number): Context {
  try {
    return contexts.open(owner, sequence, granted);
  } catch (error) {
    sequence.close();
    throw error;
  }
}

/** All classes can only be narrowed by a query language, and we speak none yet. */
function refuseAllClasses({ filter }: Enumerate): Error {
  if (!filter) return soapFault('wsman:UnsupportedFeature', 'FilteringRequired', 'all classes need a filter');
  acceptance(filter);
  return soapFault('wsen:CannotProcessFilter', undefined, 'this filter does not say which class is meant');
}

async function* items(
  { request, objects }: Exchange,
  { row, path }: Target,
  wanted: Enumerate,
  accepts: Accepts,
): AsyncGenerator<string> {
  const { ns } = request.addressing;
  const exact = wanted.polymorphism === 'None';
  const asClass = wanted.polymorphism === 'ExcludeSubClassProperties' ? row.name : undefined;
  const show = renderer(wanted, ns, asClass, (instance) => objects.pathOf(path.namespace, instance));
  for await (const instance of objects.enumerate(path.namespace, row.name)) {
    if (exact && instance.className !== row.name) continue;
    if (accepts(instance)) yield show(instance);
  }
}

function renderer(
  { mode }: Enumerate,
  ns: AddressingNs,
  asClass: string | undefined,
  pathOf: (instance: Instance) => Parameters<typeof referenceText>[0],
): (instance: Instance) => string {
  const object = (instance: Instance) => instanceText(instance, ns, asClass);
  const reference = (instance: Instance) => referenceText(pathOf(instance), ns);
  switch (mode) {
    case 'EnumerateObject':
      return object;
    case 'EnumerateEPR':
      return reference;
    case 'EnumerateObjectAndEPR':
      return (instance) => `<wsman:Item>${object(instance)}${reference(instance)}</wsman:Item>`;
  }
}

interface Wanted {
  readonly items: number;
  /** Milliseconds. */
  readonly time: number | undefined;
  readonly characters: number | undefined;
}

async function takeBatch(exchange: Exchange, sequence: Sequence, wanted: Wanted): Promise<Taken> {
  let timer: NodeJS.Timeout | undefined;
  const patience = Math.min(exchange.patience, wanted.time ?? Number.POSITIVE_INFINITY);
  const timeUp = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, patience);
  });
  try {
    return await sequence.take({
      items: Math.min(wanted.items, MOST_ITEMS),
      fits: sizeLimit(exchange, wanted.characters),
      timeUp,
    });
  } finally {
    clearTimeout(timer);
  }
}

/** Sizes are summed as items come, so a batch costs one look at each. */
function sizeLimit(exchange: Exchange, characters: number | undefined): BatchLimits['fits'] {
  const { octets, request } = exchange;
  const limit = request.maxEnvelopeSize;
  const most = limit ? limit.octets - frame(exchange) : Number.POSITIVE_INFINITY;
  let room = Math.min(most, MOST_OCTETS);
  let left = characters ?? Number.POSITIVE_INFINITY;
  return (item, first) => {
    const size = octets(item);
    // Only MaxEnvelopeSize forbids an item altogether: an answer without items would bring the client no further.
    if (first ? size > most : size > room || item.length > left) return false;
    room -= size;
    left -= item.length;
    return true;
  };
}

/** Octets of an answer without items, with room for the headers that may come. */
function frame({ request, octets }: Exchange): number {
  const id = `uuid:${'0'.repeat(36)}`;
  const body = enumerateResponse({ items: [], context: id }, true, 60_000);
  const longest = `${ACTION.enumerate}Response`;
  return octets(writeAnswer({ action: longest, body }, request.addressing, id)) + octets(' '.repeat(256));
}

/** The answer to wsman:RequestTotalItemsCountEstimate: known when all items are in this answer, else nil (DSP0226 §8.2.2). */
function total({ request }: Exchange, count: number | undefined): readonly Element[] {
  if (!request.requestTotal) return [];
  if (count !== undefined) return [el(NS.wsman, 'TotalItemsCountEstimate', {}, String(count))];
  const nil = { ns: NS.xsi, local: 'nil', value: 'true' };
  return [{ ns: NS.wsman, local: 'TotalItemsCountEstimate', attributes: [nil], children: [] }];
}
