/** winrm-client, an independent client in JavaScript: its own envelopes through its own transport, and ours through it. */
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Command, Shell } from 'winrm-client';
import { getSoapHeaderRequest } from 'winrm-client/dist/src/base-request.js';
import type { SoapEnvelope } from 'winrm-client/dist/src/types.js';
import { sendHttp } from 'winrm-client/dist/src/utils/http.js';
import { faultIn } from './messages.js';
import { CLASS, PASSWORDS, post, type Running, run, WSEN, WXF } from './running.js';

/** The writer it uses itself. */
const { XMLBuilder } = createRequire(createRequire(import.meta.url).resolve('winrm-client'))(
  'fast-xml-parser',
);
const builder = new XMLBuilder({
  attributeNamePrefix: '@',
  textNodeName: '#',
  ignoreAttributes: false,
  format: true,
  suppressBooleanAttributes: false,
});

/** Its request for another resource than its shell. */
function request(action: string, resource: string, body: unknown): string {
  const envelope = getSoapHeaderRequest({ action });
  envelope['s:Header']['wsman:ResourceURI']['#'] = resource;
  return builder.build({ 's:Envelope': { ...envelope, 's:Body': body } });
}

const through = async (server: Running, message: string, method: 'basic' | 'ntlm' = 'basic') => {
  const { port } = new URL(server.url);
  const answer = await sendHttp<SoapEnvelope>(
    message,
    '127.0.0.1',
    Number(port),
    '/wsman',
    'ann',
    PASSWORDS.ann!,
    method,
  );
  return JSON.stringify(answer);
};

describe('the transport', () => {
  it('gets and enumerates', async () => {
    const server = await run();
    const got = await through(server, request(`${WXF}/Get`, `${CLASS}NWG_FilterService`, {}));
    expect(got).toContain('"p:Started":true');
    const enumerate = {
      'n:Enumerate': { '@xmlns:n': WSEN, 'wsman:OptimizeEnumeration': '', 'wsman:MaxElements': '20' },
    };
    const found = await through(server, request(`${WSEN}/Enumerate`, `${CLASS}NWG_FilterList`, enumerate));
    expect(found).toContain('"p:Name":"clean-traffic"');
  });

  it('learns of a fault as a status, and that NTLM is not offered', async () => {
    const server = await run();
    const nothing = request(`${WXF}/Get`, `${CLASS}NWG_Nothing`, {});
    await expect(through(server, nothing)).rejects.toThrow('400 Bad Request');
    await expect(through(server, nothing, 'ntlm')).rejects.toThrow(/No challenge token/);
  });
});

/** The body of what a call of the client sends. */
async function sent(call: (port: number) => Promise<unknown>): Promise<string> {
  const recorder = createServer();
  onTestFinished(() => new Promise((resolve) => void recorder.close(() => resolve())));
  await new Promise<void>((resolve) => recorder.listen(0, '127.0.0.1', resolve));
  const body = new Promise<string>((resolve) => {
    recorder.on('request', async (incoming, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of incoming) chunks.push(chunk as Buffer);
      response.writeHead(500, { Connection: 'close' }).end();
      resolve(Buffer.concat(chunks).toString());
    });
  });
  await call((recorder.address() as AddressInfo).port).catch(() => undefined);
  return body;
}

describe('the shell', () => {
  const parameters = (port: number) => ({
    host: '127.0.0.1',
    port,
    path: '/wsman',
    username: 'ann',
    password: PASSWORDS.ann!,
    authMethod: 'basic' as const,
    shellId: 'S1',
    command: 'dir',
    commandId: 'C1',
  });
  it.each([
    ['opened', Shell.doCreateShell, 'wsa:DestinationUnreachable InvalidResourceURI'],
    ['closed', Shell.doDeleteShell, 'wsa:DestinationUnreachable InvalidResourceURI'],
    ['told a command', Command.doExecuteCommand, 'wsa:ActionNotSupported'],
    ['asked for output', Command.doReceiveOutput, 'wsa:ActionNotSupported'],
  ])('is not there to be %s', async (_, call, fault) => {
    const body = await sent((port) => call(parameters(port)));
    const { status, text } = await post(await run(), body);
    expect([status, faultIn(text)]).toEqual([400, fault]);
  });
});
