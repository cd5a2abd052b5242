/** Who sent a request: a client certificate that was verified, or HTTP Basic. Source: RFC 7617. */
import { createHmac, randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { User } from '../app/ports.js';
import { printable } from '../model/names.js';
import { Attempts } from './attempts.js';
import type { ServerLog } from './log.js';
import { certificateName } from './tls.js';

/** The user whose name and password these are; undefined when they are nobody's. Slow on purpose. */
export type Authenticate = (name: string, password: string) => Promise<User | undefined>;

/** `wait`: milliseconds until a password of this user or from this address is looked at again. */
export type Verdict = { readonly user: User } | { readonly user: undefined; readonly wait: number };

/** A verdict is remembered this long, in milliseconds: a user removed or given another role is so after it at the latest. */
const REMEMBERED = 10_000;
const MOST_REMEMBERED = 1000;
/** Milliseconds for which credentials that were right are checked again whatever others guess: nobody can be locked out. */
const PROVEN = 15 * 60_000;
const NOBODY: Verdict = { user: undefined, wait: 0 };

export const CHALLENGE = 'Basic realm="nwgate", charset="UTF-8"';

export interface Authentication {
  readonly authenticate: Authenticate;
  /** The user of that name, for client certificates. */
  readonly userNamed: (name: string) => Promise<User | undefined>;
  /** Milliseconds. */
  readonly clock: () => number;
  readonly log: ServerLog;
}

interface Remembered {
  readonly user: Promise<User | undefined>;
  readonly until: number;
}

/**
 * Checks requests. Verdicts are kept under a keyed hash of the credentials, never the credentials, so that the slow password
 * hash is not paid for every request; requests that come at once with equal credentials share one check. Only real checks
 * count as attempts (see Attempts), and those of credentials that were right lately do not. A request with an Authorization header is judged by that alone.
 */
export function authentication({ authenticate, userNamed, clock, log }: Authentication) {
  const key = randomBytes(32);
  const verdicts = new Map<string, Remembered>();
  const proven = new Map<string, number>();
  const attempts = new Attempts(clock);

  return async ({ headers, socket }: IncomingMessage): Promise<Verdict> => {
    const named = headers.authorization === undefined ? certificateName(socket) : undefined;
    if (named !== undefined) return verdictOf(await userNamed(named));
    const credentials = readBasic(headers.authorization);
    if (!credentials) return NOBODY;
    const { name, password } = credentials;
    const id = createHmac('sha256', key).update(`${name}:${password}`).digest('base64');
    const known = verdicts.get(id);
    if (known && clock() < known.until) return verdictOf(await known.user);
    const from = socket.remoteAddress ?? '';
    const isProven = clock() < (proven.get(id) ?? 0);
    const wait = isProven ? 0 : attempts.begin(name, from);
    if (wait > 0) return { user: undefined, wait };
    const user = authenticate(name, password);
    forgetSome(verdicts, ({ until }) => clock() >= until);
    verdicts.set(id, { user, until: clock() + REMEMBERED });
    // A failure to check (a broken users file) is not a verdict.
    user.catch(() => verdicts.delete(id));
    const found = await user;
    if (found) {
      if (!isProven) attempts.succeeded(name, from);
      forgetSome(proven, (until) => clock() >= until);
      proven.set(id, clock() + PROVEN);
    } else log.warn({ user: printable(name), from, failures: attempts.failuresOf(name) }, 'a login failed');
    return verdictOf(found);
  };
}

const verdictOf = (user: User | undefined): Verdict => (user ? { user } : NOBODY);

function forgetSome<T>(map: Map<string, T>, isOver: (value: T) => boolean): void {
  for (const [id, value] of map) if (isOver(value) || map.size >= MOST_REMEMBERED) map.delete(id);
}

/** Name and password of a Basic header; undefined for anything else. */
function readBasic(
  header: string | undefined,
): { readonly name: string; readonly password: string } | undefined {
  const [scheme, token, ...rest] = (header ?? '').trim().split(/ +/);
  if (scheme?.toLowerCase() !== 'basic' || token === undefined || rest.length > 0) return undefined;
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(token)) return undefined;
  const text = Buffer.from(token, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 1 ? undefined : { name: text.slice(0, colon), password: text.slice(colon + 1) };
}
