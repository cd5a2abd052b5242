/** `hook`: libvirt's hook protocol; `hook-install` and `hook-uninstall`: putting it in libvirt's way, and out of it. */
import { Argument, type Command, Option } from 'commander';
import { DRIVERS, type HookCall, type HookResult } from '../../app/hook.js';
import { formatFault, NwgateError } from '../../model/errors.js';
import { type Context, contextOf } from '../context.js';
import { readDocument } from '../documents.js';
import { type HookPlace, installHooks, uninstallHooks } from '../hook-script.js';

type Driver = HookCall['driver'];

export function hookCommands(program: Command): void {
  program
    .command('hook')
    .addArgument(new Argument('<driver>', 'of libvirt').choices(DRIVERS))
    .argument('<vm>')
    .argument('<operation>')
    .argument('<suboperation>')
    .argument('[extra]')
    .description('what libvirt tells its hook scripts, the domain on standard input')
    .action(
      async (
        driver: Driver,
        vm: string,
        operation: string,
        suboperation: string,
        _extra,
        _options,
        command,
      ) => {
        const context = contextOf(command);
        try {
          const document = await readDocument('-');
          tell(context, await context.call('hook', { driver, vm, operation, suboperation, ...document }));
        } catch (error) {
          if (context.options.json || !(error instanceof NwgateError)) throw error;
          complain(error.faults.map(formatFault).join('; '));
          process.exitCode = error.exit;
        }
      },
    );

  hookPlaceCommand(program, 'hook-install', 'have libvirt call nwgate when machines start and stop').action(
    async (options: HookPlace, command: Command) => {
      const context = contextOf(command);
      const { files, ...found } = await installHooks(options, context);
      const restart = 'restart libvirt (virtqemud, virtlxcd, libvirtd): it looks for hooks when it starts';
      context.done({ files, ...found }, `Hook installed: ${files.join(', ')}; ${restart}`);
    },
  );

  hookPlaceCommand(program, 'hook-uninstall', 'take the hook away').action(
    async (options: HookPlace, command: Command) => {
      const files = await uninstallHooks(options);
      const sentence = files.length === 0 ? 'There was no hook' : `Hook removed: ${files.join(', ')}`;
      contextOf(command).done({ files }, sentence);
    },
  );
}

function hookPlaceCommand(program: Command, name: string, description: string): Command {
  return program
    .command(name)
    .option('--dir <dir>', 'where libvirt looks for hooks', '/etc/libvirt/hooks')
    .addOption(
      new Option('--driver <driver...>', 'drivers of libvirt whose machines are meant')
        .choices(DRIVERS)
        .default(DRIVERS, DRIVERS.join(' ')),
    )
    .description(description);
}

/** Standard output is libvirt's: the domain where it asks for one, nothing else. */
function tell(context: Context, result: HookResult): void {
  if (context.options.json) context.show(result, () => '');
  else if (result.complaint !== undefined) complain(result.complaint);
  else context.print(result.domain ?? '');
}

/** One line, as it ends up in libvirt's log. */
function complain(text: string): void {
  process.stderr.write(`nwgate: ${text.replace(/\s*\n\s*/g, '; ')}\n`);
}
