/** Sends a message to a subscriber: the only place that connects to anybody. */
import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';

export interface Letter {
  readonly url: URL;
  readonly contentType: string;
  readonly body: string | Buffer;
}

export interface SinkReply {
  readonly status: number;
  /** At most `MOST_REPLY` octets of it. */
  readonly body: Buffer;
}

/** Rejects when there is no answer: no connection, no reply in time, a broken one, or `signal`. Redirects are answers like any other. */
export type Post = (letter: Letter, signal: AbortSignal) => Promise<SinkReply>;

const MOST_REPLY = 64 * 1024;

/** Milliseconds a subscriber has to answer. */
const PATIENCE = 30_000;

/** A connection for each message: one kept open can be gone when the next event comes, and then the event waits for a retry. */
export function httpPost(patience = PATIENCE): Post {
  return ({ url, contentType, body }, signal) =>
    new Promise((resolve, reject) => {
      const send = url.protocol === 'https:' ? requestHttps : requestHttp;
      const headers = { 'Content-Type': contentType, 'Content-Length': Buffer.byteLength(body) };
      const limits = AbortSignal.any([signal, AbortSignal.timeout(patience)]);
      const request = send(url, { method: 'POST', headers, agent: false, signal: limits }, (response) => {
        readReply(response).then((text) => resolve({ status: response.statusCode ?? 0, body: text }), reject);
      });
      request.once('error', reject);
      request.end(body);
    });
}

async function readReply(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > MOST_REPLY) break;
  }
  return Buffer.concat(chunks);
}
