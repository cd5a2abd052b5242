/** A gateway over real files and the kernel of a lab. */

import type { Gateway } from '../../src/app/api.js';
import { openGateway, type Surroundings } from '../../src/app/gateway.js';
import type { Host, Store } from '../../src/app/ports.js';
import type { Run } from '../../src/process/run.js';
import { openFileStore } from '../../src/store/file-store.js';
import { ADMIN } from './gateway.js';
import { hostIn } from './netfilter.js';
import type { Station } from './netns.js';

export interface KernelGateway {
  readonly gateway: Gateway;
  readonly host: Host;
  /** Names of the programs started since the last call. */
  started(): readonly string[];
  /** What it has logged, messages only. */
  readonly log: string[];
  define(document: string): Promise<unknown>;
  bind(port: string, filter: string): Promise<unknown>;
}

/** Programs whose name matches `missing` are as if not installed, once the host is there. */
export async function kernelGateway(
  state: string,
  station: Station,
  options: {
    readonly missing?: RegExp;
    readonly store?: (store: Store) => Store;
    readonly run?: Run;
  } = {},
): Promise<KernelGateway> {
  const { host, started } = await hostIn(station, options.missing, true, options.run);
  const log: string[] = [];
  const say = (_: unknown, message: string) => void log.push(message);
  const files = await openFileStore(state);
  const around: Surroundings = {
    store: options.store?.(files) ?? files,
    host,
    transform: () => Promise.reject(new Error('no transform in this test')),
    systemName: 'test.example',
    log: { info: say, warn: say },
    builtIn: [],
  };
  const gateway = await openGateway(around);
  return {
    gateway,
    host,
    started,
    log,
    define: (document) => gateway.define(document, {}, ADMIN),
    bind: (port, filter) =>
      gateway.bind(
        { port, filter, mac: undefined, owner: undefined, parameters: [] },
        { replace: true },
        ADMIN,
      ),
  };
}

/** Asks again and again until the answer is the wanted one; answers the milliseconds it took. */
export async function until(what: string, met: () => Promise<boolean> | boolean): Promise<number> {
  const start = performance.now();
  while (!(await met())) {
    if (performance.now() - start > 20_000) throw new Error(`never: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return Math.round(performance.now() - start);
}
