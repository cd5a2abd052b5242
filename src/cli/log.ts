/** The log of a running gateway: JSON lines on standard error. The only importer of pino. */
import pino from 'pino';
import type { Log } from '../app/state.js';
import { printable } from '../model/names.js';

export type FullLog = Log & {
  error(fields: Readonly<Record<string, unknown>>, message: string): void;
};

export const LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;

export function openLog(level: (typeof LEVELS)[number]): FullLog {
  return pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination({ fd: 2, sync: true }),
  );
}

/** What one command has to say beside its result: warnings as plain lines, nothing else. */
export function plainLog(quiet: boolean): Log {
  return {
    info: () => undefined,
    warn(fields, message) {
      const about = Object.entries(fields).map(([name, value]) => `${name} ${String(value)}`);
      if (!quiet)
        process.stderr.write(
          `nwgate: warning: ${printable(`${message}: ${about.join(', ')}`, Number.POSITIVE_INFINITY)}\n`,
        );
    },
  };
}
