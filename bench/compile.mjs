/** Compiling: pure work. */
import { PerformanceObserver } from 'node:perf_hooks';
import { setTimeout } from 'node:timers/promises';
import { compare, seconds } from './measure.mjs';
import { built, tcpFilter } from './world.mjs';

const { compile } = await built('compiler/compile.js');

/** Rules compiled for a size, over all repetitions: a process that has just started runs slower code. */
const IN_ALL = 200_000;

/**
 * Runs `work`; answers its result, its seconds, and those of them that the collector took. Of a small filter all garbage dies young, of a large
 * one much is copied: that is a step from one size to the next, and no growth of the work.
 */
async function withCollector(work) {
  let collected = 0;
  const watch = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) collected += duration / 1000;
  });
  watch.observe({ entryTypes: ['gc'] });
  let result;
  const all = await seconds(async () => {
    result = await work();
  });
  // What it has seen is told some turns later.
  await setTimeout(50);
  watch.disconnect();
  return { result, all, collected };
}

export const compileRows = [
  {
    name: 'compile a filter of N rules',
    reach: '≥ 100,000 rules/s, linear but for the collector',
    sizes: [1_000, 10_000, 50_000],
    met: ({ size, ours, perRule }, earlier) =>
      size / ours >= 100_000 && perRule < 1.3 * (earlier.at(-1)?.perRule ?? perRule),
    async run(size) {
      const filter = tcpFilter(size);
      const port = { port: 'vnet0', mac: undefined, parameters: [] };
      const repeat = IN_ALL / size;
      const ours = async () => compile('bench', () => filter, port);
      const { result, all, collected } = await withCollector(() => compare({ repeat, ours }));
      const perRule = (all - collected) / ((repeat + 1) * size);
      const rate = Math.round(size / result.ours).toLocaleString('en');
      const note = `${rate} rules/s; ${(perRule * 1e6).toFixed(1)} µs a rule and ${Math.round((100 * collected) / all)} % the collector's`;
      return { ours: result.ours, perRule, note };
    },
  },
];
