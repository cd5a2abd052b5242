/** Learned addresses in `<state>/leases.json`. They can be learned again: a damaged file counts as none. */
import { join } from 'node:path';
import type { Lease, Leases } from '../app/ports.js';
import { onDisk, readIfThere, writeAtomically } from './disk.js';

/** `now` tells the time in milliseconds since 1970. */
export function fileLeases(state: string, now: () => number = Date.now): Leases {
  const path = join(state, 'leases.json');
  return {
    async read() {
      const content = await onDisk(path, () => readIfThere(path));
      const all = content === undefined ? [] : parse(Buffer.from(content).toString('utf8'));
      return all.filter(({ expires }) => expires === undefined || expires > now());
    },
    async write(leases) {
      await onDisk(path, () => writeAtomically(path, `${JSON.stringify(leases, null, 2)}\n`));
    },
  };
}

function parse(text: string): readonly Lease[] {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value.filter(isLease) : [];
  } catch (error) {
    if (error instanceof SyntaxError) return [];
    throw error;
  }
}

function isLease(value: unknown): value is Lease {
  const { mac, variable, address, from, expires } = (value ?? {}) as Partial<Lease>;
  return (
    typeof mac === 'string' &&
    (variable === 'IP' || variable === 'IPV6') &&
    typeof address === 'string' &&
    (from === 'any' || from === 'dhcp') &&
    (expires === undefined || typeof expires === 'number')
  );
}
