/** HTTP Digest as a client does it, written after RFC 7616 and from nothing of ours. */
import { createHash, randomBytes } from 'node:crypto';

const NODE = { MD5: 'md5', 'SHA-256': 'sha256' } as const;
export type Algorithm = keyof typeof NODE;

export interface Challenge {
  readonly algorithm: Algorithm;
  readonly nonce: string;
  readonly realm: string;
  readonly stale: boolean;
}

/** The Digest challenges of a WWW-Authenticate header with several. */
export function challengesIn(header: string | null): readonly Challenge[] {
  return (header ?? '')
    .split(/(?=\bDigest )/)
    .filter((part) => part.startsWith('Digest '))
    .map((part) => {
      const of = (name: string) => new RegExp(`\\b${name}="?([^",]+)`).exec(part)?.[1] ?? '';
      return {
        algorithm: of('algorithm') as Algorithm,
        nonce: of('nonce'),
        realm: of('realm'),
        stale: of('stale') === 'true',
      };
    });
}

export interface Answering {
  readonly challenge: Challenge;
  readonly user?: string;
  readonly password?: string;
  readonly uri?: string;
  readonly count?: number;
  /** Replaces parameters after the response was computed; undefined leaves one out. */
  readonly forged?: Readonly<Record<string, string | undefined>>;
}

/** The Authorization header of a POST. */
export function digest({
  challenge: { algorithm, nonce, realm },
  user = 'ann',
  password = 'ann-password',
  uri = '/wsman',
  count = 1,
  forged = {},
}: Answering): string {
  const h = (text: string) => createHash(NODE[algorithm]).update(text).digest('hex');
  const [nc, cnonce] = [count.toString(16).padStart(8, '0'), randomBytes(8).toString('hex')];
  const a1 = h(`${user}:${realm}:${password}`);
  const response = h(`${a1}:${nonce}:${nc}:${cnonce}:auth:${h(`POST:${uri}`)}`);
  const all = { username: user, realm, nonce, uri, algorithm, qop: 'auth', nc, cnonce, response, ...forged };
  const bare = ['algorithm', 'qop', 'nc'];
  const parts = Object.entries(all).flatMap(([name, value]) =>
    value === undefined ? [] : [bare.includes(name) ? `${name}=${value}` : `${name}="${value}"`],
  );
  return `Digest ${parts.join(', ')}`;
}
