/** Subscribers on loopback, good and bad. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { EVENT_ACTION, NS } from '../../src/wsman/namespaces.js';
import { child, childText, type Element } from '../../src/xml/element.js';
import { parseXml } from '../../src/xml/parse.js';

export interface Received {
  readonly text: string;
  readonly headers: IncomingMessage['headers'];
  readonly action: string;
  readonly messageId: string;
}

export type Behaviour = (message: Received, response: ServerResponse, count: number) => void;

export interface Sink {
  readonly url: string;
  readonly received: Received[];
  /** Resolves when that many messages have come. */
  reached(count: number): Promise<readonly Received[]>;
  close(): Promise<void>;
}

export const accept: Behaviour = (_message, response) => void response.writeHead(202).end();

/** An acknowledgement; `base` is that of openwsman's slip where one is given. */
export function ack(relatesTo: string, action: string = EVENT_ACTION.ack): string {
  return `<s:Envelope xmlns:s="${NS.s}" xmlns:a="${NS.wsa}"><s:Header><a:Action>${action}</a:Action><a:RelatesTo>${relatesTo}</a:RelatesTo></s:Header><s:Body/></s:Envelope>`;
}

export const acknowledge: Behaviour = ({ messageId }, response) =>
  void response.writeHead(200, { 'Content-Type': 'application/soap+xml' }).end(ack(messageId));

export async function startSink(behave: Behaviour = accept): Promise<Sink> {
  const received: Received[] = [];
  const waiters: { readonly count: number; readonly done: () => void }[] = [];
  const server: Server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const octets = Buffer.concat(chunks);
    const wide = octets[0] === 0xff && octets[1] === 0xfe;
    const message = read(new TextDecoder(wide ? 'utf-16le' : 'utf-8').decode(octets), request);
    received.push(message);
    for (const { count, done } of waiters) if (received.length >= count) done();
    behave(message, response, received.length);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  onTestFinished(close);
  return {
    url: `http://127.0.0.1:${port}/events`,
    received,
    reached: (count) =>
      new Promise((resolve) => {
        const done = () => resolve(received);
        if (received.length >= count) done();
        else waiters.push({ count, done });
      }),
    close,
  };
}

function read(text: string, request: IncomingMessage): Received {
  const header = child(parseXml(text), NS.s, 'Header') as Element;
  const value = (local: string) =>
    childText(header, NS.wsa, local) ?? childText(header, NS.wsa10, local) ?? '';
  return { text, headers: request.headers, action: value('Action'), messageId: value('MessageID') };
}
