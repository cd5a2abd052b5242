#!/usr/bin/env node
/** The program: reads the command line, runs one command, ends with the exit code of the error catalogue. */
import { type Command, CommanderError } from 'commander';
import { fail } from '../model/errors.js';
import { program } from './program.js';
import { asNwgateError, errorText, exitCode } from './report.js';

const asJson = process.argv.includes('--json');

/** `nwgate list | head` closes our output early: that is no fault. A full disk is. */
process.stdout.on('error', (cause: NodeJS.ErrnoException) => {
  if (cause.code === 'EPIPE') process.exit();
  const error = fail('DISK', `standard output cannot be written: ${cause.message}`, undefined, { cause });
  process.stderr.write(errorText(error, asJson));
  process.exit(error.exit);
});
/** Where nobody can be told, the exit code still says it. */
process.stderr.on('error', () => {});

const command: Command = await program(asJson);
try {
  await command.parseAsync();
} catch (error) {
  process.exitCode = exitCode(error);
  // Help and version have been printed: commander says so by an error with exit code 0.
  if (!(error instanceof CommanderError && error.exitCode === 0)) {
    process.stderr.write(errorText(asNwgateError(error), asJson));
  }
}
