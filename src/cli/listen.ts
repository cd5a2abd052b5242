/** `HOST:PORT` as people write it. */
import { isIPv4 } from 'node:net';
import { fail } from '../model/errors.js';

export interface Address {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
}

/** 5985 is the WS-Management port of HTTP; other hosts reach it only when told. */
export const DEFAULT_LISTEN = '127.0.0.1:5985';

/** The WS-Management port of HTTPS. */
export const TLS_PORT = 5986;

/** Whether only this machine reaches it. */
export function isLoopback({ host }: Address): boolean {
  return host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'));
}

/** `127.0.0.1:5985`, `[::1]:5985`, `host:5985`. Errors: USAGE. */
export function parseListen(text: string): Address {
  const found = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text);
  const port = Number(found?.[3]);
  const host = found?.[1] ?? found?.[2];
  if (host === undefined || !(port <= 65535)) throw fail('USAGE', `"${text}" is not HOST:PORT`);
  return { host, port };
}

/** The address as part of a URL. */
export function formatAddress({ host, port }: Address): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}
