/** The network services over HTTP: which path is what, who may, and what comes back. The only importer of express. Source: DSP0226 §13, wsman binding of SOAP 1.2 part 2 §7. */
import { randomUUID } from 'node:crypto';
import express, { type ErrorRequestHandler, type Request, type RequestHandler, type Response } from 'express';
import type { Objects } from '../app/objects.js';
import type { User } from '../app/ports.js';
import type { Caller } from '../model/caller.js';
import { parseXml } from '../xml/parse.js';
import { type Authenticate, authentication, CHALLENGE } from './auth.js';
import { decodeMessage, encodingOf } from './charset.js';
import { systemClock } from './clock.js';
import { isSoap, readContentType } from './content-type.js';
import { Contexts } from './contexts.js';
import { type FlightLimits, InFlight } from './in-flight.js';
import { type Endpoint, type Listen, listen } from './listeners.js';
import type { ServerLog } from './log.js';
import { httpPost } from './sink-client.js';
import { type SinkCheck, sinkCheck } from './sinks.js';
import { SOAP_PATH, soapService } from './soap-service.js';
import { Subscriptions } from './subscriptions.js';
import { wsmanService } from './wsman-handler.js';

export interface ServerLimits {
  /** Octets of a request's body, and of one by somebody unknown. */
  readonly body: number;
  readonly strangers: number;
  /** Elements of a request's document. */
  readonly elements: number;
  /** Milliseconds a read, a change, and the arrival of a whole request may take. */
  readonly read: number;
  readonly change: number;
  readonly request: number;
  /** Milliseconds between looks for what has expired and for users who are gone. */
  readonly sweep: number;
  /** Requests under way at once. */
  readonly flight: Partial<FlightLimits>;
}

export const SERVER_LIMITS: ServerLimits = {
  body: 16 * 1024 * 1024,
  strangers: 64 * 1024,
  elements: 200_000,
  read: 60_000,
  change: 300_000,
  request: 60_000,
  sweep: 30_000,
  flight: {},
};

export interface ServerOptions extends Endpoint {
  /** HTTPS beside it. */
  readonly tls?: Listen['tls'];
  readonly objects: Objects;
  readonly authenticate: Authenticate;
  /** Whom a client certificate stands for. */
  readonly userNamed?: (name: string) => Promise<User | undefined>;
  readonly log: ServerLog;
  /** Where events may be sent; this machine and the subscriber's unless more is said. */
  readonly sinks?: SinkCheck;
  /** nwgate's version, told by Identify. */
  readonly version: string;
  /** Milliseconds since 1970. */
  readonly clock?: () => number;
  readonly limits?: Partial<ServerLimits>;
}

export interface RunningServer {
  readonly host: string;
  readonly port: number;
  readonly tls: Endpoint | undefined;
  /** Reads the certificates again. */
  reload(): Promise<void>;
  /** Stops listening, lets running requests end (for a few seconds), and ends all enumerations and subscriptions. */
  close(): Promise<void>;
}

const WSMAN_PATH = '/wsman';
const ANONYMOUS_PATH = '/wsman-anon/identify';

/** Listens once it resolves. Rejects when the address cannot be had. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const limits = { ...SERVER_LIMITS, ...options.limits };
  const clock = options.clock ?? Date.now;
  const newId = () => `uuid:${randomUUID()}`;
  const contexts = new Contexts(clock, newId);
  const subscriptions = new Subscriptions({
    objects: options.objects,
    clock: systemClock(clock),
    newId,
    post: httpPost(),
    log: options.log,
  });
  const app = await application(options, limits, contexts, subscriptions, clock, newId);
  const { tls, log } = options;
  const listeners = await listen(app, { http: options, tls, patience: limits.request, log });
  const { userNamed } = options;
  const sweeper = setInterval(() => {
    contexts.sweep();
    if (userNamed)
      subscriptions
        .forget(async (name) => (await userNamed(name)) !== undefined)
        .catch((err: unknown) => log.error({ err }, 'users cannot be looked up'));
  }, limits.sweep).unref();
  return {
    ...listeners.http,
    tls: listeners.tls,
    reload: listeners.reload,
    async close() {
      clearInterval(sweeper);
      // First, as it lets go of the requests that wait for events.
      const farewells = subscriptions.close();
      await listeners.close();
      await farewells;
      contexts.closeAll();
    },
  };
}

async function application(
  options: ServerOptions,
  limits: ServerLimits,
  contexts: Contexts,
  subscriptions: Subscriptions,
  clock: () => number,
  newId: () => string,
): Promise<express.Express> {
  const { objects, authenticate, userNamed = nobody, log, version, tls } = options;
  const check = authentication({ authenticate, userNamed, clock, log });
  const wsman = wsmanService({
    objects,
    contexts,
    subscriptions,
    sinks: options.sinks ?? sinkCheck(),
    identity: { vendor: 'nwgate', version, faultsAreCimErrors: true, securityProfiles: profiles(tls) },
    newId,
    log,
    patience: { read: limits.read, change: limits.change },
  });
  const soap = await soapService(objects, log, limits.change);

  /** Goes on with the caller known, or answers 401, or 429 when too much was guessed. */
  const known: RequestHandler = async (request, response, next) => {
    const verdict = await check(request);
    if (verdict.user) {
      response.locals.caller = { ...verdict.user, from: request.socket.remoteAddress ?? '' } satisfies Caller;
      next();
    } else if (verdict.wait > 0) {
      const seconds = Math.ceil(verdict.wait / 1000);
      later(response, 429, seconds, `too many failed logins: wait ${seconds} s`);
    } else {
      response.setHeader('WWW-Authenticate', CHALLENGE);
      plain(response, 401, 'name and password, please');
    }
  };
  const flight = new InFlight(limits.flight);
  const room: RequestHandler = (_request, response, next) => {
    const leave = flight.enter((response.locals.caller as Caller | undefined)?.name ?? '');
    if (!leave) return later(response, 503, 1, 'too many requests are under way: wait for their answers');
    response.once('close', leave);
    next();
  };
  const knownOrIdentify: RequestHandler = (request, response, next) =>
    request.headers.wsmanidentify === 'unauthenticated' ? next() : known(request, response, next);
  const reader = (limit: number) => express.raw({ type: () => true, limit });
  const [own, strangers] = [reader(limits.body), reader(limits.strangers)];
  const read: RequestHandler = (request, response, next) =>
    (response.locals.caller ? own : strangers)(request, response, next);
  const body = [room, acceptable, read];

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
  // The description tells no secret, and clients fetch it before they are told whose credentials to use.
  app.get(SOAP_PATH, (request, response) => {
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

const nobody = async () => undefined;

/** How a client may prove who it is. Source: DSP0226 annex C.3. */
function profiles(tls: ServerOptions['tls']): readonly string[] {
  const secure = tls ? ['https/basic', ...(tls.files.clientCa === undefined ? [] : ['https/mutual'])] : [];
  return ['http/basic', ...secure];
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

function later(response: Response, status: number, seconds: number, sentence: string): void {
  response.setHeader('Retry-After', seconds);
  plain(response, status, sentence);
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
