/** `compile`: the rules a port would get. */
import { type Command, Option } from 'commander';
import { COMPILE_FORMATS } from '../../app/choices.js';
import type { Parameter } from '../../model/filter.js';
import { contextOf } from '../context.js';
import { isDocument, readDocument } from '../documents.js';
import { parameterOption } from '../parameters.js';

interface CompileOptions {
  readonly port: string;
  readonly mac?: string;
  readonly param: readonly Parameter[];
  readonly format: (typeof COMPILE_FORMATS)[number];
}

export function compileCommand(program: Command): void {
  program
    .command('compile')
    .argument('<name|file>', 'a filter, or a native document (- reads standard input)')
    .requiredOption('--port <port>', 'the interface the rules are for')
    .option('--mac <mac>', "the guest's MAC address")
    .addOption(parameterOption())
    .addOption(new Option('--format <format>').choices(COMPILE_FORMATS).default('restore'))
    .description('the rules of a filter for a port; nothing is touched')
    .action(async (what: string, options: CompileOptions, command: Command) => {
      const context = contextOf(command);
      const { port, mac, param, format } = options;
      const filter = (await isDocument(what)) ? await readDocument(what) : what;
      context.print(await context.call('compile', { filter, port, mac, parameters: [...param], format }));
    });
}
