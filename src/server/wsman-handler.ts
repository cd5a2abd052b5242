/** The WS-Management service: a message in, a message out. What HTTP has to do with it is in http.ts. Source: DSP0226. */
import type { Objects } from '../app/objects.js';
import type { Caller } from '../model/caller.js';
import { writeAnswer, writeFault } from '../wsman/answer.js';
import { type Addressing, isIdentify, type Request, readAddressing, readRequest } from '../wsman/envelope.js';
import { httpStatus, soapFault } from '../wsman/faults.js';
import { type Identity, writeIdentity } from '../wsman/identify.js';
import { ACTION, NS } from '../wsman/namespaces.js';
import { refuseOptions } from '../wsman/options.js';
import type { Text } from '../wsman/text.js';
import { noEpr } from '../wsman/transfer.js';
import type { Element } from '../xml/element.js';
import type { Contexts } from './contexts.js';
import { within } from './deadline.js';
import { enumerate, enumerationStatus, renewEnumeration } from './enumerate.js';
import { pullAny, releaseAny } from './event-pull.js';
import type { Exchange, Operation } from './exchange.js';
import { Familiar } from './familiar.js';
import { asSoapFault } from './faults.js';
import { invoke, isInvocation } from './invoke.js';
import type { ServerLog } from './log.js';
import { METADATA_OPTIONS } from './metadata.js';
import { SHOWING } from './represent.js';
import type { SinkCheck } from './sinks.js';
import { getStatus, renew, subscribe, unsubscribe } from './subscribe.js';
import type { Subscriptions } from './subscriptions.js';
import { create, get, put, remove } from './transfer.js';

export interface WsmanSurroundings {
  readonly objects: Objects;
  readonly contexts: Contexts;
  readonly subscriptions: Subscriptions;
  readonly sinks: SinkCheck;
  readonly identity: Identity;
  /** A fresh `uuid:…` each time. */
  readonly newId: () => string;
  readonly log: ServerLog;
  /** The longest a read and a change may take, in milliseconds. */
  readonly patience: { readonly read: number; readonly change: number };
}

export interface Message {
  /** The document; throws a fault of its encoding. */
  readonly text: () => string;
  /** Reads it; throws what the XML gate throws. */
  readonly parse: (text: string) => Element;
  /** Undefined for somebody unknown, who may Identify and nothing else. */
  readonly caller: Caller | undefined;
  readonly octets: (text: Text) => number;
}

export interface Reply {
  readonly status: 200 | 400 | 500;
  /** An envelope, without XML declaration. */
  readonly text: Text;
}

const shows = [...SHOWING, ...METADATA_OPTIONS];

const OPERATIONS: ReadonlyMap<string, Operation> = new Map([
  [ACTION.get, { reads: true, fragments: true, options: shows, run: get }],
  [ACTION.put, { reads: false, fragments: true, options: SHOWING, run: put }],
  [ACTION.create, { reads: false, fragments: true, run: create }],
  [ACTION.delete, { reads: false, fragments: true, run: remove }],
  [ACTION.enumerate, { reads: true, options: shows, run: enumerate }],
  [ACTION.pull, { reads: true, options: shows, run: pullAny }],
  [ACTION.release, { reads: true, run: releaseAny }],
  [ACTION.subscribe, { reads: false, run: subscribe }],
  [ACTION.renew, { reads: false, run: renew }],
  [ACTION.getStatus, { reads: true, run: getStatus }],
  [ACTION.unsubscribe, { reads: false, run: unsubscribe }],
  [ACTION.renewEnumeration, { reads: true, run: renewEnumeration }],
  [ACTION.enumerationStatus, { reads: true, run: enumerationStatus }],
]);
const INVOKE: Operation = { reads: false, run: invoke };

const NOWHERE: Addressing = {
  ns: NS.wsa,
  messageId: undefined,
  replyParameters: [],
  faultParameters: [],
};

/** Answers every message, good or bad; never throws. */
export type WsmanService = (message: Message) => Promise<Reply>;

export function wsmanService(world: WsmanSurroundings): WsmanService {
  // Who is unknown learns what we speak, and not which version of us it is.
  const [toKnown, toStrangers] = [world.identity, { vendor: world.identity.vendor }].map(writeIdentity);
  // Apart, so that nobody unknown can make us forget what the others say.
  const [ofKnown, ofStrangers] = [new Familiar(), new Familiar()];
  return async (message) => {
    let addressing = NOWHERE;
    let invoked = false;
    try {
      const { caller } = message;
      const text = message.text();
      const familiar = caller ? ofKnown : ofStrangers;
      let asked = familiar.recall(text);
      if (asked === undefined) {
        const root = message.parse(text);
        addressing = readAddressing(root);
        if (isIdentify(root)) asked = 'Identify';
        else if (caller) asked = readRequest(root, addressing);
        else
          throw soapFault('wsman:AccessDenied', undefined, 'only Identify is answered without credentials');
        // What changes something does not come again, and may hold what is not to be kept, such as a sink's password.
        if (asked === 'Identify' || OPERATIONS.get(asked.action)?.reads) familiar.remember(text, asked);
      }
      if (asked === 'Identify') return { status: 200, text: (caller ? toKnown : toStrangers)! };
      addressing = asked.addressing;
      invoked = isInvocation(asked.action);
      return { status: 200, text: await perform(world, message, caller!, asked) };
    } catch (error) {
      const fault = asSoapFault(error, invoked);
      if (fault.fault === 'wsman:InternalError')
        world.log.error({ err: fault.cause }, 'a WS-Management request failed');
      return { status: httpStatus(fault.fault), text: writeFault(fault, addressing, world.newId()) };
    }
  };
}

async function perform(
  world: WsmanSurroundings,
  message: Message,
  caller: Caller,
  request: Request,
): Promise<Text> {
  const operation = OPERATIONS.get(request.action) ?? (isInvocation(request.action) ? INVOKE : undefined);
  if (!operation) throw soapFault('wsa:ActionNotSupported', undefined, `no such action: ${request.action}`);
  if (request.fragment && !operation.fragments)
    throw soapFault('wsman:UnsupportedFeature', 'FragmentLevelAccess', 'this operation has no fragments');
  refuseOptions(request.options, operation.options ?? []);
  const { octets } = message;
  const { objects, contexts, subscriptions, sinks } = world;
  const patience = operation.reads
    ? Math.min(world.patience.read, request.operationTimeout ?? Number.POSITIVE_INFINITY)
    : world.patience.change;
  const exchange: Exchange = {
    request,
    caller,
    objects,
    contexts,
    subscriptions,
    sinks,
    patience,
    octets,
  };
  const late = () => soapFault('wsman:TimedOut', undefined, 'the operation took too long');
  // Enumerations watch the time themselves: they can answer with what they have.
  const answer = await within(patience + (operation.reads ? 100 : 0), operation.run(exchange), late);
  // What has no reference of its own says so (DSP0226 §6.5).
  const headers = answer.headers ?? [];
  const epr = request.requestEpr && !headers.some(({ local }) => local === 'RequestedEPR');
  const full = epr ? { ...answer, headers: [...headers, noEpr('EPRUnknown')] } : answer;
  return checked(writeAnswer(full, request.addressing, world.newId()), exchange, operation);
}

/** What cannot be sent is a fault; after a change it must say that the change was made (DSP0226 R6.2-2). */
function checked(text: Text, exchange: Exchange, operation: Operation): Text {
  const { maxEnvelopeSize } = exchange.request;
  if (maxEnvelopeSize?.mandatory && exchange.octets(text) > maxEnvelopeSize.octets)
    throw operation.reads
      ? soapFault(
          'wsman:EncodingLimit',
          'MaxEnvelopeSizeExceeded',
          'the answer is larger than MaxEnvelopeSize',
        )
      : soapFault('wsman:EncodingLimit', 'UnreportableSuccess', 'done, but the answer is too large to send');
  return text;
}
