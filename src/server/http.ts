/** The network services: what they need, their start and their end. */
import { randomUUID } from 'node:crypto';
import type { Objects } from '../app/objects.js';
import type { User } from '../app/ports.js';
import { type Authenticate, authentication } from './auth.js';
import { systemClock } from './clock.js';
import { Contexts } from './contexts.js';
import type { SecretsOf } from './digest-login.js';
import type { FlightLimits } from './in-flight.js';
import { type Endpoint, type Listen, listen } from './listeners.js';
import type { ServerLog } from './log.js';
import { ELSEWHERE, gates, servicePaths } from './paths.js';
import { listener } from './routes.js';
import { httpPost } from './sink-client.js';
import { type SinkCheck, sinkCheck } from './sinks.js';
import { soapService } from './soap-service.js';
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
  /** What HTTP Digest answers are compared with; undefined: Digest is not offered. */
  readonly secretsOf?: SecretsOf | undefined;
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
  const { objects, authenticate, userNamed = nobody, secretsOf, log, version, tls } = options;
  const wsman = wsmanService({
    objects,
    contexts,
    subscriptions,
    sinks: options.sinks ?? sinkCheck(),
    identity: { vendor: 'nwgate', version, faultsAreCimErrors: true, securityProfiles: profiles(options) },
    newId,
    log,
    patience: { read: limits.read, change: limits.change },
  });
  const soap = await soapService(objects, log, limits.change);
  const authenticator = authentication({ authenticate, userNamed, secretsOf, clock, log });
  const paths = servicePaths(wsman, soap, gates(authenticator, limits));
  const listeners = await listen(listener(paths, ELSEWHERE, log), {
    http: options,
    tls,
    patience: limits.request,
    log,
  });
  const sweeper = setInterval(() => {
    contexts.sweep();
    if (options.userNamed)
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

const nobody = async () => undefined;

/** How a client may prove who it is. Source: DSP0226 annex C.3. */
function profiles({ tls, secretsOf }: ServerOptions): readonly string[] {
  const ways = ['basic', ...(secretsOf ? ['digest'] : [])];
  const secure = [...ways, ...(tls?.files.clientCa === undefined ? [] : ['mutual'])];
  return [...ways.map((way) => `http/${way}`), ...(tls ? secure.map((way) => `https/${way}`) : [])];
}
