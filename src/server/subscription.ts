/** One subscription: what it is about, its queue, and how the events leave it. */
import type { Instance } from '../cim/instance.js';
import type { SubscriptionView } from '../cim/subscription-views.js';
import type { Delivery, Endpoint } from '../wsman/delivery.js';
import { type EndReason, writeEnd } from '../wsman/event-messages.js';
import type { Manager } from '../wsman/eventing.js';
import type { AddressingNs } from '../wsman/namespaces.js';
import type { Encoding } from './charset.js';
import type { Wanted } from './event-filters.js';
import { EventQueue, type QueueLimits } from './event-queue.js';
import type { ServerLog } from './log.js';
import { frameSize, Push, type PushPlan, type PushWorld } from './push.js';

export interface Terms {
  readonly owner: string;
  readonly wanted: Wanted;
  readonly delivery: Delivery;
  /** Where the events go; undefined for Pull. */
  readonly notifyTo: { readonly url: URL; readonly endpoint: Endpoint } | undefined;
  readonly endTo: { readonly url: URL; readonly endpoint: Endpoint } | undefined;
  readonly addressing: AddressingNs;
  readonly encoding: Encoding;
  /** Our address, as the subscriber knows it. */
  readonly address: string;
}

export interface SubscriptionParts extends PushWorld {
  readonly log: ServerLog;
}

/** Where the subscriber does not say: five minutes of a subscriber that starts anew. */
const USUAL_RETRY = { interval: 10_000, total: 30 };
const USUAL_ELEMENTS = 100;
/** Octets of a message where the subscriber names no limit: only batches are kept below it. */
const USUAL_ENVELOPE = 512 * 1024;

export class Subscription {
  readonly id: string;
  readonly owner: string;
  readonly queue: EventQueue;
  /** What a Pull subscription is pulled with. */
  readonly context: string | undefined;
  readonly terms: Terms;
  /** True while a Pull waits for events. */
  pulling = false;
  #ends = 0;
  #granted = 0;
  #over = false;
  readonly #parts: SubscriptionParts;
  readonly #left: () => void;
  readonly #push: Push | undefined;
  readonly #most: number;
  readonly #started: number;
  #cancelExpiry = () => {};
  #wake = () => {};

  /** `left` is called once, when it is over for whatever reason. */
  constructor(terms: Terms, limits: QueueLimits, parts: SubscriptionParts, left: () => void) {
    const { delivery, notifyTo, addressing, encoding } = terms;
    this.id = parts.newId();
    this.owner = terms.owner;
    this.terms = terms;
    this.queue = new EventQueue(delivery.dropPolicy, limits);
    this.#parts = parts;
    this.#started = parts.clock.now();
    this.#left = left;
    this.#most = delivery.maxEnvelopeSize ?? Number.POSITIVE_INFINITY;
    if (delivery.mode === 'pull' || !notifyTo) {
      this.context = parts.newId();
      return;
    }
    const plan: PushPlan = {
      url: notifyTo.url,
      to: notifyTo.endpoint,
      addressing,
      encoding,
      mode: delivery.mode,
      retry: delivery.retry ?? USUAL_RETRY,
      heartbeat: delivery.heartbeat,
      maxTime: delivery.maxTime,
      maxElements: delivery.maxElements ?? USUAL_ELEMENTS,
      maxEnvelopeSize: delivery.maxEnvelopeSize ?? USUAL_ENVELOPE,
    };
    this.#most -= frameSize(plan);
    this.#push = new Push(plan, this.queue, parts, (end) => {
      if (end.refused) this.cancel();
      else {
        parts.log.warn(
          { subscription: this.id, sink: plan.url.host, reason: end.reason },
          'events cannot be delivered',
        );
        void this.end('DeliveryFailure');
      }
    });
  }

  get manager(): Manager {
    return { address: this.terms.address, identifier: this.id };
  }

  /** As it is shown to managers. */
  get view(): SubscriptionView {
    const { owner, wanted, delivery, notifyTo, endTo, encoding } = this.terms;
    return {
      id: this.id,
      owner,
      filter: wanted.filter,
      mode: delivery.mode,
      destination: notifyTo?.endpoint.address,
      endTo: endTo?.endpoint.address,
      encoding: encoding.label,
      heartbeat: delivery.heartbeat,
      maxTime: delivery.maxTime,
      started: new Date(this.#started).toISOString(),
      duration: this.#granted,
      remaining: this.remaining,
    };
  }

  get over(): boolean {
    return this.#over;
  }

  /** Milliseconds until it ends by itself. */
  get remaining(): number {
    return this.#ends - this.#parts.clock.now();
  }

  /** From now on, in milliseconds. The end is silent: the subscriber knows when it is. */
  expireAfter(milliseconds: number): void {
    const { clock } = this.#parts;
    this.#granted = milliseconds;
    this.#ends = clock.now() + milliseconds;
    this.#cancelExpiry();
    this.#cancelExpiry = clock.after(milliseconds, () => this.cancel());
  }

  /** Takes an event if it is of interest. */
  offer(event: Instance, render: (shown: Instance, addressing: AddressingNs) => string): void {
    const shown = this.terms.wanted.interest(event);
    if (!shown || this.#over) return;
    const text = render(shown, this.terms.addressing);
    const fits = this.#most === Number.POSITIVE_INFINITY || this.terms.encoding.octets(text) <= this.#most;
    if (!this.queue.push(text, this.#parts.clock.now(), fits)) void this.end('SourceCancelling');
    this.#push?.wake();
    this.#wake();
  }

  /** Resolves when there is something to pull, when it is over, or after that many milliseconds. */
  waitForEvents(milliseconds: number): Promise<void> {
    if (this.queue.length > 0 || this.#over) return Promise.resolve();
    return new Promise((resolve) => {
      const cancel = this.#parts.clock.after(milliseconds, resolve);
      this.#wake = () => {
        cancel();
        resolve();
      };
    });
  }

  /** Ends it without a word. */
  cancel(): void {
    if (this.#over) return;
    this.#over = true;
    this.#cancelExpiry();
    this.#push?.stop();
    this.queue.clear();
    this.#wake();
    this.#left();
  }

  /** Ends it and tells its EndTo why, once, unless `signal` comes before; whether that arrives is not known. */
  async end(reason: EndReason, signal = new AbortController().signal): Promise<void> {
    if (this.#over) return;
    this.cancel();
    const { endTo, addressing, encoding } = this.terms;
    if (!endTo) return;
    const { post, newId, log } = this.#parts;
    const outgoing = { to: endTo.endpoint, addressing, messageId: newId(), acknowledged: false };
    const body = encoding.write(writeEnd(this.manager, reason, outgoing));
    const contentType = `application/soap+xml;charset=${encoding.label}`;
    try {
      await post({ url: endTo.url, contentType, body }, signal);
    } catch (error) {
      log.info(
        { subscription: this.id, reason: String(error) },
        'the end of a subscription could not be told',
      );
    }
  }
}
