/** Documents from files and from standard input. */
import { readFile, stat } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { fail } from '../model/errors.js';
import { isFilterName } from '../model/names.js';
import { decodeXml } from '../xml/parse.js';

export interface Document {
  readonly document: string;
  /** What errors call it. */
  readonly source: string;
}

/** Reads a file, or standard input for `-`. Errors: FILE_NOT_FOUND, USAGE (a directory, no permission), XML_FORBIDDEN. */
export async function readDocument(path: string): Promise<Document> {
  const source = path === '-' ? 'standard input' : path;
  const octets = path === '-' ? await buffer(process.stdin) : await readOctets(path);
  return { document: decodeXml(octets, { file: source }), source };
}

/** Errors: FILE_NOT_FOUND, USAGE. */
export async function readText(path: string): Promise<string> {
  return (await readOctets(path)).toString('utf8');
}

/** A name that is also a file means the filter: `./name` is the file. */
export async function isDocument(what: string): Promise<boolean> {
  return what === '-' || !isFilterName(what) || (what.endsWith('.xml') && (await isFile(what)));
}

export async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

/** Errors: FILE_NOT_FOUND, USAGE. */
export async function readOctets(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') throw fail('FILE_NOT_FOUND', `there is no file ${path}`);
    throw fail('USAGE', `${path} cannot be read: ${message}`, undefined, { cause });
  }
}
