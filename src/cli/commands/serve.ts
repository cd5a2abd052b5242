/** `serve`: run the gateway until it is told to stop. */
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { type Command, Option } from 'commander';
import type { Config } from '../../app/config.js';
import { fail } from '../../model/errors.js';
import { type Context, contextOf } from '../context.js';
import { readText } from '../documents.js';
import { type Address, DEFAULT_LISTEN, isLoopback, parseListen, TLS_PORT } from '../listen.js';
import { openLog } from '../log.js';
import { PACKAGE } from '../package.js';

/**
 * How much the old heap may grow from one full collection to the next (`node --v8-options`). V8 lets it double or more, and what a gateway
 * has for long is a quarter of what it then takes; at 30 % it takes a fifth less, for some processor time (docs/performance.md).
 */
const HEAP_GROWTH = '--heap-growing-percent=30';

interface ServeOptions {
  readonly listen?: string;
  readonly config?: string;
  readonly insecureListen?: boolean;
  readonly tlsListen?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly tlsClientCa?: string;
  readonly digest?: boolean;
  readonly openMeanwhile?: boolean;
  readonly tryOut?: boolean;
}

export function serveCommand(program: Command): void {
  program
    .command('serve')
    .option('--listen <host:port>', `where WS-Management is spoken (default: ${DEFAULT_LISTEN})`)
    .option('--insecure-listen', 'let --listen be an address that others reach: passwords travel unencrypted')
    .option('--tls-listen <host:port>', `where HTTPS is spoken (default: port ${TLS_PORT} beside it)`)
    .option('--tls-cert <file>', 'certificate for HTTPS')
    .option('--tls-key <file>', 'its key')
    .option('--tls-client-ca <file>', 'authority of client certificates')
    .option('--digest', 'offer HTTP Digest too, and keep what it needs of passwords that are set')
    .option('--open-meanwhile', 'leave ports open while rules that somebody took away are written again')
    .option('--config <file>', 'configuration as JSON; options have precedence')
    .addOption(new Option('--try-out').hideHelp())
    .description('run the gateway')
    .action((options: ServeOptions, command: Command) => serve(contextOf(command), options));
}

async function serve(context: Context, options: ServeOptions): Promise<void> {
  const config = await configuration(options.config);
  const given = { ...config, ...options };
  const address = parseListen(given.listen ?? DEFAULT_LISTEN);
  if (!isLoopback(address) && !given.insecureListen) {
    const message = `HTTP on ${given.listen} would carry passwords unencrypted: use --tls-cert and --tls-key, or --insecure-listen`;
    throw fail('USAGE', message);
  }
  const tls = tlsOf(given, address);
  const own = context.options.state ?? process.env.NWGATE_STATE;
  const state = options.tryOut && own === undefined ? join(PACKAGE, '.nwgate') : context.state;
  const { host, netns, quiet } = context.options;
  const log = openLog(config.logLevel ?? (quiet || options.tryOut ? 'warn' : 'info'));

  setFlagsFromString(HEAP_GROWTH);
  // The network libraries take longer to load than most commands take in all.
  const { startGateway } = await import('../serve.js');
  const { showTryOut } = await import('../try-out.js');
  const gateway = await startGateway({
    state,
    host,
    netns,
    log,
    address,
    tls,
    digest: given.digest,
    meanwhile: given.openMeanwhile ? 'open' : 'closed',
    controlGroup: config.controlGroup,
    eventSinks: config.eventSinks,
  });
  const reload = () => void gateway.reload();
  process.on('SIGHUP', reload);
  try {
    if (options.tryOut) await showTryOut({ ...gateway, state, print: context.print });
    await toldToStop();
  } finally {
    process.off('SIGHUP', reload);
    await gateway.stop();
  }
}

/** Errors: USAGE when certificate or key is missing. */
function tlsOf({ tlsListen, tlsCert, tlsKey, tlsClientCa }: Config, beside: Address) {
  if (tlsCert === undefined || tlsKey === undefined) {
    if ([tlsListen, tlsCert, tlsKey, tlsClientCa].every((option) => option === undefined)) return undefined;
    throw fail('USAGE', 'HTTPS needs both --tls-cert and --tls-key');
  }
  const address = tlsListen === undefined ? { ...beside, port: TLS_PORT } : parseListen(tlsListen);
  return { ...address, files: { cert: tlsCert, key: tlsKey, clientCa: tlsClientCa } };
}

async function configuration(file: string | undefined): Promise<Config> {
  if (file === undefined) return {};
  const { readConfig } = await import('../../app/config.js');
  return readConfig(await readText(file), file);
}

function toldToStop(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve());
  });
}
