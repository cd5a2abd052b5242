/** What HTTP Digest needs to be kept of a password, and its hash functions. Source: RFC 7616 §3.4.2, §6.1. */
import { hash } from 'node:crypto';

/** Strongest first. The variants with `-sess` are not offered. */
export const DIGEST_ALGORITHMS = ['SHA-256', 'MD5'] as const;
export type DigestAlgorithm = (typeof DIGEST_ALGORITHMS)[number];

/** What a password is good for: a hash made for another realm is worth nothing here. */
export const REALM = 'nwgate';

/** A(1) hashed, hexadecimal, by algorithm. Worth as much as the password for this realm, and cheaper to guess it from. */
export type DigestSecrets = Readonly<Record<DigestAlgorithm, string>>;

const OPENSSL = { 'SHA-256': 'sha256', MD5: 'md5' } as const satisfies Record<DigestAlgorithm, string>;

/** H() of the specification: lower-case hexadecimal of the hash of the text's UTF-8. */
export function digestHash(algorithm: DigestAlgorithm, text: string): string {
  return hash(OPENSSL[algorithm], text);
}

/** The password as Unicode says that equal passwords are written (RFC 8265 §4.2). */
export function digestSecrets(name: string, password: string): DigestSecrets {
  const a1 = `${name}:${REALM}:${password.normalize('NFC')}`;
  return { 'SHA-256': digestHash('SHA-256', a1), MD5: digestHash('MD5', a1) };
}
