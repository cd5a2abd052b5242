/** Where state lies. Source: XDG Base Directory Specification, `$XDG_STATE_HOME`. */
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** `given` (`--state`), else NWGATE_STATE, else /var/lib/nwgate for root, else the user's own state directory. */
export function stateDirectory(given: string | undefined, env: NodeJS.ProcessEnv = process.env): string {
  const named = given ?? env.NWGATE_STATE;
  if (named !== undefined && named !== '') return resolve(named);
  if (process.getuid?.() === 0) return '/var/lib/nwgate';
  // A relative path there is to be ignored.
  const base = env.XDG_STATE_HOME?.startsWith('/') ? env.XDG_STATE_HOME : join(homedir(), '.local/state');
  return join(base, 'nwgate');
}
