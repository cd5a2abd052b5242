/** HTTP Digest: both algorithms, each answer once, and nobody who does not know the password. Source: RFC 7616. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { digestSecrets } from '../../src/app/digest.js';
import { digestChallenges, readDigest } from '../../src/server/digest.js';
import type { ServerOptions } from '../../src/server/http.js';
import { Nonces } from '../../src/server/nonces.js';
import { type Answering, type Challenge, challengesIn, digest } from './digest-client.js';
import { basic, CLASS, envelope, LIST_KEYS, PASSWORDS, post, type Running, run, WXF } from './running.js';

const GET = envelope({ action: `${WXF}/Get`, resource: `${CLASS}NWG_FilterList`, selectors: LIST_KEYS });
const IDENTIFY =
  '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body><i:Identify xmlns:i="http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd"/></s:Body></s:Envelope>';
const ALGORITHMS = ['SHA-256', 'MD5'] as const;

/** A server that offers Digest to ann and to grün, and not to bob, whose password was set before. */
const start = (options: Partial<ServerOptions> = {}) =>
  run({
    secretsOf: async (name) => {
      const password = { ann: PASSWORDS.ann, 'gr\u00fcn': 'p\u00e4ssword' }[name];
      if (password === undefined) return undefined;
      return { user: { name, role: 'admin' }, secrets: digestSecrets(name, password) };
    },
    ...options,
  });

async function challenges(server: Running, authorization = ''): Promise<readonly Challenge[]> {
  const { status, headers } = await post(server, GET, { Authorization: authorization });
  expect(status).toBe(401);
  return challengesIn(headers.get('www-authenticate'));
}

const ask = (server: Running, how: Answering, body = GET) =>
  post(server, body, { Authorization: digest(how) });

describe('Digest', () => {
  it('is offered beside Basic, the strongest first, all with one nonce', async () => {
    const { headers } = await post(await start(), GET, { Authorization: '' });
    const said = headers.get('www-authenticate') ?? '';
    expect(said.match(/\b(Digest|Basic) realm="nwgate"/g)).toHaveLength(3);
    const found = challengesIn(said);
    expect(found.map(({ algorithm }) => algorithm)).toEqual(ALGORITHMS);
    expect(new Set(found.map(({ nonce }) => nonce)).size).toBe(1);
    expect(said.indexOf('Basic')).toBeGreaterThan(said.indexOf('MD5'));
  });

  it('is not offered, nor taken, unless switched on', async () => {
    const server = await run();
    const { headers } = await post(server, GET, { Authorization: '' });
    expect(headers.get('www-authenticate')).toBe('Basic realm="nwgate", charset="UTF-8"');
    const [challenge] = challengesIn(digestChallenges('x', false).join(', '));
    expect((await ask(server, { challenge: challenge! })).status).toBe(401);
  });

  it.each(ALGORITHMS)('%s lets in who knows the password, request after request', async (algorithm) => {
    const server = await start();
    const challenge = (await challenges(server)).find((each) => each.algorithm === algorithm)!;
    for (const count of [1, 2, 3]) expect((await ask(server, { challenge, count })).status).toBe(200);
    expect((await ask(server, { challenge, password: 'guess', count: 4 })).status).toBe(401);
    expect((await post(server, GET, { Authorization: basic() })).status).toBe(200);
  });

  it('takes MD5 when no algorithm is named, a password of any script, and a target as proxies send it', async () => {
    const server = await start();
    const challenge = (await challenges(server))[1]!;
    expect((await ask(server, { challenge, forged: { algorithm: undefined } })).status).toBe(200);
    const octets = Buffer.from(digest({ challenge, user: 'gr\u00fcn', password: 'p\u00e4ssword', count: 2 }));
    expect((await post(server, GET, { Authorization: octets.toString('latin1') })).status).toBe(200);
    const whole = `http://h:1/wsman`;
    expect((await ask(server, { challenge, uri: whole, count: 3 })).status).toBe(200);
  });

  it.each<[string, Partial<Answering>]>([
    ['the uri of another request', { uri: '/soap/filter-service' }],
    ['a uri changed afterwards', { forged: { uri: '/soap/filter-service' } }],
    ['another realm', { forged: { realm: 'other' } }],
    ['a nonce changed afterwards', { forged: { nonce: 'other' } }],
    ['a count changed afterwards', { forged: { nc: '00000002' } }],
    ['a count that is none', { forged: { nc: '1' } }],
    ['the integrity of the body', { forged: { qop: 'auth-int' } }],
    ['no quality of protection', { forged: { qop: undefined } }],
    ['no cnonce', { forged: { cnonce: undefined } }],
    ['no response', { forged: { response: undefined } }],
    ['a short response', { forged: { response: 'ab' } }],
    ['a hashed name', { forged: { userhash: 'true' } }],
    ['an algorithm of sessions', { forged: { algorithm: 'MD5-sess' } }],
    ['an unknown user', { user: 'eve' }],
    ['a user without secrets', { user: 'bob', password: 'bob-password' }],
    ['a name twice', { forged: { username: 'ann", username="bob' } }],
    ['a quote that stays open', { forged: { username: 'ann\\' } }],
  ])('refuses %s', async (_, how) => {
    const server = await start();
    for (const challenge of await challenges(server)) {
      const { status, headers } = await ask(server, { challenge, ...how });
      expect(status).toBe(401);
      expect(challengesIn(headers.get('www-authenticate')).some(({ stale }) => stale)).toBe(false);
    }
    expect(server.errors).toEqual([]);
  });

  it('takes each count once, in nearly any order, and tells who repeats one to answer a new challenge', async () => {
    const server = await start();
    const [challenge] = await challenges(server);
    const statuses: number[] = [];
    for (const count of [1, 1, 3, 2, 2, 40, 9, 8, 3]) {
      const { status } = await ask(server, { challenge: challenge!, count });
      statuses.push(status);
    }
    expect(statuses).toEqual([200, 401, 200, 200, 401, 200, 200, 401, 401]);
    const again = await ask(server, { challenge: challenge!, count: 40 });
    const [fresh] = challengesIn(again.headers.get('www-authenticate'));
    expect(fresh).toMatchObject({ stale: true });
    expect((await ask(server, { challenge: fresh! })).status).toBe(200);
  });

  it('tells who answers an old challenge, or one of before a restart, that it is stale', async () => {
    let now = 1_000_000;
    const server = await start({ clock: () => now });
    const [challenge] = await challenges(server);
    expect((await ask(server, { challenge: challenge! })).status).toBe(200);
    now += 6 * 60_000;
    const [fresh] = await challenges(server, digest({ challenge: challenge!, count: 2 }));
    expect(fresh).toMatchObject({ stale: true });
    expect((await ask(server, { challenge: fresh! })).status).toBe(200);
    const [other] = await challenges(await start(), digest({ challenge: fresh!, count: 2 }));
    expect(other).toMatchObject({ stale: true });
    // Who does not know the password is told nothing.
    const [wrong] = await challenges(server, digest({ challenge: challenge!, password: 'guess', count: 3 }));
    expect(wrong).toMatchObject({ stale: false });
  });

  it('is slowed as Basic is, and lets in who was right lately', async () => {
    let now = 1_000_000;
    const lines: unknown[] = [];
    const warn = (fields: unknown) => void lines.push(fields);
    const server = await start({
      clock: () => now,
      log: { info: () => undefined, warn, error: () => undefined },
    });
    const [challenge] = await challenges(server);
    expect((await ask(server, { challenge: challenge! })).status).toBe(200);
    const statuses: number[] = [];
    for (let count = 2; count < 10; count += 1)
      statuses.push((await ask(server, { challenge: challenge!, password: 'guess', count })).status);
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429, 429]);
    expect(lines).toHaveLength(5);
    expect(lines[0]).toEqual({ user: 'ann', from: '127.0.0.1', failures: 1 });
    expect((await ask(server, { challenge: challenge!, count: 20 })).status).toBe(200);
    now += 20 * 60_000;
    const [late] = await challenges(server);
    expect((await ask(server, { challenge: late! })).status).toBe(200);
  });

  it('does not count a repeated request against its user', async () => {
    const server = await start();
    const [challenge] = await challenges(server);
    const header = { Authorization: digest({ challenge: challenge! }) };
    expect((await post(server, GET, header)).status).toBe(200);
    for (let n = 0; n < 30; n += 1) expect((await post(server, GET, header)).status).toBe(401);
    const [fresh] = await challenges(server);
    expect((await ask(server, { challenge: fresh! })).status).toBe(200);
  });

  it('is among the security profiles', async () => {
    const { text } = await post(await start(), IDENTIFY);
    expect([...text.matchAll(/secprofile\/([a-z/]+)</g)].map(([, name]) => name)).toEqual([
      'http/basic',
      'http/digest',
    ]);
  });

  it.each([
    ['ann', '200'],
    ['bob', '401'],
    ['ann:guess', '401'],
  ])('with curl: %s is answered %s', async (who, status) => {
    const server = await start();
    const user = who.includes(':') ? who : `${who}:${PASSWORDS[who]}`;
    const args = ['-s', '--digest', '-u', user, '-o', '/dev/null', '-w', '%{http_code} %{num_connects}'];
    const type = 'Content-Type: application/soap+xml;charset=UTF-8';
    const { stdout } = await promisify(execFile)('curl', [
      ...args,
      '-H',
      type,
      '-d',
      GET,
      `${server.url}/wsman`,
    ]);
    expect(stdout.split(' ')[0]).toBe(status);
  });
});

describe('an answer', () => {
  /** Source: RFC 7616 §3.9.1, with our realm. */
  it('is computed as the specification has it', () => {
    const h = (text: string) => createHash('sha256').update(text).digest('hex');
    const a1 = h('Mufasa:nwgate:Circle of Life');
    expect(digestSecrets('Mufasa', 'Circle of Life')['SHA-256']).toBe(a1);
    const response = h(`${a1}:abc:00000001:xyz:auth:${h('GET:/dir/index.html')}`);
    const header = `digest username="Mufasa",realm="nwgate", uri="/dir/index.html",algorithm="SHA-256",nonce="abc",nc=00000001,cnonce="xyz",qop="auth",response="${response}"`;
    const answer = readDigest(header, { method: 'GET', url: '/dir/index.html' });
    expect(answer?.isRight(digestSecrets('Mufasa', 'Circle of Life'))).toBe(true);
    expect(answer?.isRight(digestSecrets('Mufasa', 'Circle of life'))).toBe(false);
    expect(
      readDigest(header, { method: 'POST', url: '/dir/index.html' })?.isRight(
        digestSecrets('Mufasa', 'Circle of Life'),
      ),
    ).toBe(false);
  });
});

describe('nonces', () => {
  it('do not fill the memory, and one that was forgotten is over', () => {
    let now = 1_000_000;
    const nonces = new Nonces(() => now);
    const first = nonces.make();
    expect(nonces.use(first, 1)).toBe(true);
    for (let n = 0; n < 25_000; n += 1) {
      now += 1;
      expect(nonces.use(nonces.make(), 1)).toBe(true);
    }
    expect(nonces.size).toBeLessThanOrEqual(10_000);
    expect(nonces.use(first, 2)).toBe(false);
    expect(nonces.use(first, 1)).toBe(false);
  });

  it('are ours alone', () => {
    const nonces = new Nonces(() => 1_000_000);
    const nonce = nonces.make();
    expect(new Nonces(() => 1_000_000).use(nonce, 1)).toBe(false);
    for (const forged of ['', 'x', `B${nonce.slice(1)}`, `${nonce}A`, `${nonce}=`])
      expect(nonces.use(forged, 1)).toBe(false);
    expect(nonces.use(nonce, 1)).toBe(true);
  });
});
