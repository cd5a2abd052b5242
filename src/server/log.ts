/** Where the network services tell what happened. */
import type { Log } from '../app/state.js';

export interface ServerLog extends Log {
  error(fields: Readonly<Record<string, unknown>>, message: string): void;
}
