/** Reads the body of a request whole, within a limit. Source: RFC 9110 §8.4 (content codings). */
import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate, type ZlibOptions } from 'node:zlib';
import { HttpRefusal } from './reply.js';

type Unpack = (packed: Buffer, options: ZlibOptions) => Promise<Buffer>;

const CODINGS: ReadonlyMap<string, Unpack> = new Map<string, Unpack>([
  ['gzip', promisify<Buffer, ZlibOptions, Buffer>(gunzip)],
  ['deflate', promisify<Buffer, ZlibOptions, Buffer>(inflate)],
  ['br', promisify<Buffer, ZlibOptions, Buffer>(brotliDecompress)],
]);

const tooLarge = (limit: number, cause?: unknown) =>
  new HttpRefusal(413, `the request entity is too large: ${limit} octets at most`, cause);

/**
 * The octets of a body, unpacked; `limit` bounds them packed and unpacked. Throws HttpRefusal: 413 above the limit, 415 for a
 * coding we do not have, 400 for a body that breaks off or cannot be unpacked.
 */
export async function readBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  const coding = request.headers['content-encoding']?.toLowerCase() ?? 'identity';
  if (coding === 'identity') return received(request, limit);
  const unpack = CODINGS.get(coding);
  if (!unpack) throw new HttpRefusal(415, `the content encoding ${JSON.stringify(coding)} is not supported`);
  try {
    return await unpack(await received(request, limit), { maxOutputLength: limit });
  } catch (error) {
    if (error instanceof HttpRefusal) throw error;
    if (error instanceof RangeError) throw tooLarge(limit, error);
    throw new HttpRefusal(400, `the body is not ${coding}`, error);
  }
}

/** What is too much is read to its end all the same, and not kept: many clients listen only when they have said everything. */
function received(request: IncomingMessage, limit: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request
      .on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size <= limit) chunks.push(chunk);
        else chunks.length = 0;
      })
      .on('end', () => {
        if (size > limit) reject(tooLarge(limit));
        else resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks));
      })
      .on('close', () => {
        if (!request.complete) reject(new HttpRefusal(400, 'the request broke off'));
      });
  });
}
