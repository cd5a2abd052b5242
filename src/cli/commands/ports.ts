/** Commands on ports. */
import type { Command } from 'commander';
import type { ResultOf } from '../../app/operations.js';
import type { Parameter } from '../../model/filter.js';
import { type Context, contextOf } from '../context.js';
import { readDocument } from '../documents.js';
import { parameterOption } from '../parameters.js';
import { table } from '../table.js';

type Bound = ResultOf<'bind'>;

interface BindOptions {
  readonly filter: string;
  readonly mac?: string;
  readonly param: readonly Parameter[];
  readonly owner?: string;
  readonly replace?: boolean;
}

export function portCommands(program: Command): void {
  program
    .command('bind')
    .argument(
      '<port>',
      'an interface; or mac:MAC of a guest, or vm:NAME of a machine: theirs, as soon as they are there',
    )
    .requiredOption('--filter <name>', 'the filter to put on the port')
    .option('--mac <mac>', "the guest's MAC address")
    .addOption(parameterOption())
    .option('--owner <vm>', 'the virtual machine the port belongs to')
    .option('--replace', 'take the place of the filter bound now')
    .description('put a filter on a port')
    .action(async (port: string, options: BindOptions, command: Command) => {
      const context = contextOf(command);
      const { filter, mac, param, owner, replace } = options;
      const bound = await context.call('bind', {
        port,
        filter,
        mac,
        parameters: [...param],
        owner: owner === undefined ? undefined : { name: owner },
        replace,
      });
      report(context, bound);
    });

  program
    .command('nwfilter-binding-create')
    .argument('<file>', "libvirt's <filterbinding>; - reads standard input")
    .description('put a filter on a port, as a document says')
    .action(async (file: string, _options, command: Command) => {
      const context = contextOf(command);
      report(context, await context.call('bindDocument', await readDocument(file)));
    });

  program
    .command('unbind')
    .alias('nwfilter-binding-delete')
    .argument('<port>')
    .description('take the filter off a port, rules gone')
    .action(async (port: string, _options, command: Command) => {
      const context = contextOf(command);
      context.done(await context.call('unbind', { port }), `Port ${port} unbound`);
    });

  program
    .command('bindings')
    .alias('nwfilter-binding-list')
    .argument('[port]')
    .description('port, filter, state (applied, pending, failed: why)')
    .action(async (port: string | undefined, _options, command: Command) => {
      const context = contextOf(command);
      context.show(await context.call('bindings', { port }), listing);
    });
}

function report(context: Context, bound: Bound): void {
  context.done(bound, `Port ${bound.port} bound to ${bound.filter}: ${stateOf(bound)}`);
}

const stateOf = ({ state, reason }: Bound) => (reason === null ? state : `${state}: ${reason}`);

function listing(bindings: readonly Bound[]): string {
  const notes = bindings.some((bound) => noteOf(bound) !== '');
  return table(
    ['PORT', 'FILTER', 'STATE', ...(notes ? ['NOTE'] : [])],
    bindings.map((bound) => [
      bound.port,
      bound.filter || '-',
      stateOf(bound).replaceAll('\n', '; '),
      noteOf(bound),
    ]),
  );
}

/** Whose claim the port is, or which ports the claim has; addresses that were learned. */
function noteOf({ claim, ports = [], learned = [] }: Bound): string {
  return [
    ...(claim === undefined ? [] : [`by ${claim}`]),
    ...ports.map((name) => `on ${name}`),
    ...learned.map(({ variable, address }) => `learned ${variable} ${address}`),
  ].join(', ');
}
