/** All or nothing: a change that fails at any step, for any reason, leaves every port on its old rules and says why. */
import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { fail, NwgateError } from '../../src/model/errors.js';
import { hold, type Outcome, type Run, run } from '../../src/process/run.js';
import { temporaryDirectory } from '../support/directory.js';
import { ADMIN, doc } from '../support/gateway.js';
import { type KernelGateway, kernelGateway } from '../support/kernel-gateway.js';
import { hostIn } from '../support/netfilter.js';
import { canFilter, type Lab, lab } from '../support/netns.js';
import { rules } from '../support/rules.js';
import { snapshot } from '../support/snapshot.js';

const lacking = await canFilter();
const noLegacy = lacking ?? (await legacyLacks());

const filterOf = (port: number) =>
  doc(
    'f',
    `<rule action='drop' direction='out'><mac srcmacaddr='52:54:00:00:${port}:66'/></rule>
     <rule action='drop' direction='out'><tcp dstportstart='${port}'/></rule>
     <rule action='drop' direction='in'><udp-ipv6 dstportstart='${port}'/></rule>`,
  );

const dead = (signal: string): Outcome => ({
  code: undefined,
  stdout: '',
  stderr: '',
  failure: `killed by ${signal}`,
});
const spoiled = (input: string) => input.replace(/COMMIT\n$/, '-A no-such-chain -j NO-SUCH-TARGET\nCOMMIT\n');

/** What happens to one start of a tool. */
const FAULTS: Readonly<Record<string, Run>> = {
  'a rule is refused': (command, args, options) =>
    run(command, args, { ...options, input: spoiled(options?.input ?? '') }),
  'the tool is killed at once': async () => dead('SIGKILL'),
  'the tool is killed when it is done': async (...start) => {
    await run(...start);
    return dead('SIGKILL');
  },
  'the tool is gone': async (command) => {
    throw fail('HOST_LACKS', `${command} is not installed`);
  },
};

interface Change {
  readonly carryOut: (product: KernelGateway) => Promise<unknown>;
  /** Those tried unless NWGATE_LONG asks for all. */
  readonly faults: readonly (keyof typeof FAULTS)[];
}

const LONG = process.env.NWGATE_LONG === '1';
const CHANGES: Readonly<Record<string, Change>> = {
  'change of a filter on two ports': {
    carryOut: ({ define }) => define(filterOf(26)),
    faults: Object.keys(FAULTS),
  },
  'bind of a third port': {
    carryOut: ({ bind }) => bind('vnet2', 'f'),
    faults: ['the tool is killed when it is done'],
  },
  unbind: {
    carryOut: ({ gateway }) => gateway.unbind('vnet0', ADMIN),
    faults: ['the tool is killed when it is done'],
  },
};

const failureOf = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (caught: unknown) => caught as NwgateError,
  );

describe.skipIf(lacking !== undefined)(`faults ${lacking ?? ''}`, () => {
  let world: Lab;
  beforeAll(async () => {
    world = await lab({ ports: [] });
  });
  afterAll(() => world.dispose());

  /** Two bound ports, and a Run whose n-th batch from now on suffers a fault. */
  async function twoPorts(state: string) {
    let left = Number.POSITIVE_INFINITY;
    let fault: Run = run;
    const batches: string[] = [];
    const faulty: Run = (command, args, options) => {
      if (!command.endsWith('-restore')) return run(command, args, options);
      batches.push(command);
      left -= 1;
      return left === 0 ? fault(command, args, options) : run(command, args, options);
    };
    const product = await kernelGateway(state, world.host, { run: faulty });
    await product.define(filterOf(25));
    for (const port of ['vnet0', 'vnet1']) await product.bind(port, 'f');
    return {
      product,
      batches,
      strike(at: number, how: Run) {
        if (at > 0) batches.length = 0;
        left = at;
        fault = how;
      },
      async dispose() {
        for (const { port } of product.gateway.bindings()) await product.gateway.unbind(port, ADMIN);
      },
    };
  }
  const known = ({ gateway }: KernelGateway) =>
    JSON.stringify([gateway.bindings(), gateway.filters().map(({ value }) => value)]);

  for (const [change, { carryOut, faults }] of Object.entries(CHANGES)) {
    it(`${change}, each fault at each step`, async () => {
      const table: string[] = [];
      for (const name of LONG ? Object.keys(FAULTS) : faults) {
        for (let step = 1; ; step += 1) {
          const { product, batches, strike, dispose } = await twoPorts(temporaryDirectory());
          const [before, stateBefore] = [await snapshot(world.host), known(product)];
          strike(step, FAULTS[name]!);
          const error = await failureOf(carryOut(product));
          const tool = batches[step - 1];
          strike(0, run);
          if (tool !== undefined && error !== undefined) {
            expect(error).toBeInstanceOf(NwgateError);
            expect(error.code).toBe('NOT_APPLIED');
            expect(error.message).toContain(tool.replace('-restore', ''));
            expect(await snapshot(world.host)).toBe(before);
            expect(known(product)).toBe(stateBefore);
            table.push(row(name, step, tool, `as before: ${error.message}`));
          } else if (tool !== undefined) {
            // Clearing up failed, or a tool had done its work before it was killed.
            const { differences } = await product.host.compare(wantedBy(product));
            expect(differences.filter(({ kind }) => kind !== 'chain-extra')).toEqual([]);
            table.push(row(name, step, tool, 'done; what is left over goes with the next change'));
          }
          await product.define(filterOf(27));
          expect((await product.gateway.verify(false, ADMIN)).differences).toEqual([]);
          await dispose();
          expect(await snapshot(world.host)).not.toContain('nwg');
          if (tool === undefined) break;
        }
      }
      console.log([change, row('fault', 0, 'step', 'outcome'), ...table].join('\n'));
      expect(table.length).toBeGreaterThanOrEqual(3 * (LONG ? Object.keys(FAULTS) : faults).length);
    }, 300_000);
  }

  it('a full disk, whatever still fits on it', async () => {
    const table: string[] = [];
    for (const pages of LONG ? [0, 1, 2, 3] : [0]) {
      const state = temporaryDirectory();
      must('mount', '-t', 'tmpfs', '-o', 'size=512k', 'tmpfs', state);
      onTestFinished(() => must('umount', '-l', state));
      const { product, dispose } = await twoPorts(state);
      const filler = join(state, 'filler');
      const [before, stateBefore] = [await snapshot(world.host), known(product)];
      fill(filler, pages);
      for (const [change, { carryOut }] of Object.entries(CHANGES)) {
        const error = await failureOf(carryOut(product));
        table.push(row(change, pages, 'store', error === undefined ? 'done' : `as before: ${error.message}`));
        if (error === undefined) {
          // It fitted: back to where we were.
          rmSync(filler);
          await product.define(filterOf(25));
          for (const port of ['vnet0', 'vnet1']) await product.bind(port, 'f');
          if (product.gateway.bindings().length > 2) await product.gateway.unbind('vnet2', ADMIN);
          fill(filler, pages);
        } else {
          expect(error.code).toBe('DISK');
          expect(error.message).toMatch(/ENOSPC|no space/i);
          expect(known(product)).toBe(stateBefore);
        }
        expect(await snapshot(world.host)).toBe(before);
      }
      rmSync(filler);
      expect((await product.gateway.verify(false, ADMIN)).differences).toEqual([]);
      await dispose();
    }
    console.log(['a full disk', row('change', 0, 'pages free', 'outcome'), ...table].join('\n'));
    expect(table.some((line) => line.includes('as before'))).toBe(true);
  });

  it('ports whose rules somebody took away are closed until they are back, whatever fails', async () => {
    const { product, strike, dispose } = await twoPorts(temporaryDirectory());
    for (const flush of [
      ['iptables', '-F'],
      ['nft', 'flush', 'ruleset'],
    ]) {
      await world.host.exec(flush[0]!, flush.slice(1));
      // The first batch closes; the second brings back the rules of iptables.
      strike(2, FAULTS['the tool is killed at once']!);
      const error = await failureOf(product.host.replace(wantedBy(product)));
      strike(0, run);
      expect(error?.code).toBe('NOT_APPLIED');
      expect(await closedPorts(world)).toEqual(['vnet0', 'vnet1']);
      await product.gateway.verify(true, ADMIN);
      expect((await product.gateway.verify(false, ADMIN)).differences).toEqual([]);
      expect(await closedPorts(world)).toEqual([]);
    }
    await dispose();
  });

  it('takes its turn when another program changes rules at the same moment', async () => {
    const { product, dispose } = await twoPorts(temporaryDirectory());
    let going = true;
    const other = (async () => {
      for (let turn = 0; going; turn += 1) {
        await world.host.exec('nft', ['add', 'table', 'inet', `other${turn % 7}`]);
        await world.host.exec('nft', ['delete', 'table', 'inet', `other${turn % 7}`]);
      }
    })();
    for (const port of [30, 31, 32, 33, 34, 35]) await product.define(filterOf(port));
    going = false;
    await other;
    expect((await product.gateway.verify(false, ADMIN)).differences).toEqual([]);
    await dispose();
  });

  it.skipIf(noLegacy !== undefined)(
    `the lock of the legacy tools is held by another program ${noLegacy ?? ''}`,
    async () => {
      // A lock file of its own: the machine's is everybody's.
      const lock = join(temporaryDirectory(), 'xtables.lock');
      writeFileSync(lock, '');
      const locked: Run = (command, args, options) =>
        run(
          command,
          args.map((word) => (word === '10' ? '1' : word)),
          { ...options, env: { XTABLES_LOCKFILE: lock } },
        );
      const { host } = await hostIn(world.host, /^ip6?tables(-nft)?-(restore|save)$/, false, locked);
      const saved = async () =>
        (await world.host.exec('iptables-legacy-save', [])).stdout.replace(/^#.*\n|\[\d+:\d+\]/gm, '');
      const change = (port: string) =>
        new Map([['vnet0', rules('vnet0', ['drop', 'out', 'tcp', { dstportstart: port }])]]);
      await host.apply(change('25'));
      const before = await saved();
      const holder = await hold('flock', ['-n', lock, 'cat']);
      if (!holder.held) throw new Error('the lock is not to be had');
      const error = await host.apply(change('26')).catch((caught: unknown) => caught);
      await holder.release();
      expect(error).toMatchObject({ code: 'NOT_APPLIED', details: expect.stringContaining('xtables lock') });
      expect(await saved()).toBe(before);
      await host.apply(change('26'));
      expect(await saved()).toContain('--dport 26');
      await host.apply(new Map([['vnet0', undefined]]));
    },
  );
});

const wantedBy = ({ gateway }: KernelGateway) =>
  new Map(gateway.bindings().map(({ port, filter }) => [port, gateway.compile({ filter, port })]));

/** The ports whose frames from the guest all end in a chain that only drops. */
async function closedPorts({ host }: Lab): Promise<readonly string[]> {
  const { stdout } = await host.exec('ebtables-save', []);
  const dropping = /^-A (\S+) -j DROP$/gm;
  const chains = new Set([...stdout.matchAll(dropping)].map(([, chain]) => chain));
  const entries = [...stdout.matchAll(/^-A nwgate-from\S* -i (\S+) -j (nwg-\S+)$/gm)];
  return entries.flatMap(([, port, chain]) => (chains.has(chain) ? [port!] : [])).sort();
}

const row = (fault: string, step: number, tool: string, outcome: string) =>
  `  ${fault.padEnd(36)} ${String(step || '').padStart(2)} ${tool.padEnd(18)} ${outcome}`;

function must(command: string, ...args: readonly string[]): void {
  const { status, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command}: ${stderr}`);
}

/** Fills the disk and gives some pages back. */
function fill(file: string, pages: number): void {
  let size = 512 * 1024;
  for (; size > 0; size -= 4096) {
    try {
      writeFileSync(file, Buffer.alloc(size));
      break;
    } catch {
      rmSync(file, { force: true });
    }
  }
  writeFileSync(file, Buffer.alloc(Math.max(0, size - pages * 4096)));
}

/** Why legacy iptables cannot be tried. */
async function legacyLacks(): Promise<string | undefined> {
  const { failure, stderr } = await run('iptables-legacy', ['-S']).catch((error: Error) => ({
    failure: error.message,
    stderr: error.message,
  }));
  return failure && `not supported: ${stderr.trim()}`;
}
