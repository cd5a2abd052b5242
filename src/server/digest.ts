/** HTTP Digest: what a client is asked, and what it answers. Source: RFC 7616 §3.3, §3.4; RFC 9110 §5.6.4 (quoted strings). */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import {
  DIGEST_ALGORITHMS,
  type DigestAlgorithm,
  type DigestSecrets,
  digestHash,
  digestSecrets,
  REALM,
} from '../app/digest.js';

/** An answer of a form that can be right. */
export interface DigestAnswer {
  readonly name: string;
  readonly algorithm: DigestAlgorithm;
  readonly nonce: string;
  /** How often the client has used the nonce, this time included. */
  readonly count: number;
  /** Whether it is the answer of who knows the secrets; takes as long either way. */
  isRight(secrets: DigestSecrets): boolean;
}

/** What a client that names nobody is compared with. */
export const NOBODYS_SECRETS = digestSecrets('', randomBytes(16).toString('hex'));

/** One challenge for each algorithm. All have one nonce, and MD5 comes last: clients that mix them up mean that. */
export function digestChallenges(nonce: string, stale: boolean): readonly string[] {
  const rest = `qop="auth", nonce="${nonce}", charset=UTF-8${stale ? ', stale=true' : ''}`;
  return DIGEST_ALGORITHMS.map((algorithm) => `Digest realm="${REALM}", algorithm=${algorithm}, ${rest}`);
}

interface Request {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
}

/**
 * Reads an Authorization header of a request; undefined for one that cannot be right: another scheme, realm, target, algorithm or
 * quality of protection than was asked for, or a parameter that is missing.
 */
export function readDigest(header: string, { method = '', url = '' }: Request): DigestAnswer | undefined {
  const given = parameters(header);
  if (!given) return undefined;
  const { username: name, realm, nonce, uri, qop, nc, cnonce, response, algorithm: said = 'MD5' } = given;
  const algorithm = DIGEST_ALGORITHMS.find((known) => known === said.toUpperCase());
  if (!name || realm !== REALM || !nonce || uri === undefined || !algorithm) return undefined;
  if (qop !== 'auth' || !cnonce || !nc || !/^[0-9a-f]{8}$/i.test(nc)) return undefined;
  if (given.userhash === 'true' || !response || target(uri) !== target(url)) return undefined;
  return {
    name,
    algorithm,
    nonce,
    count: Number.parseInt(nc, 16),
    isRight(secrets) {
      const request = digestHash(algorithm, `${method}:${uri}`);
      const right = digestHash(algorithm, `${secrets[algorithm]}:${nonce}:${nc}:${cnonce}:${qop}:${request}`);
      const [a, b] = [Buffer.from(right), Buffer.from(response.toLowerCase())];
      return a.length === b.length && timingSafeEqual(a, b);
    },
  };
}

/** Proxies are sent whole addresses (RFC 9112 §3.2.2). */
const target = (uri: string) => uri.replace(/^https?:\/\/[^/?#]*/i, '') || '/';

/** `name=token` or `name="quoted"`, separated by commas. */
const PARAMETER = /\s*([\w*]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s",]+))\s*(?:,|$)/y;

/** By name in lower case; undefined for another scheme, for a name twice, and for what is no such list. */
function parameters(header: string): Readonly<Partial<Record<string, string>>> | undefined {
  const scheme = /^\s*Digest +/i.exec(header);
  if (!scheme) return undefined;
  // Node hands out octets as Latin-1; a name may be more (RFC 7616 §4).
  const text = Buffer.from(header, 'latin1').toString('utf8');
  const found: Record<string, string> = Object.create(null) as Record<string, string>;
  for (PARAMETER.lastIndex = scheme[0].length; PARAMETER.lastIndex < text.length; ) {
    const [all, name = '', quoted, token = ''] = PARAMETER.exec(text) ?? [];
    const key = name.toLowerCase();
    if (all === undefined || key in found) return undefined;
    found[key] = quoted?.replace(/\\(.)/g, '$1') ?? token;
  }
  return found;
}
