/** Logins by HTTP Digest: counted and slowed as those by Basic, and no answer counts twice. Source: RFC 7616 §3.4, §3.5, §5. */
import type { IncomingMessage } from 'node:http';
import type { DigestSecrets } from '../app/digest.js';
import type { User } from '../app/ports.js';
import { MAX_FILTER_NAME, printable } from '../model/names.js';
import type { Attempts } from './attempts.js';
import { digestChallenges, NOBODYS_SECRETS, readDigest } from './digest.js';
import { Fading } from './fading.js';
import type { ServerLog } from './log.js';
import { Nonces } from './nonces.js';
import { NOBODY, PROVEN, REMEMBERED, type Verdict } from './verdict.js';

export interface DigestAccount {
  readonly user: User;
  readonly secrets: DigestSecrets;
}

/** Of the user of that name; undefined for nobody, and for a user whose password was set without what Digest needs. */
export type SecretsOf = (name: string) => Promise<DigestAccount | undefined>;

interface DigestLogin {
  readonly secretsOf: SecretsOf;
  readonly attempts: Attempts;
  readonly clock: () => number;
  readonly log: ServerLog;
}

const STALE: Verdict = { user: undefined, wait: 0, stale: true };

export function digestLogin({ secretsOf, attempts, clock, log }: DigestLogin) {
  const nonces = new Nonces(clock);
  const accounts = new Fading<Promise<DigestAccount | undefined>>(clock, REMEMBERED);
  const proven = new Fading<true>(clock, PROVEN);

  const accountOf = (name: string) => {
    if (name.length > MAX_FILTER_NAME) return undefined;
    const known = accounts.get(name);
    if (known) return known;
    const account = secretsOf(name);
    accounts.set(name, account);
    account.catch(() => accounts.delete(name));
    return account;
  };

  return {
    challenges: (stale: boolean) => digestChallenges(nonces.make(), stale),

    async check(request: IncomingMessage, header: string): Promise<Verdict> {
      const answer = readDigest(header, request);
      if (!answer) return NOBODY;
      const { name, nonce, count } = answer;
      const from = request.socket.remoteAddress ?? '';
      const account = await accountOf(name);
      const isRight = answer.isRight(account?.secrets ?? NOBODYS_SECRETS) && account !== undefined;
      const id = `${from} ${name} ${account?.secrets['SHA-256']}`;
      const isProven = isRight && proven.get(id) === true;
      const wait = isProven ? 0 : attempts.begin(name, from);
      if (wait > 0) return { user: undefined, wait };
      if (!isRight) {
        log.warn({ user: printable(name), from, failures: attempts.failuresOf(name) }, 'a login failed');
        return NOBODY;
      }
      if (!isProven) attempts.succeeded(name, from);
      // Whoever sends again what another has sent knows no password, and proves nothing.
      if (!nonces.use(nonce, count)) return STALE;
      proven.set(id, true);
      return { user: account.user };
    },
  };
}
