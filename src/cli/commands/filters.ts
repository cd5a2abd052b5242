/** Commands on filters. */
import type { Command } from 'commander';
import type { FilterSummary } from '../../app/api.js';
import { contextOf } from '../context.js';
import { readDocument } from '../documents.js';
import { table } from '../table.js';

export function filterCommands(program: Command): void {
  program
    .command('list')
    .alias('nwfilter-list')
    .description('filters: uuid, name, chain, rules, references, ports bound')
    .action(async (_options, command: Command) => {
      const context = contextOf(command);
      context.show(await context.call('list', {}), listing);
    });

  program
    .command('dumpxml')
    .alias('nwfilter-dumpxml')
    .argument('<name>')
    .description('canonical native XML')
    .action(async (name: string, _options, command: Command) => {
      const context = contextOf(command);
      context.print((await context.call('dumpxml', { name })).document);
    });

  program
    .command('define')
    .aliases(['nwfilter-define', 'nwfilter-create'])
    .argument('<file>', 'native XML; - reads standard input')
    .description('create or replace a filter')
    .action((file: string, _options, command: Command) => define(file, false, command));

  program
    .command('update')
    .alias('nwfilter-update')
    .argument('<file>', 'native XML; - reads standard input')
    .description('replace a filter that exists')
    .action((file: string, _options, command: Command) => define(file, true, command));

  program
    .command('undefine')
    .aliases(['nwfilter-undefine', 'nwfilter-destroy'])
    .argument('<name>')
    .description('remove a filter that no port and no filter uses')
    .action(async (name: string, _options, command: Command) => {
      const context = contextOf(command);
      context.done(await context.call('undefine', { name }), `Filter ${name} removed`);
    });

  program
    .command('create-from')
    .alias('nwfilter-create-from')
    .argument('<name>')
    .argument('<new>')
    .description('copy a filter under a new name and uuid')
    .action(async (name: string, newName: string, _options, command: Command) => {
      const context = contextOf(command);
      const summary = await context.call('createFrom', { name, newName });
      context.done(summary, `Filter ${newName} created from ${name}`);
    });
}

async function define(file: string, mustExist: boolean, command: Command): Promise<void> {
  const context = contextOf(command);
  const summary = await context.call('define', { ...(await readDocument(file)), mustExist });
  context.done(summary, `Filter ${summary.name} defined`);
}

function listing(filters: readonly FilterSummary[]): string {
  return table(
    ['UUID', 'NAME', 'CHAIN', 'PRIORITY', 'RULES', 'REFERENCES', 'PORTS'],
    filters.map(({ uuid, name, chain, priority, rules, references, ports }) => [
      uuid,
      name,
      chain,
      String(priority),
      String(rules),
      String(references),
      ports.join(',') || '-',
    ]),
  );
}
