/** A server on loopback over the fake object manager, and ways to talk to it. */
import { afterEach } from 'vitest';
import { type RunningServer, type ServerOptions, startServer } from '../../src/server/http.js';
import { type FakeObjects, fakeObjects } from './fake-objects.js';

export const PASSWORDS: Readonly<Record<string, string>> = { ann: 'ann-password', bob: 'bob-password' };

export interface Running {
  readonly server: RunningServer;
  readonly url: string;
  readonly objects: FakeObjects;
  /** What was logged as an error. */
  readonly errors: unknown[];
  /** How often a password was really checked. */
  readonly checks: { count: number };
}

const started: RunningServer[] = [];

afterEach(async () => {
  await Promise.all(started.splice(0).map((server) => server.close()));
});

export async function run(options: Partial<ServerOptions> = {}): Promise<Running> {
  const objects = fakeObjects();
  const errors: unknown[] = [];
  const checks = { count: 0 };
  const server = await startServer({
    host: '127.0.0.1',
    port: 0,
    objects,
    version: '1.2.3',
    log: { info: () => undefined, warn: () => undefined, error: (fields) => errors.push(fields) },
    authenticate: async (name, password) => {
      checks.count += 1;
      if (PASSWORDS[name] !== password) return undefined;
      return { name, role: name === 'ann' ? 'admin' : 'reader' };
    },
    ...options,
  });
  started.push(server);
  return { server, url: `http://127.0.0.1:${server.port}`, objects, errors, checks };
}

export function basic(user = 'ann', password = PASSWORDS[user]): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}

export interface Answered {
  readonly status: number;
  readonly text: string;
  readonly headers: Headers;
}

export async function post(
  { url }: Running,
  body: string | Uint8Array,
  headers: Readonly<Record<string, string>> = {},
  path = '/wsman',
): Promise<Answered> {
  const response = await fetch(url + path, {
    method: 'POST',
    body: typeof body === 'string' ? body : Buffer.from(body),
    headers: {
      Authorization: basic(),
      'Content-Type': 'application/soap+xml;charset=UTF-8',
      ...headers,
    },
  });
  const wide = response.headers.get('content-type')?.includes('UTF-16');
  const text = new TextDecoder(wide ? 'utf-16le' : 'utf-8').decode(await response.arrayBuffer());
  return { status: response.status, text, headers: response.headers };
}

const WSA = 'http://schemas.xmlsoap.org/ws/2004/08/addressing';
export const CLASS = 'http://schemas.nwgate.org/wbem/wscim/1/cim-schema/2/';
export const WXF = 'http://schemas.xmlsoap.org/ws/2004/09/transfer';
export const WSEN = 'http://schemas.xmlsoap.org/ws/2004/09/enumeration';

export interface Envelope {
  readonly action: string;
  readonly resource?: string;
  readonly selectors?: Readonly<Record<string, string>>;
  /** More headers, as text. */
  readonly headers?: string;
  readonly body?: string;
}

/** A request as a careful client writes it. */
export function envelope({ action, resource, selectors = {}, headers = '', body = '' }: Envelope): string {
  const set = Object.entries(selectors).map(
    ([name, value]) => `<w:Selector Name="${name}">${value}</w:Selector>`,
  );
  return `<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:a="${WSA}" xmlns:w="http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd"
 xmlns:e="${WSEN}" xmlns:b="http://schemas.dmtf.org/wbem/wsman/1/cimbinding.xsd"><s:Header><a:To>http://h:5985/wsman</a:To>
<a:ReplyTo><a:Address>${WSA}/role/anonymous</a:Address></a:ReplyTo><a:Action s:mustUnderstand="true">${action}</a:Action><a:MessageID>uuid:1</a:MessageID>
${resource === undefined ? '' : `<w:ResourceURI s:mustUnderstand="true">${resource}</w:ResourceURI>`}${set.length ? `<w:SelectorSet>${set.join('')}</w:SelectorSet>` : ''}${headers}</s:Header><s:Body>${body}</s:Body></s:Envelope>`;
}

export const LIST_KEYS = {
  SystemCreationClassName: 'NWG_HostSystem',
  SystemName: 'host1',
  CreationClassName: 'NWG_FilterList',
  Name: 'no-smtp',
};
