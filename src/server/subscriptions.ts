/** Everybody who is told of changes. A subscription belongs to one user, ends when its time is over, and holds up nobody but itself. */
import type { Objects, Subscribers } from '../app/objects.js';
import { stamped } from '../cim/indications.js';
import type { Instance } from '../cim/instance.js';
import type { SubscriptionView } from '../cim/subscription-views.js';
import { type Caller, mayActAs } from '../model/caller.js';
import { fail } from '../model/errors.js';
import type { Expiration } from '../wsman/duration.js';
import { soapFault } from '../wsman/faults.js';
import type { AddressingNs } from '../wsman/namespaces.js';
import type { Clock } from './clock.js';
import { QUEUE_LIMITS, type QueueLimits } from './event-queue.js';
import { instanceText } from './instance-text.js';
import type { ServerLog } from './log.js';
import type { Post } from './sink-client.js';
import { Subscription, type Terms } from './subscription.js';

export interface SubscriptionLimits {
  /** At once, for one user and for all. */
  readonly perUser: number;
  readonly all: number;
  /** Milliseconds granted when nothing was asked for, and at most. */
  readonly usual: number;
  readonly life: number;
  readonly queue: QueueLimits;
}

const SUBSCRIPTION_LIMITS: SubscriptionLimits = {
  perUser: 16,
  all: 256,
  usual: 60 * 60_000,
  life: 24 * 60 * 60_000,
  queue: QUEUE_LIMITS,
};

export interface SubscriptionWorld {
  readonly objects: Pick<Objects, 'watch'>;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly post: Post;
  readonly log: ServerLog;
  readonly limits?: Partial<SubscriptionLimits>;
}

/** Milliseconds that farewells may take when the server stops. */
const FAREWELL = 2000;

export class Subscriptions implements Subscribers {
  readonly #all = new Map<string, Subscription>();
  readonly #world: SubscriptionWorld;
  readonly #limits: SubscriptionLimits;
  #unwatch: (() => void) | undefined;

  constructor(world: SubscriptionWorld) {
    this.#world = world;
    this.#limits = { ...SUBSCRIPTION_LIMITS, ...world.limits };
  }

  get size(): number {
    return this.#all.size;
  }

  /** Milliseconds to grant. Faults: InvalidExpirationTime for a moment that is over. */
  grant(asked: Expiration | undefined): number {
    if (!asked) return this.#limits.usual;
    const span = asked.kind === 'after' ? asked.milliseconds : asked.moment - this.#world.clock.now();
    if (span <= 0) throw soapFault('wse:InvalidExpirationTime', 'ExpirationTime', 'Expires lies in the past');
    return Math.min(span, this.#limits.life);
  }

  /** Faults: QuotaLimit. */
  add(terms: Terms, granted: number): Subscription {
    const own = [...this.#all.values()].filter(({ owner }) => owner === terms.owner).length;
    if (own >= this.#limits.perUser || this.#all.size >= this.#limits.all)
      throw soapFault(
        'wsman:QuotaLimit',
        undefined,
        'too many subscriptions: end some, or wait for their end',
      );
    const { post, clock, newId, log } = this.#world;
    const made = new Subscription(terms, this.#limits.queue, { post, clock, newId, log }, () => {
      this.#all.delete(made.id);
      if (this.#all.size === 0) this.#stopWatching();
    });
    this.#all.set(made.id, made);
    made.expireAfter(granted);
    this.#unwatch ??= this.#world.objects.watch((indication) => this.#publish(indication), this);
    return made;
  }

  subscriptions(): readonly SubscriptionView[] {
    return [...this.#all.values()].map(({ view }) => view);
  }

  /** Its owner knows, and hears nothing more; when it is an admin's doing it is told. */
  end(id: string, { name, role }: Caller): void {
    const found = this.#all.get(id);
    if (found?.owner === name) found.cancel();
    else if (mayActAs(role, 'admin')) void found?.end('SourceCancelling');
    else throw fail('ACCESS_DENIED', 'this subscription belongs to another user');
  }

  /** Undefined for an unknown one. Faults: AccessDenied for another user's. */
  find(id: string, { name }: Caller): Subscription | undefined {
    return checked(this.#all.get(id), name);
  }

  /** The Pull subscription that is pulled with this context. Faults: as `find`. */
  pulledWith(context: string, { name }: Caller): Subscription | undefined {
    return checked(
      [...this.#all.values()].find((each) => each.context === context),
      name,
    );
  }

  /** Ends those of users who are no more. Rejects when that cannot be found out: then nothing ends. */
  async forget(exists: (user: string) => Promise<boolean>): Promise<void> {
    for (const owner of new Set([...this.#all.values()].map((each) => each.owner))) {
      if (await exists(owner)) continue;
      for (const each of [...this.#all.values()]) if (each.owner === owner) void each.end('SourceCancelling');
    }
  }

  /** Tells every subscriber that wants to know, and waits a little for them to hear it. */
  async close(): Promise<void> {
    this.#stopWatching();
    const given = new AbortController();
    const farewells = [...this.#all.values()].map((each) => each.end('SourceShuttingDown', given.signal));
    let cancel = () => {};
    const late = new Promise<void>((resolve) => {
      cancel = this.#world.clock.after(FAREWELL, resolve);
    });
    await Promise.race([Promise.allSettled(farewells), late]);
    cancel();
    given.abort();
  }

  #stopWatching(): void {
    this.#unwatch?.();
    this.#unwatch = undefined;
  }

  #publish(indication: Instance): void {
    const { clock, newId, log } = this.#world;
    const event = stamped(indication, new Date(clock.now()).toISOString(), newId());
    const texts = new Map<AddressingNs, string>();
    // Rendered once for all that want the whole of it.
    const render = (shown: Instance, addressing: AddressingNs): string => {
      const known = shown === event ? texts.get(addressing) : undefined;
      const text = known ?? instanceText(shown, { addressing, nil: false });
      if (shown === event) texts.set(addressing, text);
      return text;
    };
    for (const each of [...this.#all.values()]) {
      try {
        each.offer(event, render);
      } catch (err) {
        log.error({ err, subscription: each.id }, 'an event could not be written');
      }
    }
  }
}

function checked(found: Subscription | undefined, user: string): Subscription | undefined {
  if (found && found.owner !== user)
    throw soapFault('wsman:AccessDenied', undefined, 'this subscription belongs to another user');
  return found;
}
