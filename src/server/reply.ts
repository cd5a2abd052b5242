/** Writing HTTP answers, all of them whole: their length is known before they are sent. */
import type { ServerResponse } from 'node:http';

/** A request that HTTP alone refuses. The message is for people. */
export class HttpRefusal extends Error {
  readonly status: number;

  constructor(status: number, message: string, cause?: unknown) {
    super(message, cause === undefined ? {} : { cause });
    this.name = 'HttpRefusal';
    this.status = status;
  }
}

/** Text goes out as UTF-8, in one piece with the head, once all requests that came in at this moment have been worked on. */
export function send(
  response: ServerResponse,
  status: number,
  contentType: string,
  content: string | Buffer,
): void {
  const length = Buffer.byteLength(content);
  response.writeHead(status, { 'Content-Type': contentType, 'Content-Length': length });
  if (ready.length === 0) setImmediate(sendReady);
  ready.push({ response, content });
}

/**
 * Answers leave together: each that leaves alone wakes its client, and what runs between two system calls runs cold. A Get takes two
 * thirds of the processor time this way (docs/performance.md).
 */
const ready: { readonly response: ServerResponse; readonly content: string | Buffer }[] = [];

function sendReady(): void {
  for (const { response, content } of ready.splice(0)) response.end(content);
}

/** A sentence for people, as what is no envelope is answered. */
export function plain(response: ServerResponse, status: number, sentence: string): void {
  send(response, status, 'text/plain;charset=UTF-8', `${sentence}\n`);
}

/** To be asked again in so many seconds. */
export function later(response: ServerResponse, status: number, seconds: number, sentence: string): void {
  response.setHeader('Retry-After', seconds);
  plain(response, status, sentence);
}
