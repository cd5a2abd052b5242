/** Real connections between stations: small node programs inside the namespaces. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Station } from './netns.js';

/** A TCP or UDP port of an address. */
export interface Endpoint {
  readonly protocol: 'tcp' | 'udp';
  readonly address: string;
  readonly port: number;
}

export interface Server {
  close(): Promise<void>;
}

const SERVE = `
import { createServer } from 'node:net';
import { createSocket } from 'node:dgram';
const ports = JSON.parse(process.argv[1]);
await Promise.all(ports.flatMap((port) => [
  new Promise((done) => createServer((peer) => { peer.on('error', () => {}); peer.pipe(peer); }).listen(port, '::', done)),
  new Promise((done) => {
    const socket = createSocket('udp6');
    socket.on('message', (text, peer) => socket.send(text, peer.port, peer.address));
    socket.bind(port, '::', done);
  }),
]));
console.log('ready');
process.stdin.on('end', () => process.exit()).resume();`;

/** Answers every TCP connection and UDP datagram to these ports, over IPv4 and IPv6, with what it is sent. */
export async function serve({ netns }: Station, ports: readonly number[]): Promise<Server> {
  const args = ['netns', 'exec', netns, process.execPath, '--input-type=module', '-e', SERVE];
  const child = spawn('ip', [...args, JSON.stringify(ports)], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  await new Promise<void>((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', () => resolve());
    child.once('close', (code) => reject(new Error(`the server ended with ${code}`)));
  });
  return {
    close: () => {
      child.stdin.end();
      return ended;
    },
  };
}

const ASK = `
import { connect } from 'node:net';
import { createSocket } from 'node:dgram';
const [endpoints, patience] = JSON.parse(process.argv[1]);
const ask = {
  tcp: ({ address, port }, done) => {
    const socket = connect(port, address).once('data', () => done(true)).once('error', () => done(false));
    socket.write('?');
  },
  udp: ({ address, port }, done) => {
    const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
    socket.once('message', () => done(true)).once('error', () => done(false));
    socket.send('?', port, address, (error) => error && done(false));
  },
};
const answers = await Promise.all(endpoints.map((endpoint) => new Promise((done) => {
  setTimeout(done, patience, false);
  ask[endpoint.protocol](endpoint, done);
})));
console.log(JSON.stringify(answers));
process.exit();`;

/** Whether each endpoint answers a station within `patience` milliseconds, all asked at once. */
export async function answers(
  from: Station,
  endpoints: readonly Endpoint[],
  patience = 700,
): Promise<readonly boolean[]> {
  const question = JSON.stringify([endpoints, patience]);
  const { stdout, stderr } = await from.exec(process.execPath, ['--input-type=module', '-e', ASK, question]);
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout) as boolean[];
}
