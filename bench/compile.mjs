/** Compiling: pure work. */
import { compare } from './measure.mjs';
import { built, tcpFilter } from './world.mjs';

const { compile } = await built('compiler/compile.js');

/** Rules compiled for a size, over all repetitions: a process that has just started runs slower code. */
const IN_ALL = 200_000;

export const compileRows = [
  {
    name: 'compile a filter of N rules',
    reach: '≥ 100,000 rules/s, linear',
    sizes: [1_000, 10_000, 50_000],
    // Of a small filter all garbage dies young; from 10,000 rules on the collector takes 40 %, which is a step and no growth.
    met: ({ size, ours, growth = 1 }) => size / ours >= 100_000 && growth < 1.6,
    async run(size) {
      const filter = tcpFilter(size);
      const port = { port: 'vnet0', mac: undefined, parameters: [] };
      const { ours } = await compare({
        repeat: IN_ALL / size,
        ours: async () => compile('bench', () => filter, port),
      });
      return { ours, note: `${Math.round(size / ours).toLocaleString('en')} rules/s` };
    },
  },
];
