/** Items of an enumeration, taken in batches from a stream: one item is looked at ahead, so the last batch knows it is the last. */

export interface BatchLimits {
  readonly items: number;
  /** True when the batch may grow by `item`; asked in order, once for each item. */
  readonly fits: (item: string, first: boolean) => boolean;
  /** Resolves when no more time is left. */
  readonly timeUp: Promise<void>;
}

export interface Taken {
  readonly items: readonly string[];
  readonly finished: boolean;
  /** Why nothing was taken though the sequence goes on. */
  readonly empty?: 'too large' | 'timed out';
}

export class Sequence {
  readonly #source: AsyncIterator<string>;
  #ahead: Promise<IteratorResult<string>> | undefined;
  #taken = 0;

  constructor(source: AsyncIterable<string>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** Items handed out so far. */
  get taken(): number {
    return this.#taken;
  }

  /** Throws what the source throws: an enumeration of an unknown class fails here, before anything is promised. */
  async prepare(): Promise<void> {
    await this.#peek();
  }

  #peek(): Promise<IteratorResult<string>> {
    this.#ahead ??= this.#source.next();
    return this.#ahead;
  }

  /** Takes as many items as the limits allow. An item that does not fit, or comes too late, stays for the next batch. */
  async take(limits: BatchLimits): Promise<Taken> {
    const batch: Batch = { items: [], over: false };
    const late = limits.timeUp.then((): Taken => {
      batch.over = true;
      return batch.items.length > 0 ? goesOn(batch.items) : { ...goesOn([]), empty: 'timed out' };
    });
    return Promise.race([this.#fill(batch, limits), late]);
  }

  async #fill(batch: Batch, limits: BatchLimits): Promise<Taken> {
    const { items } = batch;
    for (;;) {
      const next = await this.#peek();
      if (batch.over) return goesOn(items);
      if (next.done) return { items, finished: true };
      if (items.length >= limits.items) return goesOn(items);
      if (!limits.fits(next.value, items.length === 0))
        return items.length > 0 ? goesOn(items) : { ...goesOn([]), empty: 'too large' };
      items.push(next.value);
      this.#taken += 1;
      this.#ahead = undefined;
    }
  }

  /** Lets the source clean up behind itself. */
  close(): void {
    void Promise.resolve(this.#source.return?.()).catch(() => undefined);
  }
}

interface Batch {
  readonly items: string[];
  /** Its time is up: what comes now is not for it. */
  over: boolean;
}

const goesOn = (items: readonly string[]): Taken => ({ items, finished: false });
