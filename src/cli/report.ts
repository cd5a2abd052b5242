/** How an error is told: one line first, the rest after it; with --json as one object. Exit codes: the error catalogue. */
import { CommanderError } from 'commander';
import { CATALOGUE, EXIT, type Fault, fail, formatFault, formatPlace, NwgateError } from '../model/errors.js';
import { printable, printableLines } from '../model/names.js';

/** Anything thrown as an error of ours. */
export function asNwgateError(error: unknown): NwgateError {
  if (error instanceof NwgateError) return error;
  if (error instanceof CommanderError) {
    if (error.code === 'commander.help') return fail('USAGE', 'a command is missing');
    return fail('USAGE', error.message.replace(/^error: /, '').replace(/\s*\n\s*/g, ' '));
  }
  const message = error instanceof Error ? error.message : String(error);
  const details = error instanceof Error ? error.stack : undefined;
  return fail('INTERNAL', message, undefined, {
    cause: error,
    ...(details === undefined ? {} : { details }),
  });
}

/** Ends with a newline. */
export function errorText(error: NwgateError, json: boolean): string {
  const [first, ...rest] = error.faults;
  const more = [...rest.map(formatFault), ...(error.details === undefined ? [] : [error.details.trimEnd()])];
  if (json) {
    const { code, message, where } = first!;
    const details = more.length === 0 ? null : more.join('\n');
    return `${JSON.stringify({ error: { code, message, where: where ?? null, details } })}\n`;
  }
  const { remedy } = CATALOGUE[error.code];
  const head = `nwgate: ${printable(formatFault(first!), Number.POSITIVE_INFINITY)}`;
  return [head, ...more.map(printableLines).flatMap(indented), `  (${remedy})`, ''].join('\n');
}

const indented = (text: string) => text.split('\n').map((line) => `  ${line}`);

/** `file:line:column: message`, the form compilers use and editors jump to. */
export function faultLine({ message, where }: Fault): string {
  const { file, line = 1, column = 1, ...inside } = where ?? {};
  const place = formatPlace(inside);
  const text = `${file ?? '-'}:${line}:${column}: ${place === '' ? '' : `${place}: `}${message}`;
  return printable(text, Number.POSITIVE_INFINITY);
}

/** The code a process ends with after `error`. Asking for help or the version is no error. */
export function exitCode(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT.input;
  return asNwgateError(error).exit;
}
