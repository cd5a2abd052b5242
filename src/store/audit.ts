/**
 * The audit log: `<state>/audit.log`, JSON lines, readable by its owner only, flushed to disk line by line. At a certain size
 * it becomes `audit.log.1`, that one `audit.log.2`, and so on; the oldest goes.
 */
import { constants } from 'node:fs';
import { type FileHandle, open, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Asked, Audit, Outcome } from '../app/ports.js';
import { oneAtATime } from '../app/queue.js';
import { flushDirectory, isMissing, makePrivate, onDisk, readIfThere } from './disk.js';

export interface AuditOptions {
  /** Octets at which a new file is begun. */
  readonly size?: number;
  readonly now?: () => Date;
}

/** Files kept beside the one that is written. */
const KEPT = 9;
const SIZE = 16 * 1024 * 1024;

/** A request with what became of it; `cut off`: the process ended before it was known. */
export interface AuditEntry {
  /** When it was asked for, ISO 8601. */
  readonly at: string;
  readonly who: string;
  readonly role: string;
  readonly from: string;
  readonly operation: string;
  readonly objects: readonly string[];
  readonly outcome: Outcome['outcome'] | 'cut off';
  readonly code?: string;
  readonly changes?: Extract<Outcome, { outcome: 'done' }>['changes'];
}

const UNKNOWN = { outcome: 'cut off' } as const;
const logFile = (state: string) => join(state, 'audit.log');

/** Nothing is opened before the first record. The caller holds the lock of the state directory. */
export function fileAudit(state: string, { size = SIZE, now = () => new Date() }: AuditOptions = {}): Audit {
  const path = logFile(state);
  const exclusively = oneAtATime();
  let counter = 0;
  const write = (line: Readonly<Record<string, unknown>>) =>
    exclusively(() =>
      onDisk(path, async () => {
        await makePrivate(state);
        await append(path, `${JSON.stringify(line)}\n`, size);
      }),
    );
  return {
    async begin({ operation, objects, by }: Asked) {
      const at = now().toISOString();
      counter += 1;
      const id = `${at} ${process.pid}.${counter}`;
      await write({ id, at, who: by.name, role: by.role, from: by.from, operation, objects });
      return (outcome) => write({ id, at: now().toISOString(), ...outcome });
    },
  };
}

/** Requests since a moment, oldest first. A line that cannot be read is told to `unreadable`. Errors: DISK. */
export async function readAudit(
  state: string,
  since: Date,
  unreadable: (place: string) => void,
): Promise<readonly AuditEntry[]> {
  const found = new Map<string, AuditEntry>();
  for (let number = KEPT; number >= 0; number -= 1) {
    const path = numbered(logFile(state), number);
    const content = await onDisk(path, () => readIfThere(path));
    const lines = Buffer.from(content ?? '')
      .toString('utf8')
      .split('\n');
    for (const [index, line] of lines.entries()) {
      if (line === '') continue;
      const read = parse(line);
      if (!read) unreadable(`${path}:${index + 1}`);
      else found.set(read.id, { ...(found.get(read.id) ?? UNKNOWN), ...read.entry });
    }
  }
  return [...found.values()].filter(({ at }) => Date.parse(at) >= since.getTime());
}

function parse(line: string): { readonly id: string; readonly entry: AuditEntry } | undefined {
  try {
    const { id, at, ...rest } = JSON.parse(line) as { id: string; at: string } & Omit<AuditEntry, 'at'>;
    // The moment of the request is the entry's, not that of its end.
    return { id, entry: (rest.who === undefined ? rest : { at, ...rest }) as AuditEntry };
  } catch {
    return undefined;
  }
}

const numbered = (path: string, number: number) => (number === 0 ? path : `${path}.${number}`);

async function append(path: string, line: string, limit: number): Promise<void> {
  const file = await open(path, constants.O_RDWR | constants.O_CREAT | constants.O_APPEND, 0o600);
  try {
    const { size } = await file.stat();
    if (size >= limit) {
      await makeRoom(path);
      return await append(path, line, limit);
    }
    // A line that a crash cut off ends here, so that this one can be read.
    const start = (await endsInLine(file, size)) ? '' : '\n';
    try {
      await file.writeFile(start + line);
      await file.datasync();
    } catch (error) {
      await file.truncate(size);
      throw error;
    }
    if (size === 0) await flushDirectory(dirname(path));
  } finally {
    await file.close();
  }
}

async function endsInLine(file: FileHandle, size: number): Promise<boolean> {
  if (size === 0) return true;
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1);
  return buffer[0] === 0x0a;
}

/** Each file takes the number of the next older one. */
async function makeRoom(path: string): Promise<void> {
  for (let number = KEPT; number > 0; number -= 1) {
    await rename(numbered(path, number - 1), numbered(path, number)).catch((error: unknown) => {
      if (!isMissing(error)) throw error;
    });
  }
  await flushDirectory(dirname(path));
}
