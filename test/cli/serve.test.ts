import { existsSync, statSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../support/directory.js';
import { build, nwgate, ROOT } from '../support/program.js';
import { startServe } from '../support/running.js';

const IDENTIFY =
  '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:i="http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd"><s:Body><i:Identify/></s:Body></s:Envelope>';

/** A transfer Get. Source: DSP0226 §7.3. */
function getRequest(to: string, className: string, keys: Readonly<Record<string, string>>): string {
  const selectors = Object.entries(keys).map(
    ([name, value]) => `<w:Selector Name="${name}">${value}</w:Selector>`,
  );
  return `<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing" xmlns:w="http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd"><s:Header>
    <a:To>${to}</a:To><a:MessageID>uuid:11111111-1111-4111-8111-111111111111</a:MessageID>
    <a:ReplyTo><a:Address>http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous</a:Address></a:ReplyTo>
    <a:Action s:mustUnderstand="true">http://schemas.xmlsoap.org/ws/2004/09/transfer/Get</a:Action>
    <w:ResourceURI s:mustUnderstand="true">http://schemas.nwgate.org/wbem/wscim/1/cim-schema/2/${className}</w:ResourceURI>
    <w:SelectorSet>${selectors.join('')}</w:SelectorSet></s:Header><s:Body/></s:Envelope>`;
}

beforeAll(build);

describe('serve', () => {
  it('answers WS-Management and ends cleanly at SIGTERM and SIGINT', async () => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      const state = join(temporaryDirectory(), 'state');
      const gateway = await startServe(state);
      const response = await fetch(`http://127.0.0.1:${gateway.port}/wsman`, {
        method: 'POST',
        headers: { WSMANIDENTIFY: 'unauthenticated', 'Content-Type': 'application/soap+xml;charset=UTF-8' },
        body: IDENTIFY,
      });
      expect(response.status).toBe(200);
      expect(await response.text()).toContain('nwgate');
      expect(await gateway.stop(signal)).toBe(0);
      expect(existsSync(join(state, 'nwgate.sock'))).toBe(false);
      expect((await nwgate(['--state', state, '--host', 'dry-run', 'list'])).code).toBe(0);
    }
  });

  it('shows stored filters to its users over WS-Management, and to nobody else', async () => {
    const state = temporaryDirectory();
    const gateway = await startServe(state);
    const args = ['user', 'add', 'amy', '--role', 'reader', '--password-stdin'];
    expect(await nwgate(['--state', state, ...args], { input: 'a long password' })).toMatchObject({
      code: 0,
    });
    const keys = {
      SystemCreationClassName: 'NWG_HostSystem',
      SystemName: hostname(),
      CreationClassName: 'NWG_FilterList',
      Name: 'clean-traffic',
    };
    const get = (password: string) =>
      fetch(`http://127.0.0.1:${gateway.port}/wsman`, {
        method: 'POST',
        headers: {
          Authorization: `Basic ${btoa(`amy:${password}`)}`,
          'Content-Type': 'application/soap+xml;charset=UTF-8',
        },
        body: getRequest(`http://127.0.0.1:${gateway.port}/wsman`, 'NWG_FilterList', keys),
      });
    const response = await get('a long password');
    const text = await response.text();
    expect([response.status, text]).toEqual([200, expect.stringContaining('NWG_FilterList')]);
    expect(text).toMatch(/BuiltIn>true</);
    expect((await get('another password')).status).toBe(401);
  });

  it('runs once per state directory', async () => {
    const state = temporaryDirectory();
    await startServe(state);
    const second = await nwgate(['--state', state, 'serve', '--listen', '127.0.0.1:0']);
    expect(second).toMatchObject({ code: 4, stdout: '' });
    expect(second.stderr).toContain('another nwgate');
  });

  it('is found again after it was killed', async () => {
    const state = temporaryDirectory();
    const killed = await startServe(state);
    await killed.stop('SIGKILL');
    expect(existsSync(join(state, 'nwgate.sock'))).toBe(true);
    expect((await nwgate(['--state', state, '--host', 'dry-run', 'list'])).code).toBe(0);
    await startServe(state);
    expect((await nwgate(['--state', state, 'list'])).code).toBe(0);
  });

  it('has a control socket for its owner only, which takes no nonsense', async () => {
    const state = temporaryDirectory();
    const gateway = await startServe(state);
    const path = join(state, 'nwgate.sock');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const ask = (text: string) =>
      new Promise<string>((resolve, reject) => {
        let answer = '';
        const socket = createConnection({ path, allowHalfOpen: true });
        socket.setEncoding('utf8').on('data', (chunk: string) => {
          answer += chunk;
        });
        socket.once('end', () => resolve(answer)).once('error', reject);
        socket.end(text);
      });
    for (const text of [
      '',
      '{',
      '7',
      '{"operation":7}',
      '{"operation":"toString"}',
      '{"operation":"list","input":3}',
    ]) {
      expect(JSON.parse(await ask(text))).toMatchObject({ error: { faults: [{ code: 'USAGE' }] } });
    }
    expect(JSON.parse(await ask('{"operation":"list","input":{}}')).result.length).toBeGreaterThan(5);
    expect(await gateway.stop()).toBe(0);
  });

  it('says when its address is taken, and leaves nothing behind', async () => {
    const gateway = await startServe(temporaryDirectory());
    const state = temporaryDirectory();
    const args = ['--state', state, '--host', 'dry-run', 'serve', '--listen', `127.0.0.1:${gateway.port}`];
    const second = await nwgate(args);
    expect(second.code).toBe(4);
    expect(second.stderr).toMatch(/^.*cannot listen/m);
    expect(existsSync(join(state, 'nwgate.sock'))).toBe(false);
  });

  it('reads its configuration', async () => {
    const directory = temporaryDirectory();
    const config = join(directory, 'config.json');
    writeFileSync(config, '{"listen":"127.0.0.1:0","logLevel":"info"}');
    await startServe(join(directory, 'state'), ['--config', config]);
    writeFileSync(config, '{"lisen":"127.0.0.1:0"}');
    const wrong = await nwgate(['--state', join(directory, 'other'), 'serve', '--config', config]);
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toContain('lisen');
    expect((await nwgate(['serve', '--config', join(directory, 'none')])).code).toBe(3);
  });
});

describe('the try-out', () => {
  it('shows a user, an imported policy with its rules and commands that work', async () => {
    const state = join(temporaryDirectory(), 'state');
    const first = await startServe(state, ['--try-out']);
    const text = () => first.output();
    await expect.poll(text).toContain('Ctrl-C');
    const password = /password +(\S+)/.exec(text())?.[1] ?? '';
    expect(text()).toContain('--dport 25');
    expect(text()).toContain('dry-run');
    expect(text()).toContain('vendor-no-smtp');
    for (const [, command = ''] of text().matchAll(/npx nwgate (.+)/g)) {
      const ran = await nwgate(command.split(' '), { cwd: ROOT });
      expect([command, ran.code, ran.stderr]).toEqual([command, 0, '']);
    }
    expect(await first.stop()).toBe(0);
    const second = await startServe(state, ['--try-out']);
    await expect.poll(() => second.output()).toContain('Ctrl-C');
    expect(second.output()).toContain(password);
  });
});
