/** `tls init`: a self-signed certificate to begin with. */
import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { fail } from '../../model/errors.js';
import { run } from '../../process/run.js';
import { makePrivate, onDisk, writeAtomically } from '../../store/disk.js';
import { contextOf } from '../context.js';

/** What browsers and operating systems still take: 825 days. */
const DEFAULT_DAYS = 825;

interface InitOptions {
  readonly dir?: string;
  readonly name: string;
  readonly days: number;
}

export function tlsCommands(program: Command): void {
  program
    .command('tls')
    .description('certificates for HTTPS')
    .command('init')
    .option('--dir <dir>', 'where key and certificate go (default: tls in the state directory)')
    .option('--name <host>', 'the name clients reach this host under', hostname())
    .option('--days <n>', 'how long it is valid', days, DEFAULT_DAYS)
    .description('make a self-signed certificate')
    .action(async (options: InitOptions, command: Command) => {
      const context = contextOf(command);
      const directory = options.dir ?? join(context.state, 'tls');
      const made = await selfSigned(directory, options);
      context.done(
        made,
        `${made.cert} and ${made.key} made: nwgate serve --tls-cert ${made.cert} --tls-key ${made.key}`,
      );
    });
}

/** Errors: EXISTS (a key is never overwritten), NAME, HOST_LACKS without openssl, DISK. */
async function selfSigned(directory: string, { name, days }: Omit<InitOptions, 'dir'>) {
  // What is written into the subject and the alternative names of a certificate must not add to them.
  if (!/^[A-Za-z0-9][A-Za-z0-9.-]{0,63}$/.test(name))
    throw fail('NAME', 'the name of a host is letters, digits, dots and dashes');
  const [cert, key] = [join(directory, 'cert.pem'), join(directory, 'key.pem')];
  for (const path of [cert, key]) if (existsSync(path)) throw fail('EXISTS', `${path} is there already`);
  const names = `subjectAltName=DNS:${name},DNS:localhost,IP:127.0.0.1,IP:::1`;
  const kind = [
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-noenc',
    '-x509',
    '-days',
    String(days),
  ];
  const request = ['req', ...kind, '-subj', `/CN=${name}`, '-addext', names, '-keyout', '-', '-out', '-'];
  const { stdout, stderr, failure } = await run('openssl', request);
  const pem = (label: string) =>
    new RegExp(`-----BEGIN ${label}-----[^-]+-----END ${label}-----\n`).exec(stdout)?.[0];
  const [madeCert, madeKey] = [pem('CERTIFICATE'), pem('PRIVATE KEY')];
  if (failure !== undefined || madeCert === undefined || madeKey === undefined) {
    throw fail(
      'HOST_LACKS',
      `openssl made no certificate: ${failure ?? 'none in what it wrote'}`,
      undefined,
      { details: stderr },
    );
  }
  await onDisk(directory, async () => {
    await makePrivate(directory);
    await writeAtomically(key, madeKey);
    await writeAtomically(cert, madeCert);
  });
  return { cert, key };
}

function days(text: string): number {
  if (!/^[1-9]\d{0,4}$/.test(text)) throw new InvalidArgumentError('a number of days');
  return Number(text);
}
