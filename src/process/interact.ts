/** Starts a program that talks with the person at the terminal: an editor. */
import { spawn } from 'node:child_process';
import { fail } from '../model/errors.js';

/**
 * Runs `command`, a program and its arguments separated by blanks as $EDITOR usually holds them (`vi`, `code --wait`), with
 * one more argument, on our own terminal. There is no shell, so quotes mean nothing.
 * Errors: USAGE when it cannot be started or ends with another code than 0.
 */
export async function interact(command: string, argument: string): Promise<void> {
  const [program = '', ...args] = command.trim().split(/\s+/);
  const child = spawn(program, [...args, argument], { stdio: 'inherit' });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', (cause) =>
      reject(fail('USAGE', `${program} cannot be started`, undefined, { cause })),
    );
    child.once('exit', resolve);
  });
  if (code !== 0) throw fail('USAGE', `${command} ended with ${code ?? 'a signal'}: nothing was changed`);
}
