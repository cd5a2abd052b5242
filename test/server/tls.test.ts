/** HTTPS: which versions, whose certificates, and new ones without a restart. */
import { once } from 'node:events';
import { copyFileSync, writeFileSync } from 'node:fs';
import { createServer, request, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readTls } from '../../src/server/tls.js';
import { authority, type Pair, pem } from '../support/certificates.js';
import { temporaryDirectory } from '../support/directory.js';
import { basic, CLASS, envelope, LIST_KEYS, type Running, run, WXF } from './running.js';

const GET = envelope({ action: `${WXF}/Get`, resource: `${CLASS}NWG_FilterList`, selectors: LIST_KEYS });
const IDENTIFY =
  '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body><i:Identify xmlns:i="http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd"/></s:Body></s:Envelope>';

async function secure(clientCa = true) {
  const directory = temporaryDirectory();
  const ca = authority(directory);
  const server = ca.sign('server', '/CN=server');
  const files = { ...server, clientCa: clientCa ? ca.cert : undefined };
  const running = await run({
    tls: { host: '127.0.0.1', port: 0, files },
    userNamed: async (name) => (name === 'ann' ? { name, role: 'admin' } : undefined),
  });
  return { directory, ca, files, running };
}

interface Asked {
  readonly pair?: Pair;
  readonly authorization?: string;
  readonly body?: string;
}

/** Answers status and text of a request over HTTPS, each on its own connection. */
function ask(running: Running, { pair, authorization, body = GET }: Asked = {}): Promise<[number, string]> {
  return new Promise((resolve, reject) => {
    const asked = request(
      {
        ...running.server.tls,
        path: '/wsman',
        method: 'POST',
        agent: false,
        rejectUnauthorized: false,
        ...(pair && pem(pair)),
        headers: {
          'Content-Type': 'application/soap+xml;charset=UTF-8',
          ...(authorization === undefined ? {} : { Authorization: authorization }),
        },
      },
      (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        answer.on('end', () => resolve([answer.statusCode ?? 0, text]));
      },
    );
    asked.on('error', reject).end(body);
  });
}

function shake({ server }: Running, options: ConnectionOptions = {}): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ ...server.tls!, rejectUnauthorized: false, ...options }, () => {
      socket.end();
      resolve(socket);
    });
    socket.on('error', reject);
  });
}

describe('HTTPS', () => {
  it('is TLS 1.2 or later', async () => {
    const { running } = await secure();
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
      const socket = await shake(running, { minVersion: version, maxVersion: version });
      expect(socket.getProtocol()).toBe(version);
    }
    for (const version of ['TLSv1', 'TLSv1.1'] as const) {
      // Security level 0, or our own side would refuse.
      const old = { minVersion: version, maxVersion: version, ciphers: 'DEFAULT@SECLEVEL=0' };
      await expect(shake(running, old)).rejects.toThrow(/alert|version/i);
    }
  });

  it('is that by its own terms, whatever OpenSSL would still let pass', async () => {
    const { files } = await secure();
    const old = { maxVersion: 'TLSv1.1', minVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
    const meet = async (options: ServerOptions) => {
      const server = createServer({ ...options, ciphers: old.ciphers }).listen(0, '127.0.0.1');
      onTestFinished(() => void server.close());
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      return new Promise((resolve) => {
        const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false, ...old }, () => {
          resolve(socket.getProtocol());
          socket.end();
        }).on('error', () => resolve('refused'));
      });
    };
    const options = await readTls(files);
    expect(await meet(options)).toBe('refused');
    // Here such a client can be met at all.
    expect(await meet({ ...options, minVersion: 'TLSv1.1' })).toBe('TLSv1.1');
  });

  it('takes a certificate of the authority as the user of its common name', async () => {
    const { ca, running } = await secure();
    expect((await ask(running, { pair: ca.sign('ann', '/O=us/CN=ann') }))[0]).toBe(200);
    expect(running.checks.count).toBe(0);
  });

  it.each([
    ['somebody who is no user', '/CN=eve'],
    ['nobody', '/O=ann'],
    ['two names', '/CN=ann/CN=eve'],
    ['another spelling', '/CN=Ann'],
  ])('a certificate of %s opens nothing', async (_, subject) => {
    const { ca, running } = await secure();
    expect((await ask(running, { pair: ca.sign('client', subject) }))[0]).toBe(401);
  });

  it('a certificate of another authority opens nothing, a password beside it does', async () => {
    const { running } = await secure();
    const pair = authority(temporaryDirectory(), 'other').sign('ann', '/CN=ann');
    expect((await ask(running, { pair }))[0]).toBe(401);
    expect((await ask(running, { pair, authorization: basic() }))[0]).toBe(200);
  });

  it('without an authority certificates are not asked for', async () => {
    const { ca, running } = await secure(false);
    expect((await ask(running, { pair: ca.sign('ann', '/CN=ann') }))[0]).toBe(401);
  });

  it('a wrong password is not healed by a certificate', async () => {
    const { ca, running } = await secure();
    const pair = ca.sign('ann', '/CN=ann');
    expect((await ask(running, { pair, authorization: basic('ann', 'guess') }))[0]).toBe(401);
  });

  it('tells its users how they may prove who they are', async () => {
    const { running } = await secure();
    const [, text] = await ask(running, { authorization: basic(), body: IDENTIFY });
    const names = [...text.matchAll(/secprofile\/([a-z/]+)</g)].map(([, name]) => name);
    expect(names).toEqual(['http/basic', 'https/basic', 'https/mutual']);
  });

  it('takes new certificates without a restart, and keeps the old ones when the new are no good', async () => {
    const { ca, files, running } = await secure();
    const subject = async () => (await shake(running)).getPeerCertificate().subject.CN;
    expect(await subject()).toBe('server');
    const next = ca.sign('next', '/CN=next');
    copyFileSync(next.cert, files.cert);
    await running.server.reload();
    // A certificate without its key.
    expect(await subject()).toBe('server');
    expect(running.errors).toHaveLength(1);
    copyFileSync(next.key, files.key);
    await running.server.reload();
    expect(await subject()).toBe('next');
    expect((await ask(running, { authorization: basic() }))[0]).toBe(200);
  });

  it('sees by itself that the files changed', async () => {
    const { ca, files, running } = await secure();
    const next = ca.sign('next', '/CN=next');
    copyFileSync(next.key, files.key);
    copyFileSync(next.cert, files.cert);
    const subject = async () => (await shake(running)).getPeerCertificate().subject.CN;
    await expect.poll(subject, { timeout: 20_000 }).toBe('next');
  });

  it('does not start with files that are none', async () => {
    const directory = temporaryDirectory();
    const cert = join(directory, 'cert.pem');
    const start = () =>
      run({ tls: { host: '127.0.0.1', port: 0, files: { cert, key: cert, clientCa: undefined } } });
    await expect(start()).rejects.toMatchObject({ code: 'USAGE' });
    writeFileSync(cert, 'no certificate');
    await expect(start()).rejects.toMatchObject({ code: 'USAGE' });
  });
});
