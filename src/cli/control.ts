/**
 * The control socket: how commands reach a running gateway. `<state>/nwgate.sock`, for the owner of the gateway's process
 * and the members of one group, where one is named. A client writes one JSON value `{operation, input}` and ends; the answer is one JSON value, `{result}` or
 * `{error: {faults, details}}`, and the end.
 */
import { chmod, chown, rm } from 'node:fs/promises';
import { createConnection, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { type Fault, fail, NwgateError } from '../model/errors.js';
import { printable } from '../model/names.js';
import { run } from '../process/run.js';
import { onDisk } from '../store/disk.js';

/** A document may be large; nothing else is. */
const MAX_REQUEST = 128 * 1024 * 1024;
/** sun_path holds 108 octets with the closing zero. */
const MAX_PATH = 107;
/** Milliseconds requests under way may take at the end. */
const GRACE = 5_000;

export type Answerer = (operation: string, input: unknown) => Promise<unknown>;

export interface ControlServer {
  /** Takes no further requests and resolves when those under way are answered. */
  close(): Promise<void>;
}

interface WireError {
  readonly faults: readonly [Fault, ...Fault[]];
  readonly details: string | null;
}

type Wire = { readonly result: unknown } | { readonly error: WireError };

export function socketPath(state: string): string {
  return join(state, 'nwgate.sock');
}

/** The caller holds the lock of `state`: a socket that is there is a dead process's. Errors: DISK, USAGE (no such group). */
export async function serveControl(state: string, answer: Answerer, group?: string): Promise<ControlServer> {
  const gid = group === undefined ? undefined : await groupId(group);
  const path = socketPath(state);
  if (Buffer.byteLength(path) > MAX_PATH) {
    throw fail('DISK', `the path of the control socket is longer than ${MAX_PATH} octets: ${path}`);
  }
  await rm(path, { force: true });
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
    void respond(socket, answer);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) =>
      reject(fail('DISK', `${path} cannot be opened: ${cause.message}`, undefined, { cause })),
    );
    // bind(2) happens within listen: nobody else may enter, not even for a moment.
    const mask = process.umask(0o177);
    server.listen(path, resolve);
    process.umask(mask);
  });
  if (gid !== undefined) await onDisk(path, () => admit(state, path, gid));
  return {
    close: () =>
      new Promise((resolve) => {
        // Whoever never ends its request must not keep us.
        const late = setTimeout(() => {
          for (const socket of sockets) socket.destroy();
        }, GRACE);
        server.close(() => {
          clearTimeout(late);
          resolve();
        });
      }),
  };
}

/** The group may pass through the state directory, to the socket and no further: what else is there is its owner's. */
async function admit(state: string, path: string, gid: number): Promise<void> {
  await chown(state, -1, gid);
  await chmod(state, 0o710);
  await chown(path, -1, gid);
  await chmod(path, 0o660);
}

async function groupId(name: string): Promise<number> {
  const { stdout, failure } = await run('getent', ['group', '--', name]);
  const gid = /^[^:]*:[^:]*:(\d+):/.exec(stdout)?.[1];
  if (failure !== undefined || gid === undefined) throw fail('USAGE', `there is no group ${printable(name)}`);
  return Number(gid);
}

async function respond(socket: Socket, answer: Answerer): Promise<void> {
  let wire: Wire;
  try {
    const { operation, input } = readRequest(await readAll(socket));
    wire = { result: await answer(operation, input) };
  } catch (error) {
    const known = error instanceof NwgateError ? error : internal(error);
    const [first, ...rest] = known.faults;
    wire = { error: { faults: [first!, ...rest], details: known.details ?? null } };
  }
  socket.end(JSON.stringify(wire));
}

function internal(cause: unknown): NwgateError {
  const details = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
  return fail('INTERNAL', 'the gateway failed', undefined, { details, cause });
}

function readRequest(text: string): { operation: string; input: unknown } {
  try {
    const { operation, input } = JSON.parse(text) as { operation?: unknown; input?: unknown };
    if (typeof operation === 'string') return { operation, input };
  } catch (cause) {
    throw fail('USAGE', 'the request is not JSON', undefined, { cause });
  }
  throw fail('USAGE', 'the request names no operation');
}

/** By events: iterating over a socket would close its other half too. */
function readAll(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    socket.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > MAX_REQUEST) reject(fail('LIMIT', `a request has at most ${MAX_REQUEST} octets`));
      else chunks.push(chunk);
    });
    socket.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
    socket.on('error', reject);
    socket.on('close', () => reject(fail('INTERNAL', 'the other side went away')));
  });
}

/** A way to the gateway that runs on `state`; undefined when none does. */
export async function findGateway(state: string): Promise<Answerer | undefined> {
  const probe = await connect(socketPath(state));
  probe?.destroy();
  return probe && ((operation, input) => ask(state, operation, input));
}

async function ask(state: string, operation: string, input: unknown): Promise<unknown> {
  const socket = await connect(socketPath(state));
  if (!socket) throw fail('BUSY', 'the gateway ended a moment ago: try again');
  socket.end(JSON.stringify({ operation, input }));
  const text = await readAll(socket);
  if (text === '') throw fail('INTERNAL', 'the gateway ended before it answered');
  const wire = JSON.parse(text) as Wire;
  if ('result' in wire) return wire.result;
  if (!('error' in wire)) return undefined;
  const { faults, details } = wire.error;
  throw new NwgateError(faults, details === null ? {} : { details });
}

/** Undefined when nobody listens there. */
function connect(path: string): Promise<Socket | undefined> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ path, allowHalfOpen: true });
    socket.once('connect', () => resolve(socket));
    socket.once('error', (cause: NodeJS.ErrnoException) => {
      if (cause.code === 'ENOENT' || cause.code === 'ECONNREFUSED') resolve(undefined);
      else reject(fail('DISK', `${path}: ${cause.message}`, undefined, { cause }));
    });
  });
}
