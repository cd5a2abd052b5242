/**
 * Nonces of HTTP Digest. One that was given out needs no memory: it tells its age and is signed. One that a user has used is
 * remembered with the counts that came, so that none counts twice. Source: RFC 7616 §3.3, §3.4, §5.5, §5.12.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** Milliseconds a nonce may be used after it was given out. */
const LIFE = 5 * 60_000;
/** Counts that may come late, as those of requests sent at once do: the bits of a number. */
const WINDOW = 32;
const MOST = 10_000;
/** Octets: the moment it was made, chance, and the signature over both. */
const [MOMENT, CHANCE, SIGNATURE] = [6, 10, 16];
const SIGNED = MOMENT + CHANCE;

interface Used {
  readonly made: number;
  /** The highest count that came. */
  highest: number;
  /** Bit n: the count `highest - n` came. */
  came: number;
}

export class Nonces {
  readonly #clock: () => number;
  readonly #key = randomBytes(32);
  /** In the order in which they were used first. */
  readonly #used = new Map<string, Used>();
  /** Nonces made until then are over: memory had to be found. */
  #floor = 0;

  /** `clock` counts milliseconds. */
  constructor(clock: () => number) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#used.size;
  }

  make(): string {
    const signed = Buffer.alloc(SIGNED);
    signed.writeUIntBE(this.#clock(), 0, MOMENT);
    randomBytes(CHANCE).copy(signed, MOMENT);
    return Buffer.concat([signed, this.#sign(signed)]).toString('base64url');
  }

  /** Whether a request may have this nonce and count, which is used up then. To be asked of requests that are right otherwise. */
  use(nonce: string, count: number): boolean {
    const used = this.#used.get(nonce) ?? this.#first(nonce);
    if (!used || this.#isOver(used.made)) return false;
    const ahead = count - used.highest;
    if (ahead > 0) {
      used.came = (ahead < WINDOW ? used.came << ahead : 0) | 1;
      used.highest = count;
      return true;
    }
    const bit = 1 << -ahead;
    if (ahead <= -WINDOW || (used.came & bit) !== 0) return false;
    used.came |= bit;
    return true;
  }

  #first(nonce: string): Used | undefined {
    const octets = Buffer.from(nonce, 'base64url');
    if (octets.length !== SIGNED + SIGNATURE || octets.toString('base64url') !== nonce) return undefined;
    const signed = octets.subarray(0, SIGNED);
    if (!timingSafeEqual(this.#sign(signed), octets.subarray(SIGNED))) return undefined;
    const used = { made: signed.readUIntBE(0, MOMENT), highest: 0, came: 0 };
    if (this.#isOver(used.made)) return undefined;
    if (this.#used.size >= MOST) this.#makeRoom();
    this.#used.set(nonce, used);
    return used;
  }

  #isOver(made: number): boolean {
    return made <= this.#floor || this.#clock() - made > LIFE;
  }

  /** What is forgotten must be over, or its counts could come again: the older half goes when none is over by itself. */
  #makeRoom(): void {
    const made = [...this.#used.values()].map((used) => used.made).sort((a, b) => a - b);
    this.#floor = Math.max(this.#clock() - LIFE, made[made.length >> 1]!);
    for (const [nonce, used] of this.#used) if (this.#isOver(used.made)) this.#used.delete(nonce);
  }

  #sign(signed: Uint8Array): Buffer {
    return createHmac('sha256', this.#key).update(signed).digest().subarray(0, SIGNATURE);
  }
}
