/** A running gateway: the lock, the product, the control socket and the network service, and their end in reverse order. */
import type { Objects } from '../app/objects.js';
import { stylesheetMapping } from '../app/objects-filters.js';
import { objectManager } from '../app/objects-manager.js';
import type { Product } from '../app/operation.js';
import { runOperation } from '../app/operations.js';
import { renderPort } from '../compiler/render.js';
import { fail } from '../model/errors.js';
import { startServer } from '../server/http.js';
import { lockState } from '../store/lock.js';
import { userName } from './act.js';
import { serveControl } from './control.js';
import { type Address, formatAddress } from './listen.js';
import type { FullLog } from './log.js';
import { version } from './package.js';
import { type OpenProduct, openProduct, type ProductOptions } from './product.js';

export interface GatewayOptions extends Omit<ProductOptions, 'log' | 'resync'> {
  readonly address: Address;
  readonly log: FullLog;
}

export interface RunningGateway {
  readonly product: Product;
  /** Where it really listens. */
  readonly address: Address;
  /** Answers what is under way, then lets go of everything. */
  stop(): Promise<void>;
}

/** Errors: BUSY, DISK, HOST_LACKS, USAGE (an address that cannot be had): with nothing left behind. */
export async function startGateway({ address, ...options }: GatewayOptions): Promise<RunningGateway> {
  const { state, log } = options;
  const ends: (() => Promise<unknown>)[] = [];
  const stop = async () => {
    for (const end of ends.reverse()) await end();
  };
  try {
    const lock = await lockState(state);
    ends.push(() => lock.release());
    const product = await openProduct({ ...options, resync: true });
    ends.push(() => product.close());
    const { kind, reason } = product.gateway.host;
    log.info({ state, host: kind, reason }, 'gateway opened');

    const by = { name: userName(), role: 'admin', from: 'control socket' } as const;
    const control = await serveControl(state, (name, input) => runOperation(product, name, input, by));
    ends.push(() => control.close());

    const server = await startServer({
      ...address,
      objects: objectsOf(product),
      authenticate: product.users.verify,
      log,
      version: await version(),
    }).catch((cause: Error) => {
      throw fail('USAGE', `cannot listen on ${formatAddress(address)}: ${cause.message}`, undefined, {
        cause,
      });
    });
    ends.push(() => server.close());
    log.info({ host: address.host, port: server.port }, 'listening');
    return { product, address: { ...address, port: server.port }, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** What WS-Management shows: the gateway's filters as instances, through the stylesheets. */
function objectsOf({ gateway, transform, systemName, builtIn }: OpenProduct): Objects {
  return objectManager(gateway, stylesheetMapping(transform, systemName), {
    systemName,
    renderPort,
    isBuiltIn: (name) => builtIn.has(name),
  });
}
