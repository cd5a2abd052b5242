/** `export` and `import`: DMTF and native forms. */
import { writeFile } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import { CLASSES, type Classes, FORMS, type Form, type Imported } from '../../app/api.js';
import { ON_CONFLICT } from '../../app/choices.js';
import { fail, formatFault } from '../../model/errors.js';
import { contextOf } from '../context.js';
import { readDocument } from '../documents.js';
import { withProgress } from '../progress.js';

interface ExportOptions {
  readonly format: Form;
  readonly classes: Classes;
  readonly withReferences?: boolean;
  readonly lossy?: boolean;
  readonly binding?: string;
  readonly output?: string;
}

interface ImportOptions {
  readonly format: Form | 'auto';
  readonly name?: string;
  readonly onConflict: (typeof ON_CONFLICT)[number];
  readonly dryRun?: boolean;
}

export function policyCommands(program: Command): void {
  program
    .command('export')
    .argument('[name...]', 'filters; all when none is named')
    .addOption(new Option('--format <form>').choices(FORMS).makeOptionMandatory())
    .addOption(
      new Option('--classes <whose>', 'whose CIM classes, in wscim, cimxml and mof')
        .choices(CLASSES)
        .default('nwg'),
    )
    .option('--with-references', 'with every filter they refer to')
    .option('--lossy', 'leave out what the form cannot hold, and say what that was')
    .option('--binding <port>', 'all that a bound port needs somewhere else, its binding included')
    .option('-o, --output <file>', 'write to a file instead of standard output')
    .description('filters in DMTF or native form')
    .action(async (names: string[], options: ExportOptions, command: Command) => {
      const context = contextOf(command);
      const { format: form, classes, withReferences, lossy, binding, output } = options;
      const exported = await context.call('export', {
        names,
        form,
        classes,
        withReferences,
        lossy,
        binding,
      });
      if (output !== undefined) await save(output, exported.document);
      if (context.options.json) return context.show(exported, () => '');
      for (const fault of exported.leftOut) process.stderr.write(`nwgate: left out: ${formatFault(fault)}\n`);
      if (output === undefined) context.print(exported.document);
    });

  program
    .command('import')
    .argument('<file>', '- reads standard input')
    .addOption(new Option('--format <form>').choices(['auto', ...FORMS]).default('auto'))
    .option('--name <name>', 'the name of the filter where the form has none')
    .addOption(new Option('--on-conflict <what>').choices(ON_CONFLICT).default('fail'))
    .option('--dry-run', 'say what would happen, change nothing')
    .description('filters from any form: all of it or nothing')
    .action(async (file: string, options: ImportOptions, command: Command) => {
      const context = contextOf(command);
      const { format: form, name, onConflict, dryRun } = options;
      const input = { ...(await readDocument(file)), form, name, onConflict, dryRun };
      const imported = await withProgress(
        process.stderr,
        !context.options.json && !context.options.quiet,
        `importing ${input.source}`,
        () => context.call('import', input),
      );
      context.done(imported, summary(imported, dryRun ?? false));
    });
}

async function save(file: string, document: string): Promise<void> {
  try {
    await writeFile(file, document);
  } catch (cause) {
    throw fail('USAGE', `${file} cannot be written: ${(cause as Error).message}`, undefined, { cause });
  }
}

function summary({ names, report }: Imported, dryRun: boolean): string {
  const verb = dryRun ? 'Would import' : 'Imported';
  return [...report, `${verb} ${names.length === 0 ? 'nothing' : names.join(', ')}`].join('\n');
}
