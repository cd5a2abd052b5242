/** `serve`: run the gateway until it is told to stop. */
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { type Config, readConfig } from '../../app/config.js';
import { fail } from '../../model/errors.js';
import { type Context, contextOf } from '../context.js';
import { readText } from '../documents.js';
import { DEFAULT_LISTEN, parseListen } from '../listen.js';
import { openLog } from '../log.js';
import { PACKAGE } from '../package.js';

interface ServeOptions {
  readonly listen?: string;
  readonly config?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly tlsClientCa?: string;
  readonly tryOut?: boolean;
}

export function serveCommand(program: Command): void {
  program
    .command('serve')
    .option('--listen <host:port>', `where WS-Management is spoken (default: ${DEFAULT_LISTEN})`)
    .option('--tls-cert <file>', 'certificate for HTTPS')
    .option('--tls-key <file>', 'its key')
    .option('--tls-client-ca <file>', 'authority of client certificates')
    .option('--config <file>', 'configuration as JSON; options have precedence')
    .addOption(new Option('--try-out').hideHelp())
    .description('run the gateway')
    .action((options: ServeOptions, command: Command) => serve(contextOf(command), options));
}

async function serve(context: Context, options: ServeOptions): Promise<void> {
  if (options.tlsCert ?? options.tlsKey ?? options.tlsClientCa) {
    throw fail('USAGE', 'HTTPS is not supported yet: leave the --tls options out');
  }
  const config = await configuration(options.config);
  const address = parseListen(options.listen ?? config.listen ?? DEFAULT_LISTEN);
  const own = context.options.state ?? process.env.NWGATE_STATE;
  const state = options.tryOut && own === undefined ? join(PACKAGE, '.nwgate') : context.state;
  const { host, netns, quiet } = context.options;
  const log = openLog(config.logLevel ?? (quiet || options.tryOut ? 'warn' : 'info'));

  // The network libraries take longer to load than most commands take in all.
  const { startGateway } = await import('../serve.js');
  const { showTryOut } = await import('../try-out.js');
  const gateway = await startGateway({ state, host, netns, log, address });
  try {
    if (options.tryOut) await showTryOut({ ...gateway, state, print: context.print });
    await toldToStop();
  } finally {
    await gateway.stop();
  }
}

async function configuration(file: string | undefined): Promise<Config> {
  return file === undefined ? {} : readConfig(await readText(file), file);
}

function toldToStop(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve());
  });
}
