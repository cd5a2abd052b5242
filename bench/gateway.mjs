/** The whole program: a gateway started as a user starts it, spoken to through its control socket. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lacksLibvirt, withLibvirt } from './libvirt.mjs';
import { compare, median, seconds } from './measure.mjs';
import { addressOf, built, DIST, lacksKernel, macOf, must, tcpFilter } from './world.mjs';

const { findGateway } = await built('cli/control.js');
const { writeFilter } = await built('xml/nwfilter-write.js');

/** `serve` on a state directory; resolves when it listens. */
export async function serve(state, host = 'kernel') {
  const args = ['--state', state, '--host', host, 'serve', '--listen', '127.0.0.1:0'];
  const child = spawn(process.execPath, [join(DIST, 'cli/main.js'), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise((resolve) => child.once('close', resolve));
  let said = '';
  await new Promise((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        said = said.slice(-1000) + text;
        if (/listening/.test(said)) resolve();
      });
    }
    void ended.then((code) => reject(new Error(`serve ended with ${code}: ${said}`)));
  });
  return {
    pid: child.pid,
    port: Number(/"port":(\d+),"msg":"listening"/.exec(said)?.[1]),
    call: await findGateway(state),
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/**
 * Runs `work` with a state directory. All are removed at the end: ext4 keeps away from inodes that were removed in the last minute, so that a new
 * file costs half a millisecond where a thousand have just gone.
 */
export async function withState(work) {
  const state = mkdtempSync(join(tmpdir(), 'nwbench-'));
  spent.push(state);
  return work(state);
}
const spent = [];
process.once('exit', () => {
  for (const state of spent) rmSync(state, { recursive: true });
});

/** Native documents of so many filters of ten rules. */
export const documents = (number, salt = 0) =>
  Array.from({ length: number }, (_, index) => writeFilter(tcpFilter(10, salt, `f${index}`)));

async function define(number, ask) {
  const texts = documents(number);
  const ours = async () =>
    withState(async (state) => {
      const gateway = await serve(state, 'dry-run');
      const took = await seconds(() => ask(gateway.call, texts));
      await gateway.stop();
      return took;
    });
  const mine = [await ours(), await ours(), await ours()];
  if (lacksLibvirt()) return { ours: median(mine) };
  const theirs = await withLibvirt(async (libvirt) => seconds(async () => libvirt.define(texts)()));
  return { ours: median(mine), reference: theirs };
}

/** A state directory of so many filters, each on some of the ports. */
export async function fill(call, filters, ports) {
  await call('import', { document: `<filters>${documents(filters).join('')}</filters>`, source: 'bench' });
  for (let index = 0; index < ports; index += 1) {
    await call('bind', {
      port: `vnet${index}`,
      mac: macOf(index),
      filter: `f${index % filters}`,
      parameters: [{ name: 'IP', value: addressOf(index) }],
    });
  }
}

/** `serve` until it listens. `cold`: the kernel holds nothing of ours and what was read before is forgotten. */
function start(cold) {
  return withState(async (state) => {
    const first = await serve(state);
    await fill(first.call, 1000, 300);
    await first.stop();
    const result = await compare({
      repeat: 3,
      prepare: async () => {
        if (!cold) return;
        for (const tool of ['ebtables -t nat', 'iptables', 'ip6tables']) clear(tool);
        for (const kind of ['filters', 'bindings']) rmSync(join(state, `${kind}.cache`), { force: true });
      },
      ours: async () => {
        running = await serve(state);
      },
      prepareReference: () => running.stop(),
      reference: async () => {},
    });
    for (const tool of ['ebtables -t nat', 'iptables', 'ip6tables']) clear(tool);
    return { ours: result.ours };
  });
}
let running;

function clear(tool) {
  const [command, ...args] = tool.split(' ');
  for (const how of ['-F', '-X']) must(command, [...args, how]);
}

export const gatewayRows = [
  {
    name: 'define N filters over the API, one call each',
    sizes: [1000],
    run: (size) =>
      define(size, async (call, texts) => {
        for (const document of texts) await call('define', { document });
      }),
  },
  {
    name: 'define N filters over the API, 16 at once',
    sizes: [1000],
    run: (size) =>
      define(size, async (call, texts) => {
        const left = [...texts];
        const worker = async () => {
          for (let document = left.pop(); document; document = left.pop()) await call('define', { document });
        };
        await Promise.all(Array.from({ length: 16 }, worker));
      }),
  },
  {
    name: 'define N filters over the API, in one import',
    sizes: [1000],
    reach: '≤ 1 s',
    met: ({ ours }) => ours <= 1,
    run: (size) =>
      define(size, (call, texts) =>
        call('import', { document: `<filters>${texts.join('')}</filters>`, source: 'bench' }),
      ),
  },
  {
    name: 'start with 1,000 filters of 10 rules, 300 ports',
    sizes: ['cold', 'again'],
    reach: 'cold ≤ 3 s, again ≤ 1 s',
    met: ({ size, ours }) => ours <= (size === 'cold' ? 3 : 1),
    lacks: lacksKernel,
    run: (size) => start(size === 'cold'),
  },
];
