/** Compiling: pure work. */
import { compare } from './measure.mjs';
import { built, tcpFilter } from './world.mjs';

const { compile } = await built('compiler/compile.js');

export const compileRows = [
  {
    name: 'compile a filter of N rules',
    reach: '≥ 100,000 rules/s, linear',
    sizes: [1_000, 10_000, 50_000],
    async run(size) {
      const filter = tcpFilter(size);
      const { ours } = await compare({
        ours: async () => compile('bench', () => filter, { port: 'vnet0', mac: undefined, parameters: [] }),
      });
      return { ours, note: `${Math.round(size / ours).toLocaleString('en')} rules/s` };
    },
  },
];
