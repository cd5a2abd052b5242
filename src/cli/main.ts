#!/usr/bin/env node
/** The program: reads the command line, runs one command, ends with the exit code of the error catalogue. */
import { type Command, CommanderError } from 'commander';
import { program } from './program.js';
import { asNwgateError, errorText, exitCode } from './report.js';

/** `nwgate list | head` closes our output early: that is no fault. */
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

const asJson = process.argv.includes('--json');
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
