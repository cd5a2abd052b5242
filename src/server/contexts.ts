/** Open enumerations. Each belongs to one user, is pulled by one request at a time, and ends when left alone. Source: DSP0226 §8.1, §8.4. */
import { type Expiration, formatDuration } from '../wsman/duration.js';
import { soapFault } from '../wsman/faults.js';
import type { Sequence } from './sequence.js';

export interface ContextLimits {
  /** Open at once, for one user and for all. */
  readonly perUser: number;
  readonly all: number;
  /** Milliseconds without a Pull after which a context ends; also what is promised when nothing was asked for. */
  readonly idle: number;
  /** The longest life that is granted, in milliseconds. */
  readonly life: number;
}

const CONTEXT_LIMITS: ContextLimits = {
  perUser: 64,
  all: 1024,
  idle: 10 * 60_000,
  life: 60 * 60_000,
};

export interface Context {
  readonly id: string;
  readonly sequence: Sequence;
}

interface Entry extends Context {
  readonly owner: string;
  ends: number;
  usedAt: number;
  busy: boolean;
}

const unknown = () => soapFault('wsen:InvalidEnumerationContext', undefined, 'no such enumeration is open');

export class Contexts {
  readonly #open = new Map<string, Entry>();
  readonly #clock: () => number;
  readonly #newId: () => string;
  readonly #limits: ContextLimits;

  /** `clock` counts milliseconds since 1970. */
  constructor(clock: () => number, newId: () => string, limits: ContextLimits = CONTEXT_LIMITS) {
    this.#clock = clock;
    this.#newId = newId;
    this.#limits = limits;
  }

  get size(): number {
    return this.#open.size;
  }

  /** Milliseconds to grant. Faults: InvalidExpirationTime for a moment that is over. */
  grant(asked: Expiration | undefined): number {
    if (!asked) return this.#limits.idle;
    const span = asked.kind === 'after' ? asked.milliseconds : asked.moment - this.#clock();
    if (span <= 0) throw soapFault('wsen:InvalidExpirationTime', undefined, 'Expires lies in the past');
    return Math.min(span, this.#limits.life);
  }

  /** Keeps a sequence for later Pulls. Faults: QuotaLimit. */
  open(owner: string, sequence: Sequence, granted: number): Context {
    this.sweep();
    const own = [...this.#open.values()].filter((entry) => entry.owner === owner).length;
    if (own >= this.#limits.perUser || this.#open.size >= this.#limits.all)
      throw soapFault(
        'wsman:QuotaLimit',
        undefined,
        `too many open enumerations: release some, or wait ${formatDuration(this.#limits.idle)}`,
      );
    const now = this.#clock();
    const id = this.#newId();
    const entry = { id, owner, sequence, ends: now + granted, usedAt: now, busy: false };
    this.#open.set(id, entry);
    return entry;
  }

  /**
   * Runs `pull` on a context nobody else is pulling; it ends when `pull` says so or throws anything but a fault of the request.
   * Faults: InvalidEnumerationContext, AccessDenied for another user's, Concurrency.
   */
  async use<T>(id: string, user: string, pull: (context: Context) => Promise<T>): Promise<T> {
    const entry = this.#find(id, user);
    if (entry.busy)
      throw soapFault('wsman:Concurrency', undefined, 'another Pull of this enumeration is under way');
    entry.busy = true;
    try {
      return await pull(entry);
    } finally {
      entry.busy = false;
      entry.usedAt = this.#clock();
    }
  }

  /** Faults: InvalidEnumerationContext, AccessDenied for another user's. */
  release(id: string, user: string): void {
    this.close(this.#find(id, user));
  }

  /** Milliseconds granted from now on. Faults: as `grant` and `release`. */
  renew(id: string, user: string, asked: Expiration | undefined): number {
    const entry = this.#find(id, user);
    const granted = this.grant(asked);
    const now = this.#clock();
    entry.ends = now + granted;
    entry.usedAt = now;
    return granted;
  }

  /** Milliseconds that are left, if it is used. Faults: as `release`. */
  status(id: string, user: string): number {
    return this.#find(id, user).ends - this.#clock();
  }

  close(context: Context): void {
    if (this.#open.delete(context.id)) context.sequence.close();
  }

  closeAll(): void {
    for (const entry of [...this.#open.values()]) this.close(entry);
  }

  /** Ends what has expired or lain idle. */
  sweep(): void {
    const now = this.#clock();
    for (const entry of [...this.#open.values()])
      if (!entry.busy && (now >= entry.ends || now - entry.usedAt >= this.#limits.idle)) this.close(entry);
  }

  #find(id: string, user: string): Entry {
    this.sweep();
    const entry = this.#open.get(id);
    if (!entry) throw unknown();
    if (entry.owner !== user)
      throw soapFault('wsman:AccessDenied', undefined, 'this enumeration belongs to another user');
    return entry;
  }
}
