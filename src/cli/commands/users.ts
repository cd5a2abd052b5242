/** `user add|remove|list`: who may use the network services. */
import { text } from 'node:stream/consumers';
import { type Command, Option } from 'commander';
import { ROLES, type Role } from '../../model/caller.js';
import { fail } from '../../model/errors.js';
import { contextOf } from '../context.js';
import { table } from '../table.js';

export function userCommands(program: Command): void {
  const user = program.command('user').description('users of the network services');

  user
    .command('add')
    .argument('<name>')
    .addOption(new Option('--role <role>').choices(ROLES).makeOptionMandatory())
    .option('--password-stdin', 'read the password from standard input')
    .description('add a user')
    .action(async (name: string, options: { role: Role; passwordStdin?: boolean }, command: Command) => {
      const context = contextOf(command);
      if (!options.passwordStdin) {
        throw fail('USAGE', 'the password is read from standard input: give --password-stdin');
      }
      const password = (await text(process.stdin)).replace(/\r?\n$/, '');
      const added = await context.call('addUser', { name, role: options.role, password });
      context.done(added, `User ${name} added as ${options.role}`);
    });

  user
    .command('remove')
    .argument('<name>')
    .description('remove a user')
    .action(async (name: string, _options, command: Command) => {
      const context = contextOf(command);
      context.done(await context.call('removeUser', { name }), `User ${name} removed`);
    });

  user
    .command('list')
    .description('users and their roles')
    .action(async (_options, command: Command) => {
      const context = contextOf(command);
      const users = await context.call('users', {});
      context.show(users, (all) =>
        table(
          ['NAME', 'ROLE'],
          all.map(({ name, role }) => [name, role]),
        ),
      );
    });
}
