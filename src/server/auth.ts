/** HTTP Basic authentication. Source: RFC 7617. */
import { createHmac, randomBytes } from 'node:crypto';
import type { User } from '../app/ports.js';

/** The user whose name and password these are; undefined when they are nobody's. Slow on purpose. */
export type Authenticate = (name: string, password: string) => Promise<User | undefined>;

/** A verdict is remembered this long, in milliseconds: a user removed or given another role is so after it at the latest. */
const REMEMBERED = 10_000;
const MOST_REMEMBERED = 1000;

export const CHALLENGE = 'Basic realm="nwgate", charset="UTF-8"';

interface Verdict {
  readonly user: Promise<User | undefined>;
  readonly until: number;
}

/**
 * Checks `Authorization` headers. Verdicts are kept under a keyed hash of the credentials, never the credentials, so that the
 * slow password hash is not paid for every request; requests that come at once with equal credentials share one check.
 */
export function basicAuthentication(
  authenticate: Authenticate,
  clock: () => number,
): (header: string | undefined) => Promise<User | undefined> {
  const key = randomBytes(32);
  const verdicts = new Map<string, Verdict>();

  return async (header) => {
    const credentials = readBasic(header);
    if (!credentials) return undefined;
    const id = createHmac('sha256', key)
      .update(`${credentials.name}:${credentials.password}`)
      .digest('base64');
    const known = verdicts.get(id);
    if (known && clock() < known.until) return known.user;
    const user = authenticate(credentials.name, credentials.password);
    forgetSome(verdicts, clock());
    verdicts.set(id, { user, until: clock() + REMEMBERED });
    // A failure to check (a broken users file) is not a verdict.
    user.catch(() => verdicts.delete(id));
    return user;
  };
}

function forgetSome(verdicts: Map<string, Verdict>, now: number): void {
  for (const [id, { until }] of verdicts)
    if (now >= until || verdicts.size >= MOST_REMEMBERED) verdicts.delete(id);
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
