/** The network services over HTTP: which path is what, who may, and what comes back. The only importer of express. Source: DSP0226 §13, wsman binding of SOAP 1.2 part 2 §7. */
import { randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type ErrorRequestHandler, type Request, type RequestHandler, type Response } from 'express';
import type { Objects } from '../app/objects.js';
import type { Caller } from '../model/caller.js';
import { parseXml } from '../xml/parse.js';
import { type Authenticate, basicAuthentication, CHALLENGE } from './auth.js';
import { decodeMessage, encodingOf } from './charset.js';
import { isSoap, readContentType } from './content-type.js';
import { Contexts } from './contexts.js';
import type { ServerLog } from './log.js';
import { SOAP_PATH, soapService } from './soap-service.js';
import { wsmanService } from './wsman-handler.js';

export interface ServerLimits {
  /** Octets of a request's body. */
  readonly body: number;
  /** Elements of a request's document. */
  readonly elements: number;
  /** Milliseconds a read, a change, and the arrival of a whole request may take. */
  readonly read: number;
  readonly change: number;
  readonly request: number;
}

export const SERVER_LIMITS: ServerLimits = {
  body: 16 * 1024 * 1024,
  elements: 200_000,
  read: 60_000,
  change: 300_000,
  request: 60_000,
};

export interface ServerOptions {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  readonly objects: Objects;
  readonly authenticate: Authenticate;
  readonly log: ServerLog;
  /** nwgate's version, told by Identify. */
  readonly version: string;
  /** Milliseconds since 1970. */
  readonly clock?: () => number;
  readonly limits?: Partial<ServerLimits>;
}

export interface RunningServer {
  readonly host: string;
  readonly port: number;
  /** Stops listening, lets running requests end (for a few seconds), and ends all enumerations. */
  close(): Promise<void>;
}

const WSMAN_PATH = '/wsman';
const ANONYMOUS_PATH = '/wsman-anon/identify';
/** Milliseconds running requests get when the server stops. */
const GRACE = 5000;
const SWEEP = 30_000;

/** Listens once it resolves. Rejects when the address cannot be had. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const limits = { ...SERVER_LIMITS, ...options.limits };
  const clock = options.clock ?? Date.now;
  const newId = () => `uuid:${randomUUID()}`;
  const contexts = new Contexts(clock, newId);
  const app = await application(options, limits, contexts, clock, newId);
  const server = createServer(
    {
      requestTimeout: limits.request,
      connectionsCheckingInterval: Math.min(limits.request, 5000),
      keepAliveTimeout: 65_000,
    },
    app,
  );
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, resolve);
  });
  const sweeper = setInterval(() => contexts.sweep(), SWEEP).unref();
  const { address, port } = server.address() as AddressInfo;
  return {
    host: address,
    port,
    async close() {
      clearInterval(sweeper);
      await stop(server);
      contexts.closeAll();
    },
  };
}

async function stop(server: Server): Promise<void> {
  const force = setTimeout(() => server.closeAllConnections(), GRACE);
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
  });
  clearTimeout(force);
}

async function application(
  { objects, authenticate, log, version }: ServerOptions,
  limits: ServerLimits,
  contexts: Contexts,
  clock: () => number,
  newId: () => string,
): Promise<express.Express> {
  const check = basicAuthentication(authenticate, clock);
  const wsman = wsmanService({
    objects,
    contexts,
    identity: { vendor: 'nwgate', version, securityProfiles: ['http/basic'] },
    newId,
    log,
    patience: { read: limits.read, change: limits.change },
  });
  const soap = await soapService(objects, log, limits.change);

  /** Goes on with the caller known, or answers 401. */
  const known: RequestHandler = async (request, response, next) => {
    const user = await check(request.headers.authorization);
    if (user) {
      response.locals.caller = { ...user, from: request.socket.remoteAddress ?? '' } satisfies Caller;
      next();
    } else {
      response.setHeader('WWW-Authenticate', CHALLENGE);
      plain(response, 401, 'name and password, please');
    }
  };
  const knownOrIdentify: RequestHandler = (request, response, next) =>
    request.headers.wsmanidentify === 'unauthenticated' ? next() : known(request, response, next);
  const body = [acceptable, express.raw({ type: () => true, limit: limits.body })];

  const answerWsman: RequestHandler = async (request, response) => {
    const document = octetsOf(request);
    const encoding = encodingOf(document);
    const { status, text } = await wsman({
      parse: () => parse(request, document, limits),
      caller: response.locals.caller as Caller | undefined,
      octets: encoding.octets,
    });
    send(response, status, `application/soap+xml;charset=${encoding.label}`, encoding.write(text));
  };

  const app = express();
  app.disable('x-powered-by').disable('etag');
  app.post(WSMAN_PATH, knownOrIdentify, body, answerWsman);
  app.post(ANONYMOUS_PATH, body, answerWsman);
  app.post(SOAP_PATH, known, body, (async (request, response) => {
    const caller = response.locals.caller as Caller;
    const document = octetsOf(request);
    const { status, contentType, text } = await soap.handle(() => parse(request, document, limits), caller);
    send(response, status, contentType, text);
  }) satisfies RequestHandler);
  app.get(SOAP_PATH, known, (request, response) => {
    if (!('wsdl' in request.query)) return plain(response, 404, `the description is at ${SOAP_PATH}?wsdl`);
    send(response, 200, 'text/xml;charset=UTF-8', soap.wsdl(addressOf(request)));
  });
  app.all([WSMAN_PATH, ANONYMOUS_PATH], (_request, response) => refuseMethod(response, 'POST'));
  app.all(SOAP_PATH, (_request, response) => refuseMethod(response, 'GET, HEAD, POST'));
  app.use((_request, response) =>
    plain(response, 404, 'nothing here: see /wsman and /soap/filter-service?wsdl'),
  );
  app.use(afterFailure(log));
  return app;
}

/** Goes on with what may hold a SOAP message. */
const acceptable: RequestHandler = (request, response, next) => {
  const { headers } = request;
  if (headers['content-length'] === undefined && headers['transfer-encoding'] === undefined)
    plain(response, 411, 'a request needs a body');
  else if (!isSoap(readContentType(headers['content-type']), headers.origin))
    plain(response, 415, 'a request is application/soap+xml or text/xml');
  else next();
};

function octetsOf(request: Request): Uint8Array {
  return Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
}

function parse(request: Request, document: Uint8Array, limits: ServerLimits) {
  const text = decodeMessage(document, readContentType(request.headers['content-type'])?.charset);
  return parseXml(text, { limits: { size: limits.body, elements: limits.elements } });
}

/** The address the client knows us under, for the WSDL it gets. */
function addressOf(request: Request): string {
  const { localAddress = '127.0.0.1', localPort } = request.socket;
  const local = `${localAddress.includes(':') ? `[${localAddress}]` : localAddress}:${localPort}`;
  const said = request.headers.host ?? '';
  const host = /^[A-Za-z0-9.:[\]_-]+$/.test(said) ? said : local;
  return `${request.protocol}://${host}${SOAP_PATH}`;
}

function send(response: Response, status: number, contentType: string, content: string | Buffer): void {
  const length = Buffer.byteLength(content);
  response.writeHead(status, { 'Content-Type': contentType, 'Content-Length': length }).end(content);
}

function plain(response: Response, status: number, sentence: string): void {
  send(response, status, 'text/plain;charset=UTF-8', `${sentence}\n`);
}

function refuseMethod(response: Response, allowed: string): void {
  response.setHeader('Allow', allowed);
  plain(response, 405, `use ${allowed}`);
}

/** What express and its body reader throw has a status of its own below 500; anything else is our fault. */
function afterFailure(log: ServerLog): ErrorRequestHandler {
  return (error: { readonly status?: unknown; readonly message?: unknown }, _request, response, _next) => {
    const status = typeof error.status === 'number' && error.status < 500 ? error.status : 500;
    if (status === 500) log.error({ err: error }, 'an HTTP request failed');
    if (response.headersSent) response.destroy();
    else plain(response, status, status === 500 ? 'a fault in nwgate itself' : String(error.message));
  };
}
