/** Writing HTTP answers, all of them whole: their length is known before they are sent. */
import type { ServerResponse } from 'node:http';
import { joined, type Text, utf8Length } from '../wsman/text.js';
import { giveBack, takeRoom } from './room.js';

/** A request that HTTP alone refuses. The message is for people. */
export class HttpRefusal extends Error {
  readonly status: number;

  constructor(status: number, message: string, cause?: unknown) {
    super(message, cause === undefined ? {} : { cause });
    this.name = 'HttpRefusal';
    this.status = status;
  }
}

/** From so many octets on, an answer in pieces leaves by itself; below it pays to leave with others. */
const LONG = 64 * 1024;

/** Text goes out as UTF-8, in one piece with the head, once all requests that came in at this moment have been worked on. */
export function send(
  response: ServerResponse,
  status: number,
  contentType: string,
  content: Text | Buffer,
): void {
  const length = Buffer.isBuffer(content) ? content.length : utf8Length(content);
  response.writeHead(status, { 'Content-Type': contentType, 'Content-Length': length });
  if (Array.isArray(content) && length >= LONG) {
    sendPieces(response, content, length);
    return;
  }
  if (ready.length === 0) setImmediate(sendReady);
  ready.push({ response, content: Buffer.isBuffer(content) ? content : joined(content) });
}

/**
 * Answers leave together: each that leaves alone wakes its client, and what runs between two system calls runs cold. A Get takes two
 * thirds of the processor time this way (docs/performance.md).
 */
const ready: { readonly response: ServerResponse; readonly content: string | Buffer }[] = [];

function sendReady(): void {
  for (const { response, content } of ready.splice(0)) response.end(content);
}

function sendPieces(response: ServerResponse, pieces: readonly string[], length: number): void {
  const room = takeRoom(length);
  let at = 0;
  for (const piece of pieces) at += room.write(piece, at);
  // Called once all of it is the system's; never when the connection broke.
  response.end(room.subarray(0, length), () => giveBack(room));
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
