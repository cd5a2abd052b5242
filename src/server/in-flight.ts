/** How many requests are under way, for each user and in all: who has too many waits, and the others are served. */

export interface FlightLimits {
  readonly perUser: number;
  readonly all: number;
}

/** Managers open up to 64 connections, which all ask at once when credentials are checked anew. */
const FLIGHT_LIMITS: FlightLimits = { perUser: 64, all: 128 };

export class InFlight {
  readonly #limits: FlightLimits;
  readonly #users = new Map<string, number>();
  #all = 0;

  constructor(limits: Partial<FlightLimits> = {}) {
    this.#limits = { ...FLIGHT_LIMITS, ...limits };
  }

  /** What to call, once, when the request has ended; undefined: there is no room for it. '' is everybody unknown. */
  enter(user: string): (() => void) | undefined {
    const own = this.#users.get(user) ?? 0;
    if (own >= this.#limits.perUser || this.#all >= this.#limits.all) return undefined;
    this.#users.set(user, own + 1);
    this.#all += 1;
    return () => {
      this.#all -= 1;
      const left = (this.#users.get(user) ?? 1) - 1;
      if (left > 0) this.#users.set(user, left);
      else this.#users.delete(user);
    };
  }
}
