/** `validate`: every fault of every file, in the form compilers use. */
import type { Command } from 'commander';
import { EXIT, type Fault, throwIfAny } from '../../model/errors.js';
import { contextOf } from '../context.js';
import { readDocument } from '../documents.js';
import { faultLine } from '../report.js';

export function validateCommand(program: Command): void {
  program
    .command('validate')
    .argument('<file...>', 'native XML; - reads standard input')
    .description('check without storing: every fault, with line and column')
    .action(async (files: string[], _options, command: Command) => {
      const context = contextOf(command);
      const faults: Fault[] = [];
      for (const file of files) {
        const found = await context.call('validate', await readDocument(file));
        faults.push(...found);
        if (found.length === 0) context.done({ file, valid: true }, `${file} is valid`);
      }
      if (context.options.json) throwIfAny(faults);
      if (faults.length === 0) return;
      process.stderr.write(faults.map((fault) => `${faultLine(fault)}\n`).join(''));
      process.exitCode = EXIT.input;
    });
}
