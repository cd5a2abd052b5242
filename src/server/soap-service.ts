/**
 * The SOAP service that wsdl/filter-service.wsdl describes: the methods of NWG_FilterService for programs that speak WSDL.
 * The only importer of node-soap, which finds the operation and writes the answer by the WSDL. What it must not be trusted
 * with is ours: reading the document, parameters (it drops namespaces and unknown elements) and faults.
 */

import { readFileSync } from 'node:fs';
import type { IServicePort, Server } from 'soap';
import type { Objects } from '../app/objects.js';
import { decodeParameters } from '../cim/decode.js';
import type { CimValue, ObjectPath } from '../cim/instance.js';
import type { MethodRow } from '../cim/rows.js';
import { classRow, DEFAULT_NAMESPACE } from '../cim/schema.js';
import type { Caller } from '../model/caller.js';
import { fail } from '../model/errors.js';
import { NS } from '../wsman/namespaces.js';
import { type Element, el } from '../xml/element.js';
import { serialise, withoutIllegal } from '../xml/serialise.js';
import { within } from './deadline.js';
import type { ServerLog } from './log.js';
import {
  callOf,
  faultReply,
  SOAP_CONTENT_TYPE,
  SoapRefusal,
  type SoapReply,
  type SoapVersion,
  versionOf,
} from './soap-message.js';

export const SOAP_PATH = '/soap/filter-service';
export const SOAP_NS = 'http://schemas.nwgate.org/wsdl/filter-service/1';
const SERVICE_CLASS = 'NWG_FilterService';
const WSDL = readFileSync(new URL('../../wsdl/filter-service.wsdl', import.meta.url), 'utf8');
const WSDL_ADDRESS = `http://localhost:5985${SOAP_PATH}`;

export interface SoapService {
  /** The WSDL with the address it was asked under. */
  wsdl(address: string): string;
  /** Answers every message; never throws. `parse` throws what the XML gate throws. */
  handle(parse: () => Element, caller: Caller): Promise<SoapReply>;
}

/** What one call brings along through node-soap, and how it ended. */
interface Call {
  readonly parameters: ReadonlyMap<string, CimValue>;
  readonly caller: Caller;
  error?: unknown;
}

/** `patience` is how long a call may take, in milliseconds. */
export function soapService(objects: Objects, log: ServerLog, patience: number): SoapService {
  const methods = classRow(SERVICE_CLASS).methods ?? [];
  const port = Object.fromEntries(methods.map((method) => [method.name, operation(objects, method)]));
  const servers = new Map<SoapVersion, Promise<Server>>();
  const serverOf = (version: SoapVersion): Promise<Server> => {
    const server = servers.get(version) ?? nodeSoap(port, version === NS.s);
    servers.set(version, server);
    return server;
  };
  return {
    wsdl: (address) => WSDL.replaceAll(WSDL_ADDRESS, () => address),
    async handle(parse, caller) {
      let version: SoapVersion = NS.s;
      try {
        const root = parse();
        version = known(versionOf(root));
        return await within(patience, answer(await serverOf(version), version, root, methods, caller), late);
      } catch (error) {
        const reply = faultReply(error, version);
        if (reply.text.includes('>INTERNAL<')) log.error({ err: error }, 'a SOAP request failed');
        return reply;
      }
    },
  };
}

const late = () => fail('INTERNAL', 'the call took too long; whether it was carried out is not known');

/** Loaded by the first call: with the HTTP client it brings along it takes longer than all else of a start. */
async function nodeSoap(port: IServicePort, soap12: boolean): Promise<Server> {
  const { createServerless } = await import('soap');
  // It answers before it has read its WSDL; only the callback tells when it has.
  return new Promise((ready, failed) => {
    const callback = (error: unknown, server: Server) => (error ? failed(error) : ready(server));
    createServerless({
      path: SOAP_PATH,
      services: { FilterService: { Soap12: port, Soap11: port } },
      xml: WSDL,
      forceSoap12Headers: soap12,
      envelopeKey: 's',
      suppressStack: true,
      callback,
    }).catch(failed);
  });
}

function known(version: SoapVersion | undefined): SoapVersion {
  if (version === undefined)
    throw new SoapRefusal('VersionMismatch', 'only SOAP 1.2 and 1.1 are spoken here');
  return version;
}

async function answer(
  server: Server,
  version: SoapVersion,
  root: Element,
  methods: readonly MethodRow[],
  caller: Caller,
): Promise<SoapReply> {
  const element = callOf(root, version);
  const method = methods.find(({ name }) => element.ns === SOAP_NS && element.local === name);
  if (!method) throw fail('METHOD_NOT_FOUND', `{${element.ns}}${element.local} is no operation`);
  const call: Call = { parameters: decodeParameters(method, element), caller };
  // Nothing of the message but which operation it is reaches node-soap: it looks names up among those of Object's members.
  const bare = el(version, 'Envelope', {}, el(version, 'Body', {}, el(element.ns, element.local)));
  const { statusCode, body } = await server.processRequest(serialise(bare), {
    url: SOAP_PATH,
    connection: call,
  });
  if (call.error !== undefined) throw call.error;
  if (statusCode !== 200)
    throw fail('INTERNAL', `node-soap answered ${statusCode}`, undefined, { details: body });
  // node-soap writes text of its own.
  if (withoutIllegal(body) !== body) throw fail('CHARACTER', 'the answer holds what XML cannot carry');
  return { status: 200, contentType: SOAP_CONTENT_TYPE[version], text: body };
}

/** The errors of a call go past node-soap, whose own faults name neither code nor status rightly. */
function operation(objects: Objects, method: MethodRow): IServicePort[string] {
  return async (_parsed, _callback, _headers, request: { readonly connection: Call }) => {
    const call = request.connection;
    try {
      const path = await theService(objects);
      return Object.fromEntries(await objects.invoke(path, method.name, call.parameters, call.caller));
    } catch (error) {
      call.error = error;
      return {};
    }
  };
}

async function theService(objects: Objects): Promise<ObjectPath> {
  for await (const instance of objects.enumerate(DEFAULT_NAMESPACE, SERVICE_CLASS))
    return objects.pathOf(DEFAULT_NAMESPACE, instance);
  throw fail('INTERNAL', `there is no ${SERVICE_CLASS}`);
}
