/** A map that forgets: each value after its time, and the oldest when there are too many. */
export class Fading<T> {
  readonly #clock: () => number;
  readonly #life: number;
  readonly #most: number;
  readonly #values = new Map<string, { readonly value: T; readonly until: number }>();

  /** `clock` and `life` in milliseconds. */
  constructor(clock: () => number, life: number, most = 1000) {
    this.#clock = clock;
    this.#life = life;
    this.#most = most;
  }

  get(key: string): T | undefined {
    const found = this.#values.get(key);
    return found && this.#clock() < found.until ? found.value : undefined;
  }

  set(key: string, value: T): void {
    this.#values.delete(key);
    for (const [old, { until }] of this.#values) {
      if (this.#values.size < this.#most && this.#clock() < until) break;
      this.#values.delete(old);
    }
    this.#values.set(key, { value, until: this.#clock() + this.#life });
  }

  delete(key: string): void {
    this.#values.delete(key);
  }
}
