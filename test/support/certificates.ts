/** An authority and what it signs, made by openssl for one test. */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Pair {
  readonly cert: string;
  readonly key: string;
}

const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-noenc'];

/** A self-signed authority in `directory`; answers its paths and how to sign for a subject such as `/CN=ann`. */
export function authority(
  directory: string,
  name = 'ca',
): Pair & { sign(file: string, subject: string): Pair } {
  const at = (file: string) => join(directory, file);
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const [cert, key] = [at(`${name}.pem`), at(`${name}.key`)];
  openssl('req', '-x509', ...KEY, '-subj', `/CN=${name}`, '-days', '2', '-keyout', key, '-out', cert);
  return {
    cert,
    key,
    sign(file, subject) {
      const made = { cert: at(`${file}.pem`), key: at(`${file}.key`) };
      const [request, names] = [at(`${file}.csr`), at(`${file}.ext`)];
      writeFileSync(names, 'subjectAltName=DNS:localhost,IP:127.0.0.1\n');
      openssl('req', '-new', ...KEY, '-subj', subject, '-keyout', made.key, '-out', request);
      const by = ['-CA', cert, '-CAkey', key, '-CAcreateserial', '-days', '2', '-extfile', names];
      openssl('x509', '-req', '-in', request, ...by, '-out', made.cert);
      return made;
    },
  };
}

export function pem({ cert, key }: Pair) {
  return { cert: readFileSync(cert), key: readFileSync(key) };
}
