/** `user add|remove|list`: who may use the network services. */
import { text } from 'node:stream/consumers';
import { type Command, Option } from 'commander';
import { ROLES, type Role } from '../../model/caller.js';
import { fail } from '../../model/errors.js';
import { contextOf } from '../context.js';
import { table } from '../table.js';

const STDIN = ['--password-stdin', 'read the password from standard input'] as const;
const DIGEST = ['--digest', 'keep what HTTP Digest needs, even while it is not offered'] as const;

interface PasswordOptions {
  readonly passwordStdin?: boolean;
  readonly digest?: boolean;
}

/** Errors: USAGE. */
async function passwordOf({ passwordStdin, digest }: PasswordOptions) {
  if (!passwordStdin) {
    throw fail('USAGE', 'the password is read from standard input: give --password-stdin');
  }
  return { password: (await text(process.stdin)).replace(/\r?\n$/, ''), digest };
}

export function userCommands(program: Command): void {
  const user = program.command('user').description('users of the network services');

  user
    .command('add')
    .argument('<name>')
    .addOption(new Option('--role <role>').choices(ROLES).makeOptionMandatory())
    .option(...STDIN)
    .option(...DIGEST)
    .description('add a user')
    .action(async (name: string, options: PasswordOptions & { role: Role }, command: Command) => {
      const context = contextOf(command);
      const { role } = options;
      const added = await context.call('addUser', { name, role, ...(await passwordOf(options)) });
      context.done(added, `User ${name} added as ${role}`);
    });

  user
    .command('password')
    .argument('<name>')
    .option(...STDIN)
    .option(...DIGEST)
    .description('set the password of a user')
    .action(async (name: string, options: PasswordOptions, command: Command) => {
      const context = contextOf(command);
      const set = await context.call('setPassword', { name, ...(await passwordOf(options)) });
      context.done(set, `Password of user ${name} set`);
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
    .description('users, their roles, and whether they can use HTTP Digest')
    .action(async (_options, command: Command) => {
      const context = contextOf(command);
      const users = await context.call('users', {});
      context.show(users, (all) =>
        table(
          ['NAME', 'ROLE', 'DIGEST'],
          all.map(({ name, role, digest }) => [name, role, digest ? 'yes' : 'no']),
        ),
      );
    });
}
