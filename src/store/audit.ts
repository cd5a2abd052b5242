/**
 * The audit log: `<state>/audit.log`, JSON lines, readable by its owner only, flushed to disk before anything goes on; lines of requests at one moment together. At a certain size
 * it becomes `audit.log.1`, that one `audit.log.2`, and so on; the oldest goes.
 */
import { constants } from 'node:fs';
import { type FileHandle, open as openFile, rename, stat } from 'node:fs/promises';
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

/** The log as a file that stays open. */
export interface FileAudit extends Audit {
  close(): Promise<void>;
}

/** Nothing is opened before the first record. The caller holds the lock of the state directory. */
export function fileAudit(
  state: string,
  { size = SIZE, now = () => new Date() }: AuditOptions = {},
): FileAudit {
  const path = logFile(state);
  const exclusively = oneAtATime();
  let counter = 0;
  let open: FileHandle | undefined;
  /** Lines that came while others were being written: they are flushed together. */
  let next: { readonly lines: string[]; readonly written: Promise<void> } | undefined;

  const close = async () => {
    await open?.close();
    open = undefined;
  };
  const append = async (text: string) => {
    await makePrivate(state);
    open = await current(path, open, size);
    await appendTo(open, text);
  };
  const write = (line: Readonly<Record<string, unknown>>) => {
    if (next === undefined) {
      const lines: string[] = [];
      const written = exclusively(() => {
        next = undefined;
        return onDisk(path, () => append(lines.join('')));
      });
      next = { lines, written };
    }
    next.lines.push(`${JSON.stringify(line)}\n`);
    return next.written;
  };
  return {
    async begin({ operation, objects, by }: Asked) {
      const at = now().toISOString();
      counter += 1;
      const id = `${at} ${process.pid}.${counter}`;
      await write({ id, at, who: by.name, role: by.role, from: by.from, operation, objects });
      return (outcome) => write({ id, at: now().toISOString(), ...outcome });
    },
    close: () => exclusively(close),
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

/** The file to write to: the one that is open, unless somebody has moved it away or it is full. */
async function current(path: string, open: FileHandle | undefined, limit: number): Promise<FileHandle> {
  const [there, ours] = [await stat(path).catch(ignoreMissing), await open?.stat()];
  if (open && there?.ino === ours?.ino && there && there.size < limit) return open;
  await open?.close();
  if (there && there.size >= limit) await makeRoom(path);
  const file = await openFile(path, constants.O_RDWR | constants.O_CREAT | constants.O_APPEND, 0o600);
  try {
    const { size } = await file.stat();
    if (size === 0) await flushDirectory(dirname(path));
    // A line that a crash cut off ends here, so that the next one can be read.
    if (!(await endsInLine(file, size))) await file.writeFile('\n');
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** All of it, on disk, or nothing. */
async function appendTo(file: FileHandle, text: string): Promise<void> {
  const { size } = await file.stat();
  try {
    await file.writeFile(text);
    await file.datasync();
  } catch (error) {
    await file.truncate(size);
    throw error;
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
    await rename(numbered(path, number - 1), numbered(path, number)).catch(ignoreMissing);
  }
  await flushDirectory(dirname(path));
}

function ignoreMissing(error: unknown): undefined {
  if (!isMissing(error)) throw error;
}
