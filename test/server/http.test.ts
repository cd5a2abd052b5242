/** HTTP around the messages: paths, methods, types, sizes, credentials, and requests no client would send. */
import { connect } from 'node:net';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { basic, CLASS, envelope, LIST_KEYS, post, type Running, run, WXF } from './running.js';

const GET = envelope({ action: `${WXF}/Get`, resource: `${CLASS}NWG_FilterList`, selectors: LIST_KEYS });
const IDENTIFY =
  '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body><i:Identify xmlns:i="http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd"/></s:Body></s:Envelope>';

/** Sends octets as they are and reads until the server closes. */
function raw({ server }: Running, octets: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(server.port, server.host, () => socket.write(octets));
    let answer = '';
    socket.on('data', (chunk) => {
      answer += chunk.toString('latin1');
    });
    socket.on('close', () => resolve(answer));
    socket.on('error', reject);
  });
}

const statusOf = (answer: string) => Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1]);
const head = (lines: readonly string[], path = '/wsman') =>
  `${[`POST ${path} HTTP/1.1`, 'Host: x', `Authorization: ${basic()}`, 'Connection: close', ...lines].join('\r\n')}\r\n\r\n`;

describe('paths and methods', () => {
  it.each([
    ['GET', '/wsman', 405],
    ['PUT', '/wsman', 405],
    ['GET', '/wsman-anon/identify', 405],
    ['DELETE', '/soap/filter-service', 405],
    ['GET', '/', 404],
    ['POST', '/wsman/other', 404],
    ['POST', '/wsman-anon', 404],
    ['GET', '/soap/filter-service', 404],
    ['GET', '/%zz', 404],
  ])('%s %s is %i without an envelope', async (method, path, status) => {
    const { url } = await run();
    const response = await fetch(url + path, { method, headers: { Authorization: basic() } });
    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toBe('text/plain;charset=UTF-8');
    expect(response.headers.get('allow') !== null).toBe(status === 405);
    expect(await response.text()).not.toContain('<');
  });
});

describe('spellings of a path', () => {
  it.each([
    ['a slash at the end', '/wsman/', 200],
    ['capitals', '/WSMAN', 200],
    ['a query', '/wsman?x=1', 200],
    ['all of the address, as proxies send it', 'http://elsewhere.example/wsman', 200],
    ['two slashes at the end', '/wsman//', 404],
    ['an asterisk', '*', 404],
    ['a name that every object has', '/constructor', 404],
  ])('%s', async (_, path, status) => {
    const answer = await raw(await run(), `${head([`Content-Length: ${GET.length}`], path)}${GET}`);
    expect(statusOf(answer)).toBe(status);
  });

  it('HEAD of the description has its length and no body', async () => {
    const { url } = await run();
    const whole = await fetch(`${url}/soap/filter-service?wsdl`);
    const response = await fetch(`${url}/soap/filter-service?wsdl`, { method: 'HEAD' });
    expect([response.status, await response.text()]).toEqual([200, '']);
    expect(response.headers.get('content-length')).toBe(String((await whole.text()).length));
  });
});

describe('packed bodies', () => {
  const packed = (coding: string, body: Uint8Array, limits = {}) =>
    run({ limits }).then((server) => post(server, body, { 'Content-Encoding': coding }));

  it.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
    ['GZIP', gzipSync],
  ] as const)('%s is read', async (coding, pack) => {
    expect((await packed(coding, pack(GET))).status).toBe(200);
  });

  it('are 413 when what they hold is too large, and 400 when they hold nothing', async () => {
    const bomb = gzipSync(GET + ' '.repeat(1_000_000));
    expect(bomb.length).toBeLessThan(10_000);
    expect((await packed('gzip', bomb, { body: 10_000 })).status).toBe(413);
    expect((await packed('gzip', Buffer.from(GET))).status).toBe(400);
    expect((await packed('gzip', gzipSync(GET).subarray(0, 50))).status).toBe(400);
  });
});

describe('content types', () => {
  it.each([
    'application/soap+xml;charset=UTF-8',
    'application/soap+xml; action="x"; CHARSET="utf-8"',
    'Application/SOAP+XML',
    'text/xml',
  ])('%s is read', async (type) => {
    const { status, headers } = await post(await run(), GET, { 'Content-Type': type });
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('application/soap+xml;charset=UTF-8');
  });

  it.each(['application/json', 'multipart/encrypted; protocol="x"', 'nonsense', ';'])(
    '%s is 415',
    async (type) => {
      expect((await post(await run(), GET, { 'Content-Type': type })).status).toBe(415);
    },
  );

  it.each(['text/plain;charset=UTF-8', 'application/x-www-form-urlencoded'])(
    'may be %s, the default of common tools, but not from a page in a browser',
    async (type) => {
      const server = await run();
      expect((await post(server, GET, { 'Content-Type': type })).status).toBe(200);
      const crossSite = { 'Content-Type': type, Origin: 'https://elsewhere.example' };
      expect((await post(server, GET, crossSite)).status).toBe(415);
    },
  );

  it('may be missing', async () => {
    const answer = await raw(await run(), `${head([`Content-Length: ${GET.length}`])}${GET}`);
    expect(statusOf(answer)).toBe(200);
  });

  it('of one encoding we do not have is 415, gzip is read', async () => {
    const server = await run();
    expect((await post(server, GET, { 'Content-Encoding': 'zstd-x' })).status).toBe(415);
    expect((await post(server, gzipSync(GET), { 'Content-Encoding': 'gzip' })).status).toBe(200);
  });
});

describe('credentials', () => {
  it.each([
    ['none', undefined],
    ['a wrong password', basic('ann', 'guess')],
    ['an unknown user', basic('eve', 'guess')],
    ['another scheme', 'Bearer abc'],
    ['no base64', 'Basic ????'],
    ['no colon', `Basic ${Buffer.from('ann').toString('base64')}`],
    ['no name', `Basic ${Buffer.from(':x').toString('base64')}`],
  ])('%s is 401 with a challenge', async (_, header) => {
    const { url } = await run();
    const headers = {
      'Content-Type': 'text/xml',
      ...(header === undefined ? {} : { Authorization: header }),
    };
    const response = await fetch(`${url}/wsman`, { method: 'POST', body: GET, headers });
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe('Basic realm="nwgate", charset="UTF-8"');
  });

  it('are checked once for many requests, and again after a while', async () => {
    let now = 0;
    const server = await run({ clock: () => now });
    await Promise.all([post(server, GET), post(server, GET)]);
    await post(server, GET);
    expect(server.checks.count).toBe(1);
    now += 10_001;
    await post(server, GET);
    expect(server.checks.count).toBe(2);
  });

  it('that cannot be checked are our fault, and not remembered', async () => {
    let broken = true;
    const server = await run({
      authenticate: async (name) => {
        if (broken) throw new Error('users file');
        return { name, role: 'admin' };
      },
    });
    expect((await post(server, GET)).status).toBe(500);
    expect(server.errors).toHaveLength(1);
    broken = false;
    expect((await post(server, GET)).status).toBe(200);
  });

  it('with a colon in the password work', async () => {
    const server = await run({
      authenticate: async (name, password) =>
        name === 'ann' && password === 'a:b' ? { name, role: 'admin' } : undefined,
    });
    expect((await post(server, GET, { Authorization: basic('ann', 'a:b') })).status).toBe(200);
  });
});

describe('anonymous Identify', () => {
  it.each([
    ['/wsman-anon/identify', {}],
    ['/wsman', { wsmanidentify: 'unauthenticated' }],
  ])('is answered at %s with no more than needed', async (path, headers) => {
    const { status, text } = await post(await run(), IDENTIFY, { Authorization: '', ...headers }, path);
    expect(status).toBe(200);
    expect(text).toContain('<wsmid:ProtocolVersion>');
    expect(text).not.toMatch(/ProductVersion|SecurityProfile/);
  });

  it.each([
    ['/wsman-anon/identify', {}],
    ['/wsman', { wsmanidentify: 'unauthenticated' }],
  ])('opens nothing else at %s', async (path, headers) => {
    const server = await run();
    // Nor what somebody known has asked before.
    expect((await post(server, GET)).status).toBe(200);
    const { status, text } = await post(server, GET, headers, path);
    expect(status).toBe(400);
    expect(text).toContain('<s:Value>wsman:AccessDenied</s:Value>');
  });
});

describe('sizes', () => {
  it('a body over the limit is 413', async () => {
    const server = await run({ limits: { body: 10_000 } });
    expect((await post(server, `${GET}${' '.repeat(10_000)}`)).status).toBe(413);
    expect((await post(server, GET)).status).toBe(200);
  });

  it('too many elements are a fault', async () => {
    const server = await run({ limits: { elements: 100 } });
    const { status, text } = await post(server, GET.replace('<s:Body>', `<s:Body>${'<a/>'.repeat(100)}`));
    expect(status).toBe(400);
    expect(text).toContain('faultDetail/ServiceEnvelopeLimit');
  });
});

describe('raw requests', () => {
  it.each([
    ['no length', head([]), 411],
    ['a wrong length', `${head(['Content-Length: x'])}`, 400],
    ['two lengths', `${head(['Content-Length: 5', 'Content-Length: 6'])}hello`, 400],
    ['length and chunks', `${head(['Content-Length: 5', 'Transfer-Encoding: chunked'])}0\r\n\r\n`, 400],
    ['an empty body', head(['Content-Length: 0']), 400],
    [
      'chunks',
      `${head(['Transfer-Encoding: chunked'])}${GET.length.toString(16)}\r\n${GET}\r\n0\r\n\r\n`,
      200,
    ],
    ['a bad chunk', `${head(['Transfer-Encoding: chunked'])}zz\r\nhello\r\n`, 400],
    ['no HTTP', 'hello\r\n\r\n', 400],
    ['huge headers', head([`X-Big: ${'x'.repeat(20_000)}`]), 431],
    ['Expect', `${head(['Expect: 100-continue', `Content-Length: ${GET.length}`])}${GET}`, 100],
  ])('%s', async (_, octets, status) => {
    const server = await run();
    expect(statusOf(await raw(server, octets))).toBe(status);
    expect((await post(server, GET)).status).toBe(200);
  });

  it('that never end are cut off', async () => {
    const server = await run({ limits: { request: 50 } });
    const answer = await raw(server, `${head(['Content-Length: 5000'])}half`);
    expect(statusOf(answer)).toBe(408);
  });

  it('that break off do no harm', async () => {
    const server = await run();
    await new Promise<void>((resolve) => {
      const socket = connect(server.server.port, server.server.host, () => {
        socket.write(`${head(['Content-Length: 5000'])}half`, () => socket.destroy());
      });
      socket.on('close', () => resolve());
    });
    expect((await post(server, GET)).status).toBe(200);
    expect(server.errors).toEqual([]);
  });
});

describe('stopping', () => {
  it('lets a running request end, and refuses new ones', async () => {
    const server = await run();
    let go: () => void = () => undefined;
    let reached: () => void = () => undefined;
    const waiting = new Promise<void>((resolve) => {
      reached = resolve;
    });
    server.objects.method = () => {
      reached();
      return new Promise((resolve) => {
        go = () => resolve({ ReturnValue: 0 });
      });
    };
    const uri = `${CLASS}NWG_FilterService`;
    const running = post(server, envelope({ action: `${uri}/VerifyHost`, resource: uri }));
    await waiting;
    const closed = server.server.close();
    await expect(post(server, GET)).rejects.toThrow();
    go();
    expect((await running).status).toBe(200);
    await closed;
  });

  it('says when the address is taken', async () => {
    const { server } = await run();
    await expect(run({ port: server.port })).rejects.toThrow(/EADDRINUSE/);
  });
});
