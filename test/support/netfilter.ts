/** A kernel host in a lab that counts the programs it starts. */

import type { Host } from '../../src/app/ports.js';
import { chooseHost } from '../../src/host/choose.js';
import { fail } from '../../src/model/errors.js';
import { type Run, run } from '../../src/process/run.js';
import type { Station } from './netns.js';

export interface CountedHost {
  readonly host: Host;
  /** Names of the programs started since the last call. */
  started(): readonly string[];
}

/** Programs whose name matches `missing` are as if not installed; with `later`, from when the host is there. */
export async function hostIn(
  { netns }: Station,
  missing?: RegExp,
  later = false,
  starts: Run = run,
): Promise<CountedHost> {
  const names: string[] = [];
  let ready = false;
  const counting: Run = async (command, args, options) => {
    if (missing?.test(command) && (ready || !later)) throw fail('HOST_LACKS', `${command} is not installed`);
    names.push(command);
    return starts(command, args, options);
  };
  const host = await chooseHost({ want: 'kernel', netns, run: counting });
  names.length = 0;
  ready = true;
  return { host, started: () => names.splice(0) };
}
