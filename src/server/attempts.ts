/** Failed logins, counted for each user and each address, and how long the next one has to wait. Memory is bounded. */
import { isIPv6 } from 'node:net';
import { MAX_FILTER_NAME } from '../model/names.js';

interface Rule {
  /** Failures that cost nothing. */
  readonly free: number;
}

/** Many users may sit behind one address. */
const RULES = { user: { free: 5 }, address: { free: 20 } } as const satisfies Record<string, Rule>;
/** Milliseconds: the wait after the first failure that costs, doubled with each further one, up to the longest. */
const FIRST_WAIT = 1_000;
const LONGEST_WAIT = 60_000;
/** A count is forgotten this long after the last failure. */
const REMEMBERED = 15 * 60_000;
const MOST = 10_000;

interface Count {
  readonly failures: number;
  readonly last: number;
}

export class Attempts {
  readonly #clock: () => number;
  /** By `user NAME` and `address ADDRESS`, the longest untouched first. */
  readonly #counts = new Map<string, Count>();

  /** `clock` counts milliseconds. */
  constructor(clock: () => number) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#counts.size;
  }

  /**
   * Milliseconds to wait before this password is looked at; 0: now. Then it counts as a failure until `succeeded` is called, so
   * that guesses sent at once are counted too.
   */
  begin(name: string, address: string): number {
    const now = this.#clock();
    const keys = keysOf(name, address);
    const wait = Math.max(...keys.map(([kind, key]) => this.#wait(key, RULES[kind], now)));
    if (wait > 0) return wait;
    for (const [, key] of keys)
      keep(this.#counts, key, { failures: this.#failures(key, now) + 1, last: now });
    return 0;
  }

  succeeded(name: string, address: string): void {
    for (const [, key] of keysOf(name, address)) {
      const count = this.#counts.get(key);
      if (!count) continue;
      // The address keeps its other failures: knowing one password does not pay for guessing another's.
      if (key.startsWith('user ') || count.failures <= 1) this.#counts.delete(key);
      else this.#counts.set(key, { ...count, failures: count.failures - 1 });
    }
  }

  /** How often it has failed lately, for the log. */
  failuresOf(name: string): number {
    return this.#failures(userKey(name), this.#clock());
  }

  #failures(key: string, now: number): number {
    const count = this.#counts.get(key);
    return count && now - count.last < REMEMBERED ? count.failures : 0;
  }

  #wait(key: string, { free }: Rule, now: number): number {
    const above = this.#failures(key, now) - free;
    if (above < 0) return 0;
    const pause = Math.min(FIRST_WAIT * 2 ** above, LONGEST_WAIT);
    return Math.max(0, (this.#counts.get(key)?.last ?? 0) + pause - now);
  }
}

function keysOf(name: string, address: string): readonly (readonly [keyof typeof RULES, string])[] {
  return [
    ['user', userKey(name)],
    ['address', `address ${network(address)}`],
  ];
}

/** No user has a longer name, and what strangers call themselves must not fill the memory. */
const userKey = (name: string) => `user ${name.slice(0, MAX_FILTER_NAME + 1)}`;

/** Whoever has one address of an IPv6 /64 has all of them (RFC 4291 §2.5.4). */
function network(address: string): string {
  if (!isIPv6(address) || address.startsWith('::ffff:')) return address;
  const [left = '', right = ''] = address.replace(/%.*/, '').split('::');
  const [head, tail] = [left, right].map((part) => (part === '' ? [] : part.split(':')));
  const gap = address.includes('::')
    ? Array<string>(Math.max(0, 8 - head!.length - tail!.length)).fill('0')
    : [];
  return `${[...head!, ...gap, ...tail!].slice(0, 4).join(':')}::/64`;
}

/** The longest untouched one makes room. */
function keep(counts: Map<string, Count>, key: string, count: Count): void {
  counts.delete(key);
  counts.set(key, count);
  const [oldest] = counts.keys();
  if (counts.size > MOST && oldest !== undefined) counts.delete(oldest);
}
