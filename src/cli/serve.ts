/** A running gateway: the lock, the product, the control socket and the network service, and their end in reverse order. */
import type { Objects } from '../app/objects.js';
import { stylesheetMapping } from '../app/objects-filters.js';
import { objectManager } from '../app/objects-manager.js';
import type { Product } from '../app/operation.js';
import type { Account } from '../app/ports.js';
import { renderPort } from '../compiler/render.js';
import { fail, NwgateError } from '../model/errors.js';
import { startServer } from '../server/http.js';
import { sinkCheck } from '../server/sinks.js';
import type { TlsFiles } from '../server/tls.js';
import { lockState } from '../store/lock.js';
import { userName } from './act.js';
import { serveControl } from './control.js';
import { type Address, formatAddress } from './listen.js';
import type { FullLog } from './log.js';
import { version } from './package.js';
import { type OpenProduct, openProduct, type ProductOptions } from './product.js';

export interface GatewayOptions extends Omit<ProductOptions, 'log' | 'resync' | 'listens'> {
  readonly address: Address;
  /** HTTPS beside it. */
  readonly tls?: (Address & { readonly files: TlsFiles }) | undefined;
  /** Where events may be sent: see sinkCheck. */
  readonly eventSinks?: readonly string[] | undefined;
  /** Whose members may use the control socket too. */
  readonly controlGroup?: string | undefined;
  readonly log: FullLog;
}

export interface RunningGateway {
  readonly product: Product;
  /** Where it really listens. */
  readonly address: Address;
  /** Reads the certificates again. */
  reload(): Promise<void>;
  /** Answers what is under way, then lets go of everything. */
  stop(): Promise<void>;
}

/** With zod a fifth of what there is to load: when everything listens, unless a request comes before. */
const operations = () => import('../app/operations.js');

/** Errors: BUSY, DISK, HOST_LACKS, ADDRESS_IN_USE, USAGE (an address that cannot be had): with nothing left behind. */
export async function startGateway({
  address,
  tls,
  controlGroup,
  eventSinks,
  ...options
}: GatewayOptions): Promise<RunningGateway> {
  const { state, log } = options;
  const sinks = sinkCheck(eventSinks);
  const ends: (() => Promise<unknown>)[] = [];
  const stop = async () => {
    for (const end of ends.reverse()) await end();
  };
  try {
    const lock = await lockState(state);
    ends.push(() => lock.release());
    const product = await openProduct({ ...options, resync: true, listens: true });
    ends.push(() => product.close());
    const watch = await product.gateway.watch();
    ends.push(() => watch.close());
    const { kind, reason } = product.gateway.host;
    log.info({ state, host: kind, reason }, 'gateway opened');

    tellOfDigest(await product.users.list(), options.digest === true, log);

    const by = { name: userName(), role: 'admin', from: 'control socket' } as const;
    const control = await serveControl(
      state,
      async (name, input) => (await operations()).runOperation(product, name, input, by),
      controlGroup,
    );
    ends.push(() => control.close());

    const server = await startServer({
      ...address,
      tls,
      objects: objectsOf(product, log),
      sinks,
      authenticate: product.users.verify,
      userNamed: product.users.named,
      secretsOf: options.digest ? product.users.digest : undefined,
      log,
      version: await version(),
    }).catch((cause: NodeJS.ErrnoException) => {
      if (cause instanceof NwgateError) throw cause;
      throw fail(
        cause.code === 'EADDRINUSE' ? 'ADDRESS_IN_USE' : 'USAGE',
        `cannot listen on ${[address, tls]
          .flatMap((each) => each ?? [])
          .map(formatAddress)
          .join(' and ')}: ${cause.message}`,
        undefined,
        {
          cause,
        },
      );
    });
    ends.push(() => server.close());
    log.info({ host: address.host, port: server.port }, 'listening');
    if (server.tls) log.info({ ...server.tls, files: tls?.files }, 'listening for HTTPS');
    void operations();
    return { product, address: { ...address, port: server.port }, reload: server.reload, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Passwords that must be set again before Digest works as the operator means it. */
function tellOfDigest(all: readonly Account[], isOffered: boolean, log: FullLog): void {
  const users = all.filter(({ digest }) => digest !== isOffered).map(({ name }) => name);
  if (users.length === 0) return;
  const message = isOffered
    ? 'these users cannot use HTTP Digest until their passwords are set again: nwgate user password'
    : 'HTTP Digest is off, and what it needs is kept of these users: set their passwords again to be rid of it';
  log.warn({ users }, message);
}

/** What WS-Management shows: the gateway's filters as instances, through the stylesheets. */
function objectsOf(product: OpenProduct, log: FullLog): Objects {
  const { gateway, transform, systemName, builtIn } = product;
  const objects = objectManager(gateway, stylesheetMapping(transform, systemName), {
    systemName,
    renderPort,
    isBuiltIn: (name) => builtIn.has(name),
    unseen: (err) => log.error({ err }, 'no events could be made of a change'),
  });
  return product.audited(objects);
}
