/** A gateway over real files and a host in memory. */
import { openGateway, type Surroundings } from '../../src/app/gateway.js';
import type { Store } from '../../src/app/ports.js';
import type { Caller } from '../../src/model/caller.js';
import { fail } from '../../src/model/errors.js';
import type { Filter } from '../../src/model/filter.js';
import { openFileStore } from '../../src/store/file-store.js';
import { readFilter } from '../../src/xml/nwfilter-read.js';
import { type FakeHost, fakeHost } from './fake-host.js';

export const ADMIN: Caller = { name: 'amy', role: 'admin', from: 'test' };

export interface Opened {
  readonly gateway: Awaited<ReturnType<typeof openGateway>>;
  readonly host: FakeHost;
  readonly store: Store & { full: boolean };
}

/** `full` makes every write fail as a full disk does. */
export async function openTestGateway(
  state: string,
  options: Partial<Pick<Surroundings, 'builtIn' | 'transform' | 'leases' | 'listener' | 'log'>> & {
    readonly host?: FakeHost;
  } = {},
): Promise<Opened> {
  const files = await openFileStore(state);
  const store = {
    ...files,
    full: false,
    async commit(changes: Parameters<Store['commit']>[0]) {
      if (this.full) throw fail('DISK', 'no space left');
      await files.commit(changes);
    },
  };
  const host = options.host ?? fakeHost(['vnet0', 'vnet1']);
  const silent = { info: () => undefined, warn: () => undefined };
  const gateway = await openGateway({
    store,
    host,
    transform: options.transform ?? (() => Promise.reject(new Error('no transform in this test'))),
    systemName: 'test.example',
    log: options.log ?? silent,
    builtIn: options.builtIn ?? [],
    ...(options.leases && { leases: options.leases }),
    ...(options.listener && { listener: options.listener }),
  });
  return { gateway, host, store };
}

/** A native document; `body` is what stands in the filter. */
export function doc(name: string, body = '', uuid?: string): string {
  return `<filter name='${name}'>${uuid === undefined ? '' : `<uuid>${uuid}</uuid>`}${body}</filter>`;
}

export const rule = (port: number | string) =>
  `<rule action='drop' direction='out'><tcp dstportstart='${port}'/></rule>`;
export const ref = (name: string) => `<filterref filter='${name}'/>`;

export const read = (document: string): Filter => readFilter(document);

/** A binding of a filter to a port, with parameters as `NAME=VALUE`. */
export function bound(port: string, filter: string, ...parameters: readonly string[]) {
  return {
    port,
    filter,
    mac: undefined,
    owner: undefined,
    parameters: parameters.map((text) => {
      const [name = '', value = ''] = text.split('=');
      return { name, value };
    }),
  };
}
