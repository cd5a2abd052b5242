/**
 * Brings one subscriber its events: in order, one message at a time, each until it has arrived or the retries are used up. So every
 * event arrives at least once; a message whose acknowledgement was lost comes again with the same MessageID.
 */
import type { Retry } from '../wsman/delivery.js';
import {
  acknowledges,
  type Notice,
  noticeText,
  type Outgoing,
  refusesDelivery,
  writeEvent,
  writeEvents,
  writeHeartbeat,
} from '../wsman/event-messages.js';
import type { Element } from '../xml/element.js';
import { decodeXml, parseXml } from '../xml/parse.js';
import type { Encoding } from './charset.js';
import type { Clock } from './clock.js';
import type { EventQueue } from './event-queue.js';
import type { Post } from './sink-client.js';

export interface PushPlan extends Omit<Outgoing, 'messageId' | 'acknowledged'> {
  readonly url: URL;
  readonly mode: 'push' | 'pushWithAck' | 'events';
  readonly encoding: Encoding;
  readonly retry: Retry;
  /** Milliseconds. */
  readonly heartbeat: number | undefined;
  readonly maxTime: number | undefined;
  readonly maxElements: number;
  /** Octets. */
  readonly maxEnvelopeSize: number;
}

export interface PushWorld {
  readonly post: Post;
  readonly clock: Clock;
  readonly newId: () => string;
}

/** Why there is nothing more to bring: the subscriber said so, or cannot be reached (`reason`, for people). */
export type PushEnd = { readonly refused: true } | { readonly refused: false; readonly reason: string };

type Verdict = 'delivered' | 'refused' | { readonly failed: string };

const CONTENT_TYPE = 'application/soap+xml;charset=';

export class Push {
  readonly #plan: PushPlan;
  readonly #queue: EventQueue;
  readonly #world: PushWorld;
  readonly #over: (end: PushEnd) => void;
  readonly #abort = new AbortController();
  #busy = false;
  #sentAt: number;
  #cancelTimer = () => {};
  #cancelPause = () => {};

  /** `over` is called once, unless `stop` comes first. */
  constructor(plan: PushPlan, queue: EventQueue, world: PushWorld, over: (end: PushEnd) => void) {
    this.#plan = plan;
    this.#queue = queue;
    this.#world = world;
    this.#over = over;
    this.#sentAt = world.clock.now();
    this.wake();
  }

  /** To be called when something was put into the queue. */
  wake(): void {
    if (!this.#busy && !this.#abort.signal.aborted) void this.#run();
  }

  /** Sends nothing more, and gives up what is under way. */
  stop(): void {
    this.#abort.abort();
    this.#cancelTimer();
    this.#cancelPause();
  }

  async #run(): Promise<void> {
    this.#busy = true;
    // Events that come at once go out together.
    await Promise.resolve();
    for (let message = this.#next(); message; message = this.#next()) {
      const verdict = await this.#deliver(message);
      if (this.#abort.signal.aborted) return;
      if (verdict !== 'delivered') {
        this.stop();
        this.#over(verdict === 'refused' ? { refused: true } : { refused: false, reason: verdict.failed });
        return;
      }
      this.#queue.done();
      this.#sentAt = this.#world.clock.now();
    }
    this.#busy = false;
    this.#sleep();
  }

  /** What is to be sent now: the notices, none for a heartbeat. */
  #next(): readonly Notice[] | undefined {
    if (this.#abort.signal.aborted) return undefined;
    const now = this.#world.clock.now();
    if (this.#batchDue() <= now) return this.#queue.hold(this.#fits());
    return this.#heartbeatDue() <= now ? [] : undefined;
  }

  #batchDue(): number {
    const { oldest, length } = this.#queue;
    if (oldest === undefined) return Number.POSITIVE_INFINITY;
    const { mode, maxTime, maxElements } = this.#plan;
    return mode === 'events' && maxTime !== undefined && length < maxElements ? oldest + maxTime : oldest;
  }

  #heartbeatDue(): number {
    return this.#sentAt + (this.#plan.heartbeat ?? Number.POSITIVE_INFINITY);
  }

  #sleep(): void {
    this.#cancelTimer();
    const due = Math.min(this.#batchDue(), this.#heartbeatDue());
    if (due === Number.POSITIVE_INFINITY) return;
    const { clock } = this.#world;
    this.#cancelTimer = clock.after(Math.max(0, due - clock.now()), () => this.wake());
  }

  /** How much goes into one message. The first always does: what cannot be sent at all never came into the queue. */
  #fits(): (notice: Notice, index: number) => boolean {
    const { mode, maxElements, maxEnvelopeSize, encoding } = this.#plan;
    const most = mode === 'events' ? maxElements : 1;
    let room = maxEnvelopeSize - frameSize(this.#plan);
    return (notice, index) => {
      room -= encoding.octets(noticeText(notice)) + EVENT_FRAME;
      return index === 0 || (index < most && room >= 0);
    };
  }

  async #deliver(notices: readonly Notice[]): Promise<Verdict> {
    const { retry } = this.#plan;
    const messageId = this.#world.newId();
    const body = this.#plan.encoding.write(write(this.#plan, notices, messageId));
    for (let left = retry.total; ; left -= 1) {
      const verdict = await this.#attempt(body, messageId);
      if (typeof verdict === 'string' || left <= 0 || this.#abort.signal.aborted) return verdict;
      await this.#pause(retry.interval);
      if (this.#abort.signal.aborted) return verdict;
    }
  }

  async #attempt(body: string | Buffer, messageId: string): Promise<Verdict> {
    const { url, mode, encoding } = this.#plan;
    const contentType = CONTENT_TYPE + encoding.label;
    try {
      const reply = await this.#world.post({ url, contentType, body }, this.#abort.signal);
      const root = readEnvelope(reply.body);
      if (root && refusesDelivery(root)) return 'refused';
      if (reply.status < 200 || reply.status > 299) return { failed: `it answered ${reply.status}` };
      if (mode === 'push' || (root && acknowledges(root, messageId))) return 'delivered';
      return { failed: 'it did not acknowledge' };
    } catch (error) {
      return { failed: (error as Error).message };
    }
  }

  #pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#world.clock.after(milliseconds, resolve);
      this.#cancelPause = () => {
        cancel();
        resolve();
      };
    });
  }
}

/** Octets of a wsman:Event around a notice, and more. */
const EVENT_FRAME =
  2 * '<wsman:Event Action="http://schemas.dmtf.org/wbem/wsman/1/wsman/DroppedEvents"></wsman:Event>'.length;

/** Octets of a message without events. */
export function frameSize(plan: Pick<PushPlan, 'mode' | 'to' | 'addressing' | 'encoding'>): number {
  return plan.encoding.octets(write(plan, [], `uuid:${'0'.repeat(36)}`)) + EVENT_FRAME;
}

function write(
  { mode, to, addressing }: Pick<PushPlan, 'mode' | 'to' | 'addressing'>,
  notices: readonly Notice[],
  messageId: string,
): string {
  const outgoing: Outgoing = { to, addressing, messageId, acknowledged: mode !== 'push' };
  if (mode === 'events') return writeEvents(notices, outgoing);
  const [notice] = notices;
  return notice ? writeEvent(notice, outgoing) : writeHeartbeat(outgoing);
}

/** Undefined for what is no XML: many answer an event with nothing, or with a word. */
function readEnvelope(body: Buffer): Element | undefined {
  if (body.length === 0) return undefined;
  try {
    return parseXml(decodeXml(body, {}), { limits: { size: body.length, elements: 1000 } });
  } catch {
    return undefined;
  }
}
