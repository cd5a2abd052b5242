/** The sockets a server listens on: HTTP, and HTTPS beside it, whose certificates are read again when their files change. */
import { unwatchFile, watchFile } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { ServerLog } from './log.js';
import { readTls, type TlsFiles } from './tls.js';

export interface Endpoint {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
}

export interface Listeners {
  readonly http: Endpoint;
  readonly tls: Endpoint | undefined;
  /** Reads the certificates again; when they are no good, says so in the log and keeps those it has. */
  reload(): Promise<void>;
  /** Stops listening and lets running requests end for a few seconds. */
  close(): Promise<void>;
}

export interface Listen {
  readonly http: Endpoint;
  readonly tls: (Endpoint & { readonly files: TlsFiles }) | undefined;
  /** Milliseconds in which a whole request must have arrived. */
  readonly patience: number;
  readonly log: ServerLog;
}

/** Milliseconds running requests get when the server stops, and between two looks at the certificates' files. */
const GRACE = 5000;
const LOOK = 2000;
/** More than this are turned away before anything is read. */
const MOST_CONNECTIONS = 1024;

/** Rejects when an address cannot be had, with nothing left open. Errors also: USAGE (see readTls). */
export async function listen(
  answer: RequestListener,
  { http, tls, patience, log }: Listen,
): Promise<Listeners> {
  const terms = {
    requestTimeout: patience,
    connectionsCheckingInterval: Math.min(patience, 5000),
    keepAliveTimeout: 65_000,
  };
  const plain = createServer(terms, answer);
  const secure = tls && createTlsServer({ ...terms, ...(await readTls(tls.files)) }, answer);
  const at = await open(plain, http);
  let secureAt: Endpoint | undefined;
  try {
    secureAt = secure && (await open(secure, tls));
  } catch (error) {
    await stop(plain);
    throw error;
  }

  const reload = async () => {
    if (!secure) return;
    try {
      secure.setSecureContext(await readTls(tls.files));
      // Whoever is connected was judged by the certificates of before.
      secure.closeIdleConnections();
      log.info({ cert: tls.files.cert }, 'certificates read');
    } catch (error) {
      log.error({ err: error }, 'the certificates cannot be read: those of before are kept');
    }
  };
  const files = tls ? Object.values(tls.files).filter((path) => path !== undefined) : [];
  const changed = () => void reload();
  for (const path of files) watchFile(path, { persistent: false, interval: LOOK }, changed);
  return {
    http: at,
    tls: secureAt,
    reload,
    async close() {
      for (const path of files) unwatchFile(path, changed);
      await Promise.all([plain, secure].map((server) => server && stop(server)));
    },
  };
}

async function open(server: Server | TlsServer, { host, port }: Endpoint): Promise<Endpoint> {
  server.maxConnections = MOST_CONNECTIONS;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const { address, port: had } = server.address() as AddressInfo;
  return { host: address, port: had };
}

async function stop(server: Server | TlsServer): Promise<void> {
  const force = setTimeout(() => server.closeAllConnections(), GRACE);
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
  });
  clearTimeout(force);
}
