/** Answers of every length and form, over real connections: what arrives is what was sent. */
import { createServer, request, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { send } from '../../src/server/reply.js';
import type { Text } from '../../src/wsman/text.js';

/** Answers by path; `waiting` gets what is asked for `/later`. */
const answers = new Map<string, Text | Buffer>();
const waiting: ServerResponse[] = [];
const server = createServer((incoming, response) => {
  const answer = answers.get(incoming.url!);
  if (answer === undefined) waiting.push(response);
  else send(response, 200, 'text/plain;charset=UTF-8', answer);
});
const port = () => (server.address() as AddressInfo).port;

beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
afterAll(() => void server.close().closeAllConnections());

const ask = (path: string) =>
  new Promise<{ body: Buffer; length: string | undefined }>((resolve, reject) => {
    const outgoing = request({ host: '127.0.0.1', port: port(), path, agent: false }, async (answer) => {
      const chunks: Buffer[] = [];
      for await (const chunk of answer) chunks.push(chunk);
      resolve({ body: Buffer.concat(chunks), length: answer.headers['content-length'] });
    });
    outgoing.on('error', reject).end();
  });

/** Pieces of about so many characters in all, each told from every other. */
const pieces = (name: string, characters: number, filling = 'x') =>
  Array.from({ length: 100 }, (_, index) => `<${name}-${index}>${filling.repeat(characters / 100)}`);

describe('an answer arrives whole', () => {
  const wide = 'aé€𝄞';
  it.each([
    ['empty text', ''],
    ['a text', 'text é€𝄞'],
    ['a long text', wide.repeat(20_000)],
    ['octets', Buffer.from([0, 255, 128])],
    ['no pieces', []],
    ['short pieces', ['a', '', 'é', '€']],
    ['long pieces', pieces('p', 240_000)],
    ['long pieces in more than ASCII', pieces('p', 100_000, wide)],
    ['pieces longer than the room that is kept', pieces('p', 700_000, wide)],
  ] as const)('%s', async (name, content) => {
    answers.set('/', content);
    const expected = Buffer.isBuffer(content) ? content : Buffer.from([content].flat().join(''));
    for (const round of [1, 2, 3]) {
      const { body, length } = await ask('/');
      expect(length).toBe(String(expected.length));
      expect(body.equals(expected), `${name}, time ${round}`).toBe(true);
    }
  });
});

describe('long answers at once', () => {
  it('none is written over while it is under way', async () => {
    const slow = pieces('slow', 500_000);
    answers.set('/slow', slow);
    const socket = connect(port(), '127.0.0.1').pause();
    // More than a connection holds that nobody reads.
    const number = 40;
    socket.write('GET /slow HTTP/1.1\r\nHost: h\r\n\r\n'.repeat(number));
    for (const index of Array.from({ length: 40 }, (_, each) => each)) {
      const path = `/${index}`;
      answers.set(path, pieces(String(index), 400_000 + index));
      const results = await Promise.all(Array.from({ length: 3 }, () => ask(path)));
      for (const { body } of results)
        expect(body.toString()).toBe(pieces(String(index), 400_000 + index).join(''));
    }
    let seen = '';
    let left = number;
    socket.setEncoding('utf8').on('data', (text) => {
      const before = seen.length;
      seen += text;
      left -= seen.slice(Math.max(0, before - 8)).split('<slow-99>').length - 1;
      if (left === 0 && seen.endsWith('x'.repeat(5000))) socket.end();
    });
    socket.resume();
    await new Promise((resolve) => socket.once('close', resolve));
    const bodies = seen.split(/HTTP\/1\.1 200 OK\r\n.*?\r\n\r\n/s).slice(1);
    expect(bodies).toHaveLength(number);
    for (const body of bodies) expect(body).toBe(slow.join(''));
  });

  it('one whose client has gone disturbs nobody', async () => {
    const socket = connect(port(), '127.0.0.1');
    socket.write('GET /later HTTP/1.1\r\nHost: h\r\n\r\n');
    while (waiting.length === 0) await new Promise((resolve) => setImmediate(resolve));
    const [response] = waiting.splice(0);
    const closed = new Promise((resolve) => response!.once('close', resolve));
    socket.destroy();
    await closed;
    send(response!, 200, 'text/plain', pieces('gone', 400_000));
    answers.set('/next', pieces('next', 400_000));
    expect((await ask('/next')).body.toString()).toBe(pieces('next', 400_000).join(''));
  });
});
