/** The command line as commander knows it: global options and every command. */
import { Command, Option } from 'commander';
import { auditCommand } from './commands/audit.js';
import { compileCommand } from './commands/compile.js';
import { editCommand } from './commands/edit.js';
import { explainCommand } from './commands/explain.js';
import { filterCommands } from './commands/filters.js';
import { hookCommands } from './commands/hook.js';
import { hostCommands } from './commands/host.js';
import { policyCommands } from './commands/policy.js';
import { portCommands } from './commands/ports.js';
import { serveCommand } from './commands/serve.js';
import { tlsCommands } from './commands/tls.js';
import { userCommands } from './commands/users.js';
import { validateCommand } from './commands/validate.js';
import { version } from './package.js';
import { HOST_CHOICES } from './product.js';

/** `asJson`: errors will be told as JSON. */
export async function program(asJson: boolean): Promise<Command> {
  const command = new Command('nwgate')
    .description('CIM gateway for the network filters of virtual machines')
    .version(await version())
    .option('--state <dir>', 'where filters, bindings and users are kept (also NWGATE_STATE)')
    .addOption(
      new Option('--host <kind>', 'where rules go: into the kernel, or nowhere')
        .choices(HOST_CHOICES)
        .default('auto'),
    )
    .option('--netns <name>', 'put the rules into that network namespace')
    .option('--json', 'results and errors as JSON')
    .option('--quiet', 'say nothing about what was done')
    .exitOverride()
    // Errors are told by report.ts alone; help that nobody asked for is none of them, and no JSON.
    .configureOutput({
      outputError: () => undefined,
      writeErr: (text) => void (asJson || process.stderr.write(text)),
    });
  const register = [
    serveCommand,
    filterCommands,
    editCommand,
    validateCommand,
    portCommands,
    compileCommand,
    explainCommand,
    hookCommands,
    policyCommands,
    hostCommands,
    userCommands,
    tlsCommands,
    auditCommand,
  ];
  for (const commands of register) commands(command);
  return command;
}
