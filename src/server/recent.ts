/** A map that keeps what was asked for last: with more than `most`, what was not asked for the longest goes. */
export class Recent<K, V> {
  readonly #most: number;
  /** A Map keeps the order of insertion: its first key is the one not asked for the longest. */
  readonly #kept = new Map<K, V>();

  constructor(most: number) {
    this.#most = most;
  }

  get(key: K): V | undefined {
    const found = this.#kept.get(key);
    if (found !== undefined) this.set(key, found);
    return found;
  }

  set(key: K, value: V): void {
    this.#kept.delete(key);
    this.#kept.set(key, value);
    if (this.#kept.size > this.#most) this.#kept.delete(this.#kept.keys().next().value!);
  }
}
