/** Resident memory of a gateway under two minutes of mixed load: whether it stays, and under 200 MiB. */
import { readFileSync } from 'node:fs';
import { fill, serve, withState } from './gateway.mjs';
import { addressOf, built, lacksKernel, macOf, tcpFilter } from './world.mjs';

const { writeFilter } = await built('xml/nwfilter-write.js');

const MINUTES = 2;
const FILTERS = 1000;
const PORTS = 300;

function residentMiB(pid) {
  return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;
}

/** One after another: an edit, a port that goes and comes, and what people and programs ask. */
const WORK = [
  (call, turn) => {
    const document = writeFilter(tcpFilter(10, turn % 200, `f${turn % FILTERS}`));
    return call('define', { document });
  },
  (call, turn) => call('unbind', { port: `vnet${turn % PORTS}` }),
  (call, turn) =>
    call('bind', {
      port: `vnet${(turn - 1) % PORTS}`,
      mac: macOf((turn - 1) % PORTS),
      filter: `f${turn % FILTERS}`,
      parameters: [{ name: 'IP', value: addressOf((turn - 1) % PORTS) }],
    }),
  (call) => call('list', {}),
  (call, turn) => call('dumpxml', { name: `f${turn % FILTERS}` }),
  (call) => call('bindings', {}),
  (call, turn) => call('export', { names: [`f${turn % FILTERS}`], form: 'wscim' }),
];

export const soakRows = [
  {
    name: 'memory after two minutes of mixed load',
    sizes: [PORTS],
    unit: 'MiB',
    reach: '≤ 200 MiB, second half ≤ 1.1 × first',
    option: '--soak',
    lacks: lacksKernel,
    met: ({ ours, flat }) => ours <= 200 && flat <= 1.1,
    run: () =>
      withState(async (state) => {
        const gateway = await serve(state);
        try {
          await fill(gateway.call, FILTERS, PORTS);
          const samples = [];
          const end = Date.now() + MINUTES * 60_000;
          let turn = 0;
          for (; Date.now() < end; turn += 1) {
            await WORK[turn % WORK.length](gateway.call, turn);
            if (turn % 20 === 0) samples.push(residentMiB(gateway.pid));
          }
          const half = samples.length >> 1;
          const flat = Math.max(...samples.slice(half)) / Math.max(...samples.slice(0, half));
          return {
            ours: Math.max(...samples),
            flat,
            note: `${turn} requests; second half ${flat.toFixed(2)} × first`,
          };
        } finally {
          await gateway.stop();
        }
      }),
  },
];
