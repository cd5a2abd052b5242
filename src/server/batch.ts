/** How many items go into one answer: what was asked for, what fits the envelope, what comes in time. Source: DSP0226 §8.2, §8.4. */
import { writeAnswer } from '../wsman/answer.js';
import { enumerateResponse } from '../wsman/enumeration.js';
import { ACTION, NS } from '../wsman/namespaces.js';
import { type Element, el } from '../xml/element.js';
import type { Exchange } from './exchange.js';
import type { BatchLimits, Sequence, Taken } from './sequence.js';

/** More items than this go into no single answer, whatever is asked for: the process serves others too. */
const MOST_ITEMS = 1000;
const MOST_OCTETS = 4 * 1024 * 1024;

export interface Wanted {
  readonly items: number;
  /** Milliseconds. */
  readonly time: number | undefined;
  readonly characters: number | undefined;
}

export async function takeBatch(exchange: Exchange, sequence: Sequence, wanted: Wanted): Promise<Taken> {
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

/** The answer to wsman:RequestTotalItemsCountEstimate, nil where the number is not known (DSP0226 §8.2.2). */
export function total({ request }: Exchange, count: number | undefined): readonly Element[] {
  if (!request.requestTotal) return [];
  if (count !== undefined) return [el(NS.wsman, 'TotalItemsCountEstimate', {}, String(count))];
  const nil = { ns: NS.xsi, local: 'nil', value: 'true' };
  return [{ ns: NS.wsman, local: 'TotalItemsCountEstimate', attributes: [nil], children: [] }];
}
