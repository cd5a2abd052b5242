/** Who sent a request: a client certificate that was verified, HTTP Basic, or HTTP Digest where it is offered. Source: RFC 7617. */
import { hash, randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { User } from '../app/ports.js';
import { printable } from '../model/names.js';
import { Attempts } from './attempts.js';
import { digestLogin, type SecretsOf } from './digest-login.js';
import { Fading } from './fading.js';
import type { ServerLog } from './log.js';
import { certificateName } from './tls.js';
import { NOBODY, PROVEN, REMEMBERED, type Verdict } from './verdict.js';

/** The user whose name and password these are; undefined when they are nobody's. Slow on purpose. */
export type Authenticate = (name: string, password: string) => Promise<User | undefined>;

const BASIC = 'Basic realm="nwgate", charset="UTF-8"';

export interface Authentication {
  readonly authenticate: Authenticate;
  /** The user of that name, for client certificates. */
  readonly userNamed: (name: string) => Promise<User | undefined>;
  /** What Digest answers are compared with; undefined: Digest is not offered. */
  readonly secretsOf: SecretsOf | undefined;
  /** Milliseconds. */
  readonly clock: () => number;
  readonly log: ServerLog;
}

export interface Authenticator {
  check(request: IncomingMessage): Promise<Verdict>;
  /** What a client may answer, the strongest first: one WWW-Authenticate header each. */
  challenges(stale: boolean): readonly string[];
}

/**
 * Checks requests. Verdicts are kept under a keyed hash of the header and where it comes from, never the credentials, so that the
 * slow password hash is not paid for every request; requests that come at once with equal credentials share one check. Only
 * real checks count as attempts (see Attempts), and those of credentials that were right lately, from the same address, do not. A
 * request with an Authorization header is judged by that alone.
 */
export function authentication(options: Authentication): Authenticator {
  const { authenticate, userNamed, secretsOf, clock, log } = options;
  const key = randomBytes(32).toString('base64');
  const verdicts = new Fading<Promise<User | undefined>>(clock, REMEMBERED);
  const proven = new Fading<true>(clock, PROVEN);
  const attempts = new Attempts(clock);
  const digest = secretsOf && digestLogin({ secretsOf, attempts, clock, log });

  const basic = async (id: string, { name, password }: Credentials, from: string): Promise<Verdict> => {
    const isProven = proven.get(id) === true;
    const wait = isProven ? 0 : attempts.begin(name, from);
    if (wait > 0) return { user: undefined, wait };
    const user = authenticate(name, password);
    verdicts.set(id, user);
    // A failure to check (a broken users file) is not a verdict.
    user.catch(() => verdicts.delete(id));
    const found = await user;
    if (found) {
      if (!isProven) attempts.succeeded(name, from);
      proven.set(id, true);
    } else log.warn({ user: printable(name), from, failures: attempts.failuresOf(name) }, 'a login failed');
    return verdictOf(found);
  };

  return {
    async check(request) {
      const { headers, socket } = request;
      const header = headers.authorization;
      if (header === undefined) {
        const named = certificateName(socket);
        return named === undefined ? NOBODY : verdictOf(await userNamed(named));
      }
      const from = socket.remoteAddress ?? '';
      const id = hash('sha256', `${key} ${from} ${header}`, 'base64');
      const known = verdicts.get(id);
      if (known) return verdictOf(await known);
      const credentials = readBasic(header);
      if (credentials) return basic(id, credentials, from);
      return digest ? digest.check(request, header) : NOBODY;
    },
    challenges: (stale) => [...(digest?.challenges(stale) ?? []), BASIC],
  };
}

const verdictOf = (user: User | undefined): Verdict => (user ? { user } : NOBODY);

interface Credentials {
  readonly name: string;
  readonly password: string;
}

/** Name and password of a Basic header; undefined for anything else. */
function readBasic(header: string): Credentials | undefined {
  const [scheme, token, ...rest] = header.trim().split(/ +/);
  if (scheme?.toLowerCase() !== 'basic' || token === undefined || rest.length > 0) return undefined;
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(token)) return undefined;
  const text = Buffer.from(token, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 1 ? undefined : { name: text.slice(0, colon), password: text.slice(colon + 1) };
}
