/**
 * Users of the network services in `<state>/users.json`, readable by its owner only. Passwords are kept as scrypt hashes
 * (RFC 7914) with a salt each; the cost stands beside the hash, so that it can rise without breaking old ones. What HTTP Digest needs
 * is cheap to guess passwords from, and kept only of passwords that were set while it was asked for.
 */
import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';
import { join } from 'node:path';
import { type DigestSecrets, digestSecrets, REALM } from '../app/digest.js';
import type { Account, NewPassword, User, Users } from '../app/ports.js';
import { oneAtATime } from '../app/queue.js';
import { ROLES, type Role } from '../model/caller.js';
import { fail } from '../model/errors.js';
import { isFilterName, printable } from '../model/names.js';
import { makePrivate, onDisk, readIfThere, writeAtomically } from './disk.js';

interface Secret {
  readonly cost: number;
  readonly salt: string;
  readonly hash: string;
}

interface Digest extends DigestSecrets {
  readonly realm: string;
}

interface Entry {
  readonly role: Role;
  readonly scrypt: Secret;
  readonly digest?: Digest;
}

/** scrypt's N with r = 8 and p = 1: 16 MiB and some 50 ms a guess. */
const COST = 2 ** 14;
const HASH_OCTETS = 32;
const MIN_PASSWORD = 8;
const MAX_PASSWORD = 1024;

export interface FileUsers extends Users {
  add(user: NewPassword & User): Promise<void>;
  setPassword(password: NewPassword): Promise<void>;
  remove(name: string): Promise<void>;
  /** The user when name and password are right, else undefined; takes as long either way. */
  verify(name: string, password: string): Promise<User | undefined>;
  /** For who has proved the name in another way. */
  named(name: string): Promise<User | undefined>;
  /** What HTTP Digest compares with; undefined where nothing is kept. */
  digest(name: string): Promise<{ readonly user: User; readonly secrets: DigestSecrets } | undefined>;
}

export interface UsersOptions {
  /** Whether what HTTP Digest needs is kept of every password that is set from now on. */
  readonly digest?: boolean | undefined;
}

/** Reads the file anew each time: users added by a command while the gateway runs count at once. */
export function fileUsers(state: string, options: UsersOptions = {}): FileUsers {
  const path = join(state, 'users.json');
  const exclusively = oneAtATime();
  const read = () => onDisk(path, async () => parse(path, await readIfThere(path)));
  const write = (entries: ReadonlyMap<string, Entry>) =>
    onDisk(path, async () => {
      await makePrivate(state);
      await writeAtomically(path, `${JSON.stringify(Object.fromEntries(entries), null, 2)}\n`);
    });

  /** Errors: VALUE. */
  const secretsOf = async ({ name, password, digest = options.digest }: NewPassword) => {
    if (password.length < MIN_PASSWORD || password.length > MAX_PASSWORD) {
      throw fail('VALUE', `a password has ${MIN_PASSWORD} to ${MAX_PASSWORD} characters`);
    }
    const kept = digest ? { digest: { realm: REALM, ...digestSecrets(name, password) } } : {};
    return { scrypt: await secretOf(password), ...kept };
  };

  return {
    async list() {
      const entries = [...(await read())].map(([name, entry]): Account => {
        return { name, role: entry.role, digest: digestOf(entry) !== undefined };
      });
      return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
    },

    async add(user) {
      const { name, role } = user;
      // No colon: HTTP Basic ends the name there (RFC 7617 §2).
      if (!isFilterName(name) || name.includes(':')) {
        throw fail('NAME', `"${printable(name)}" cannot be a user name`);
      }
      const secrets = await secretsOf(user);
      await exclusively(async () => {
        const entries = await read();
        if (entries.has(name)) throw fail('EXISTS', `there is a user ${name} already`);
        await write(new Map(entries).set(name, { role, ...secrets }));
      });
    },

    async setPassword(password) {
      const { name } = password;
      const secrets = await secretsOf(password);
      await exclusively(async () => {
        const entries = await read();
        const entry = entries.get(name);
        if (!entry) throw unknown(name);
        await write(new Map(entries).set(name, { role: entry.role, ...secrets }));
      });
    },

    remove: (name) =>
      exclusively(async () => {
        const entries = new Map(await read());
        if (!entries.delete(name)) throw unknown(name);
        await write(entries);
      }),

    async named(name) {
      const entry = (await read()).get(name);
      return entry && { name, role: entry.role };
    },

    async digest(name) {
      const entry = (await read()).get(name);
      const secrets = entry && digestOf(entry);
      return secrets && { user: { name, role: entry.role }, secrets };
    },

    async verify(name, password) {
      const entry = (await read()).get(name);
      const right = await matches(entry?.scrypt ?? NOBODY, password.slice(0, MAX_PASSWORD + 1));
      return entry && right ? { name, role: entry.role } : undefined;
    },
  };
}

const unknown = (name: string) => fail('USER_NOT_FOUND', `there is no user ${printable(name)}`);

/** A hash made for another realm is none. */
const digestOf = ({ digest }: Entry) => (digest?.realm === REALM ? digest : undefined);

/** Compared with when there is no such user, so that the answer takes as long. */
const NOBODY: Secret = {
  cost: COST,
  salt: randomBytes(16).toString('base64'),
  hash: randomBytes(HASH_OCTETS).toString('base64'),
};

async function secretOf(password: string): Promise<Secret> {
  const salt = randomBytes(16);
  const hash = await derive(password, salt, COST);
  return { cost: COST, salt: salt.toString('base64'), hash: hash.toString('base64') };
}

async function matches({ cost, salt, hash }: Secret, password: string): Promise<boolean> {
  const derived = await derive(password, Buffer.from(salt, 'base64'), cost);
  const stored = Buffer.from(hash, 'base64');
  return derived.length === stored.length && timingSafeEqual(derived, stored);
}

function derive(password: string, salt: Buffer, cost: number): Promise<Buffer> {
  const options: ScryptOptions = { N: cost, r: 8, p: 1, maxmem: 256 * cost * 8 };
  return new Promise((resolve, reject) =>
    scrypt(password.normalize('NFC'), salt, HASH_OCTETS, options, (error, key) =>
      error ? reject(error) : resolve(key),
    ),
  );
}

function parse(path: string, content: Uint8Array | undefined): ReadonlyMap<string, Entry> {
  if (content === undefined) return new Map();
  const damaged = (cause?: unknown) => fail('DISK', `${path} cannot be read as users`, undefined, { cause });
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(content).toString('utf8'));
  } catch (cause) {
    throw damaged(cause);
  }
  if (typeof value !== 'object' || value === null) throw damaged();
  const entries = Object.entries(value);
  if (!entries.every((pair): pair is [string, Entry] => isEntry(pair[1]))) throw damaged();
  return new Map(entries);
}

function isEntry(value: unknown): value is Entry {
  const { role, scrypt: secret } = (value ?? {}) as Partial<Entry>;
  return (
    ROLES.some((known) => known === role) &&
    typeof secret?.cost === 'number' &&
    typeof secret.salt === 'string' &&
    typeof secret.hash === 'string'
  );
}
