import { describe, expect, it } from 'vitest';
import { type BatchLimits, Sequence } from '../../src/server/sequence.js';

const never = new Promise<void>(() => undefined);
const limits = (more: Partial<BatchLimits> = {}): BatchLimits => ({
  items: 100,
  fits: () => true,
  timeUp: never,
  ...more,
});

async function* letters(...list: string[]): AsyncGenerator<string> {
  yield* list;
}

describe('Sequence', () => {
  it('reads no more than one item ahead', async () => {
    let read = 0;
    async function* endless() {
      for (;;) yield String(++read);
    }
    const sequence = new Sequence(endless());
    expect(await sequence.take(limits({ items: 3 }))).toEqual({ items: ['1', '2', '3'], finished: false });
    expect(read).toBe(4);
    expect((await sequence.take(limits({ items: 1 }))).items).toEqual(['4']);
  });

  it('knows the end together with the last item', async () => {
    const sequence = new Sequence(letters('a', 'b'));
    expect(await sequence.take(limits({ items: 2 }))).toEqual({ items: ['a', 'b'], finished: true });
  });

  it('keeps what does not fit', async () => {
    const sequence = new Sequence(letters('a', 'bb', 'c'));
    const short = limits({ fits: (item) => item.length === 1 });
    expect(await sequence.take(short)).toEqual({ items: ['a'], finished: false });
    expect(await sequence.take(short)).toEqual({ items: [], finished: false, empty: 'too large' });
    expect(await sequence.take(limits())).toEqual({ items: ['bb', 'c'], finished: true });
  });

  it('gives what it has when the time is up, and loses nothing', async () => {
    let go: () => void = () => undefined;
    async function* slow() {
      yield 'a';
      await new Promise<void>((resolve) => {
        go = resolve;
      });
      yield 'b';
    }
    const sequence = new Sequence(slow());
    const soon = () => new Promise<void>((resolve) => setImmediate(resolve));
    expect(await sequence.take(limits({ timeUp: soon() }))).toEqual({ items: ['a'], finished: false });
    expect(await sequence.take(limits({ timeUp: soon() }))).toEqual({
      items: [],
      finished: false,
      empty: 'timed out',
    });
    go();
    expect(await sequence.take(limits())).toEqual({ items: ['b'], finished: true });
  });

  it('passes on the failure of its source', async () => {
    async function* broken() {
      yield 'a';
      throw new Error('broken');
    }
    const sequence = new Sequence(broken());
    await expect(sequence.take(limits())).rejects.toThrow('broken');
  });
});
