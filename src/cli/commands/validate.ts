/** `validate`: every fault of every file, in the form compilers use. */
import type { Command } from 'commander';
import { CATALOGUE, type Fault, throwIfAny } from '../../model/errors.js';
import { printable } from '../../model/names.js';
import { type Context, contextOf } from '../context.js';
import { type Document, readDocument } from '../documents.js';
import { asNwgateError, faultLine } from '../report.js';

export function validateCommand(program: Command): void {
  program
    .command('validate')
    .argument('<file...>', 'native XML; - reads standard input')
    .description('check without storing: every fault, with line and column')
    .action(async (files: string[], _options, command: Command) => {
      const context = contextOf(command);
      const faults: Fault[] = [];
      for (const file of files) {
        const found = await faultsOf(file, context);
        faults.push(...found);
        if (found.length === 0)
          context.done({ file, valid: true }, `${printable(file, Number.POSITIVE_INFINITY)} is valid`);
      }
      if (context.options.json) throwIfAny(faults);
      const [first] = faults;
      if (first === undefined) return;
      process.stderr.write(faults.map((fault) => `${faultLine(fault)}\n`).join(''));
      process.exitCode = CATALOGUE[first.code].exit;
    });
}

/** A file that cannot be read does not keep the others from being checked. */
async function faultsOf(file: string, context: Context): Promise<readonly Fault[]> {
  let document: Document;
  try {
    document = await readDocument(file);
  } catch (error) {
    return asNwgateError(error).faults.map((fault) => ({ ...fault, where: { file, ...fault.where } }));
  }
  return context.call('validate', document);
}
