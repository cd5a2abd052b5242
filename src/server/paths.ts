/** The paths of the network services, and what a message passes on its way in. Source: DSP0226 §13, wsman binding of SOAP 1.2 part 2 §7. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { TLSSocket } from 'node:tls';
import type { Caller } from '../model/caller.js';
import type { Element } from '../xml/element.js';
import { parseXml } from '../xml/parse.js';
import type { Authenticator } from './auth.js';
import { readBody } from './body.js';
import { decodeMessage, encodingOf } from './charset.js';
import { isSoap, readContentType } from './content-type.js';
import type { ServerLimits } from './http.js';
import { InFlight } from './in-flight.js';
import { HttpRefusal, later, plain, send } from './reply.js';
import type { Answering, Routes } from './routes.js';
import { SOAP_PATH, type SoapService } from './soap-service.js';
import type { Verdict } from './verdict.js';
import type { WsmanService } from './wsman-handler.js';

const WSMAN_PATH = '/wsman';
const ANONYMOUS_PATH = '/wsman-anon/identify';

export const ELSEWHERE = `nothing here: see ${WSMAN_PATH} and ${SOAP_PATH}?wsdl`;

/** A message as it came in. */
interface Incoming<Who> {
  readonly document: Uint8Array;
  /** The document as text; throws a fault of its encoding. */
  readonly text: () => string;
  /** Reads it; throws what the XML gate throws. */
  readonly parse: (text: string) => Element;
  readonly caller: Who;
}

type Taking<Who> = (message: Incoming<Who>, response: ServerResponse) => Promise<void>;

/** What stands between a request and the service that reads its message. */
export interface Gates {
  /** Whom we know; others are told to say who they are, or to wait when they guessed too much. */
  known(take: Taking<Caller>): Answering;
  /** Whom we know, and who says that it wants to Identify only, whoever it is. */
  knownOrIdentify(take: Taking<Caller | undefined>): Answering;
  anybody(take: Taking<undefined>): Answering;
}

/** In order: who it is, whether there is room for the request, whether it may hold a message at all, and how large that is. */
export function gates(authenticator: Authenticator, limits: ServerLimits): Gates {
  const flight = new InFlight(limits.flight);
  const take = async <Who extends Caller | undefined>(
    request: IncomingMessage,
    response: ServerResponse,
    caller: Who,
    taking: Taking<Who>,
  ): Promise<void> => {
    const leave = flight.enter(caller?.name ?? '');
    if (!leave) return later(response, 503, 1, 'too many requests are under way: wait for their answers');
    response.once('close', leave);
    const charset = charsetOf(request);
    const document = await readBody(request, caller ? limits.body : limits.strangers);
    const bounds = { limits: { size: limits.body, elements: limits.elements } };
    await taking(
      {
        document,
        text: () => decodeMessage(document, charset),
        parse: (text) => parseXml(text, bounds),
        caller,
      },
      response,
    );
  };
  const known =
    (taking: Taking<Caller>): Answering =>
    async (request, response) => {
      const verdict = await authenticator.check(request);
      if (!verdict.user) return refuseStranger(response, verdict, authenticator);
      const { name, role } = verdict.user;
      const caller = { name, role, from: request.socket.remoteAddress ?? '' };
      await take(request, response, caller, taking);
    };
  const anybody =
    (taking: Taking<undefined>): Answering =>
    (request, response) =>
      take(request, response, undefined, taking);
  return {
    known,
    anybody,
    knownOrIdentify: (taking) => {
      const [ours, others] = [known(taking), anybody(taking)];
      return (request, response) =>
        (request.headers.wsmanidentify === 'unauthenticated' ? others : ours)(request, response);
    },
  };
}

export function servicePaths(wsman: WsmanService, soap: SoapService, gate: Gates): Routes {
  const answerWsman: Taking<Caller | undefined> = async ({ document, text, parse, caller }, response) => {
    const encoding = encodingOf(document);
    const reply = await wsman({ text, parse, caller, octets: encoding.octets });
    send(response, reply.status, encoding.contentType, encoding.write(reply.text));
  };
  const answerSoap: Taking<Caller> = async ({ text, parse, caller }, response) => {
    const reply = await soap.handle(() => parse(text()), caller);
    send(response, reply.status, reply.contentType, reply.text);
  };
  // The description tells no secret, and clients fetch it before they are told whose credentials to use.
  const describeSoap: Answering = (request, response) => {
    const query = new URLSearchParams(/\?(.*)/.exec(request.url ?? '')?.[1]);
    if (!query.has('wsdl')) return plain(response, 404, `the description is at ${SOAP_PATH}?wsdl`);
    send(response, 200, 'text/xml;charset=UTF-8', soap.wsdl(addressOf(request)));
  };
  return {
    [WSMAN_PATH]: { post: gate.knownOrIdentify(answerWsman) },
    [ANONYMOUS_PATH]: { post: gate.anybody(answerWsman) },
    [SOAP_PATH]: { get: describeSoap, post: gate.known(answerSoap) },
  };
}

function refuseStranger(
  response: ServerResponse,
  { wait, stale = false }: Extract<Verdict, { user: undefined }>,
  { challenges }: Authenticator,
): void {
  if (wait > 0) {
    const seconds = Math.ceil(wait / 1000);
    later(response, 429, seconds, `too many failed logins: wait ${seconds} s`);
  } else {
    response.setHeader('WWW-Authenticate', challenges(stale));
    plain(response, 401, 'name and password, please');
  }
}

/** Lets pass what may hold a SOAP message. Throws HttpRefusal 411 and 415. */
function charsetOf({ headers }: IncomingMessage): string | undefined {
  if (headers['content-length'] === undefined && headers['transfer-encoding'] === undefined)
    throw new HttpRefusal(411, 'a request needs a body');
  const type = readContentType(headers['content-type']);
  if (!isSoap(type, headers.origin))
    throw new HttpRefusal(415, 'a request is application/soap+xml or text/xml');
  return type?.charset;
}

/** The address the client knows us under, for the WSDL it gets. */
function addressOf({ headers, socket }: IncomingMessage): string {
  const { localAddress = '127.0.0.1', localPort } = socket;
  const local = `${localAddress.includes(':') ? `[${localAddress}]` : localAddress}:${localPort}`;
  const said = headers.host ?? '';
  const host = /^[A-Za-z0-9.:[\]_-]+$/.test(said) ? said : local;
  return `${socket instanceof TLSSocket ? 'https' : 'http'}://${host}${SOAP_PATH}`;
}
