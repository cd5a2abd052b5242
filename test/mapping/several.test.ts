/** Several at once: order, number, and which error. */
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { several } from '../../src/mapping/several.js';

const turns = async (number: number) => {
  for (let turn = 0; turn < number; turn += 1) await setImmediate();
};

describe('several', () => {
  it('answers in the order of the items, some of which are under way at once', async () => {
    let underWay = 0;
    let most = 0;
    const items = Array.from({ length: 50 }, (_, index) => index);
    const results = await several(items, async (item) => {
      underWay += 1;
      most = Math.max(most, underWay);
      await turns((item * 7) % 11);
      underWay -= 1;
      return item * 2;
    });
    expect(results).toEqual(items.map((item) => item * 2));
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThan(50);
  });

  it('fails with the error of the first item that fails, also when a later one fails earlier', async () => {
    const begun: number[] = [];
    const failing = several([0, 1, 2, ...Array(97).keys()], async (_, index) => {
      begun.push(index);
      if (index === 1) await turns(20);
      if (index === 1 || index === 2) throw new Error(`item ${index}`);
      await turns(1);
    });
    await expect(failing).rejects.toThrow('item 1');
    expect(begun.length).toBeLessThan(50);
  });
});
