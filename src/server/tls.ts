/** HTTPS: certificates read from files, replaced while it runs, and the name a client's certificate gives. */
import { readFile } from 'node:fs/promises';
import type { ServerOptions } from 'node:https';
import type { Socket } from 'node:net';
import { createSecureContext, TLSSocket } from 'node:tls';
import { fail } from '../model/errors.js';

/** Paths of PEM files. */
export interface TlsFiles {
  readonly cert: string;
  readonly key: string;
  /** Authority whose certificates stand for users; undefined: certificates of clients are not asked for. */
  readonly clientCa: string | undefined;
}

/** TLS 1.2 and later. A client without a certificate, or with a stranger's, may still give a password. */
const TERMS = { minVersion: 'TLSv1.2', rejectUnauthorized: false } as const satisfies ServerOptions;

/** What a server needs, read anew. Errors: USAGE when a file cannot be read, or key and certificate do not belong together. */
export async function readTls({ cert, key, clientCa }: TlsFiles): Promise<ServerOptions> {
  const read = (path: string) =>
    readFile(path).catch((cause: Error) => {
      throw fail('USAGE', `${path} cannot be read: ${cause.message}`, undefined, { cause });
    });
  const options: ServerOptions = {
    ...TERMS,
    requestCert: clientCa !== undefined,
    cert: await read(cert),
    key: await read(key),
    ...(clientCa === undefined ? {} : { ca: await read(clientCa) }),
  };
  try {
    createSecureContext(options);
  } catch (cause) {
    const message = `${cert} and ${key} are no certificate with its key: ${(cause as Error).message}`;
    throw fail('USAGE', message, undefined, { cause });
  }
  return options;
}

/** The common name of the certificate a client gave, when one of our authority's; undefined otherwise. Source: RFC 5280 §4.1.2.6. */
export function certificateName(socket: Socket): string | undefined {
  if (!(socket instanceof TLSSocket) || !socket.authorized) return undefined;
  const name: unknown = socket.getPeerCertificate().subject?.CN;
  // Two names are none.
  return typeof name === 'string' ? name : undefined;
}
