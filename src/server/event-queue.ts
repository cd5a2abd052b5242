/** Events that wait for one subscriber. Bounded: what does not fit is counted where it is missing. */
import type { DropPolicy } from '../wsman/delivery.js';
import type { Notice } from '../wsman/event-messages.js';

export interface QueueLimits {
  readonly events: number;
  /** Of all texts together. */
  readonly characters: number;
}

export const QUEUE_LIMITS: QueueLimits = { events: 1000, characters: 4 * 1024 * 1024 };

export class EventQueue {
  readonly #waiting: { readonly notice: Notice; readonly at: number }[] = [];
  readonly #limits: QueueLimits;
  readonly #policy: DropPolicy;
  #characters = 0;
  /** Notices at the front that are on their way: they stay as they are. */
  #held = 0;

  constructor(policy: DropPolicy, limits: QueueLimits) {
    this.#policy = policy;
    this.#limits = limits;
  }

  get length(): number {
    return this.#waiting.length;
  }

  /** When the first one came; undefined when there is none. */
  get oldest(): number | undefined {
    return this.#waiting[0]?.at;
  }

  /** Answers false when the subscription must end: an event cannot be kept or sent, and losing one was not allowed. */
  push(text: string, now: number, fits: boolean): boolean {
    const full =
      this.#waiting.length >= this.#limits.events || this.#characters + text.length > this.#limits.characters;
    if (fits && !full) {
      this.#waiting.push({ notice: { kind: 'event', text }, at: now });
      this.#characters += text.length;
      return true;
    }
    if (this.#policy === 'Notify') this.#count(now);
    return this.#policy !== 'CancelSubscription';
  }

  #count(now: number): void {
    const last = this.#waiting.length > this.#held ? this.#waiting.at(-1) : undefined;
    const count = last?.notice.kind === 'dropped' ? last.notice.count : 0;
    if (count > 0) this.#waiting.pop();
    this.#waiting.push({
      notice: { kind: 'dropped', count: count + 1 },
      at: last && count > 0 ? last.at : now,
    });
  }

  /** The first ones, as many as `fits` lets through, asked in order; they stay until `done`. */
  hold(fits: (notice: Notice, index: number) => boolean): readonly Notice[] {
    const stop = this.#waiting.findIndex(({ notice }, index) => !fits(notice, index));
    this.#held = stop < 0 ? this.#waiting.length : stop;
    return this.#waiting.slice(0, this.#held).map(({ notice }) => notice);
  }

  /** Forgets what was held. */
  done(): void {
    for (const { notice } of this.#waiting.splice(0, this.#held))
      if (notice.kind === 'event') this.#characters -= notice.text.length;
    this.#held = 0;
  }

  clear(): void {
    this.#waiting.length = 0;
    this.#characters = 0;
    this.#held = 0;
  }
}
