/** Floods: the gateway's memory stays bounded, and an honest client is answered throughout. NWGATE_LONG=1 runs two minutes. */
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../support/directory.js';
import { build, nwgate } from '../support/program.js';
import { startServe } from '../support/running.js';
import { basic, CLASS, envelope, WSEN } from './running.js';

beforeAll(build);

const DURATION = process.env.NWGATE_LONG === '1' ? 120_000 : 8_000;
/** MiB the process may hold at most: what it needs by itself, and room for what is under way. */
const MOST_MEMORY = 700;

const ENUMERATE = envelope({
  action: `${WSEN}/Enumerate`,
  resource: `${CLASS}NWG_FilterList`,
  body: '<e:Enumerate/>',
});
/** Over at once: what stays open counts against its user. */
const LIST = ENUMERATE.replace(
  '<e:Enumerate/>',
  '<e:Enumerate><w:OptimizeEnumeration/><w:MaxElements>1000</w:MaxElements></e:Enumerate>',
);
const BIG = ENUMERATE.replace('<s:Body>', `<s:Body>${'<a/>'.repeat(100_000)}`);
const DEEP = `${'<a>'.repeat(100_000)}`;

interface Post {
  readonly port: number;
  readonly body: string;
  readonly authorization?: string;
  /** Of the sender, a loopback address. */
  readonly from: string;
  readonly path?: string;
}

/** Status of the answer; undefined when there was none. */
function send(
  { port, body, authorization, from, path = '/wsman' }: Post,
  agent: Agent,
): Promise<number | undefined> {
  return new Promise((resolve) => {
    const headers = {
      'Content-Type': 'application/soap+xml;charset=UTF-8',
      ...(authorization === undefined ? {} : { Authorization: authorization }),
    };
    const sent = request(
      { host: '127.0.0.1', port, path, method: 'POST', headers, agent, localAddress: from },
      (answer) => {
        answer.resume().once('close', () => resolve(answer.statusCode));
      },
    );
    sent.once('error', () => resolve(undefined)).end(body);
  });
}

const memory = (pid: number) =>
  Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;

describe('a flood', () => {
  it(
    'of guesses, large and deep documents, enumerations and half requests',
    async () => {
      const state = temporaryDirectory();
      for (const [name, role] of [
        ['ann', 'admin'],
        ['bob', 'reader'],
      ] as const) {
        const add = ['--state', state, 'user', 'add', name, '--role', role, '--password-stdin'];
        expect((await nwgate(add, { input: `${name}-password` })).code).toBe(0);
      }
      const gateway = await startServe(state);
      const { port, pid } = gateway;
      const agent = new Agent({ keepAlive: true, maxSockets: 8 });
      const honest = { port, body: LIST, authorization: basic('ann'), from: '127.0.0.1' };
      expect(await send(honest, agent)).toBe(200);

      const end = Date.now() + DURATION;
      const sent = new Map<string, number>();
      /** Workers that send as fast as they are answered, each attack from an address of its own. */
      const attack = (name: string, from: string, workers: number, post: (n: number) => Partial<Post>) =>
        Promise.all(
          Array.from({ length: workers }, async (_, worker) => {
            const own = new Agent({ keepAlive: true });
            for (let n = worker; Date.now() < end; n += workers) {
              const status = await send({ port, from, body: ENUMERATE, ...post(n) }, own);
              const key = `${name} ${status}`;
              sent.set(key, (sent.get(key) ?? 0) + 1);
              await sleep(1);
            }
            own.destroy();
          }),
        );
      const halves = async () => {
        while (Date.now() < end) {
          const socket = connect({ port, host: '127.0.0.1', localAddress: '127.0.0.6' });
          socket.on('error', () => undefined);
          socket.write('POST /wsman HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n');
          await sleep(20);
        }
      };

      let most = 0;
      const answers: (number | undefined)[] = [];
      const client = async () => {
        while (Date.now() < end) {
          answers.push(await send(honest, agent));
          most = Math.max(most, memory(pid));
          await sleep(100);
        }
      };
      await Promise.all([
        client(),
        attack('guess', '127.0.0.2', 8, (n) => ({ authorization: basic(`user${n % 50}`, `guess ${n}`) })),
        attack('stranger', '127.0.0.3', 2, () => ({ body: BIG, path: '/wsman-anon/identify' })),
        attack('large', '127.0.0.4', 2, (n) => ({
          authorization: basic('bob'),
          body: n % 2 === 0 ? BIG : DEEP,
        })),
        attack('enumerate', '127.0.0.5', 2, () => ({ authorization: basic('bob') })),
        halves(),
      ]);
      agent.destroy();
      console.info(
        `flood: ${answers.length} honest requests, ${Math.round(most)} MiB at most, ${JSON.stringify([...sent])}`,
      );
      expect(answers.length).toBeGreaterThan(5);
      expect(answers.filter((status) => status !== 200)).toEqual([]);
      expect(most).toBeLessThan(MOST_MEMORY);
      // The attacks were what they were meant to be.
      for (const refusal of ['guess 429', 'stranger 413', 'large 400'])
        expect([...sent.keys()]).toContain(refusal);
      expect(await gateway.stop()).toBe(0);
    },
    DURATION + 60_000,
  );
});
