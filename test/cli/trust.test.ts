/** The program as its operator meets it: HTTPS, client certificates, the audit log, and no secret in any log. */
import { execFileSync } from 'node:child_process';
import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { authority, pem } from '../support/certificates.js';
import { temporaryDirectory } from '../support/directory.js';
import { build, nwgate } from '../support/program.js';
import { startServe } from '../support/running.js';

beforeAll(build);

const PASSWORD = 'correct-horse-battery';
const TLS = /"port":(\d+),"files":.*"msg":"listening for HTTPS"/;

async function addUser(state: string, name: string, role: string) {
  const args = ['--state', state, 'user', 'add', name, '--role', role, '--password-stdin'];
  expect((await nwgate(args, { input: PASSWORD })).code).toBe(0);
}

const unbind = (ns = 'http://schemas.nwgate.org/wsdl/filter-service/1') =>
  `<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body><t:RemoveFilterList xmlns:t="${ns}"><t:Port>vnet7</t:Port></t:RemoveFilterList></s:Body></s:Envelope>`;

describe('serve', () => {
  it('refuses to carry passwords unencrypted to others unless told', async () => {
    const state = temporaryDirectory();
    const args = ['--state', state, '--host', 'dry-run', 'serve', '--listen'];
    for (const address of ['0.0.0.0:0', '[::]:0', '192.0.2.1:5985', 'example.com:5985']) {
      const { code, stderr } = await nwgate([...args, address]);
      expect([address, code]).toEqual([address, 2]);
      expect(stderr).toContain('--insecure-listen');
    }
    // The later --listen has precedence.
    await startServe(state, ['--listen', '0.0.0.0:0', '--insecure-listen']);
  });

  it.each([
    ['--tls-cert', 'x.pem'],
    ['--tls-key', 'x.pem'],
    ['--tls-client-ca', 'x.pem'],
    ['--tls-listen', '127.0.0.1:0'],
  ])('%s alone is refused', async (...args) => {
    const { code, stderr } = await nwgate(['--state', temporaryDirectory(), 'serve', ...args]);
    expect([code, stderr]).toEqual([2, expect.stringContaining('both --tls-cert and --tls-key')]);
  });

  it('speaks HTTPS with what `tls init` made, to users by certificate, and reads new files at SIGHUP', async () => {
    const state = temporaryDirectory();
    const made = await nwgate(['--state', state, '--json', 'tls', 'init', '--name', 'gw.example']);
    expect(made).toMatchObject({ code: 0, stderr: '' });
    const { cert, key } = JSON.parse(made.stdout) as { cert: string; key: string };
    expect(statSync(key).mode & 0o777).toBe(0o600);
    expect((await nwgate(['--state', state, 'tls', 'init'])).code).toBe(4);
    const directory = temporaryDirectory();
    const ca = authority(directory);
    await addUser(state, 'amy', 'reader');
    const tls = [
      '--tls-listen',
      '127.0.0.1:0',
      '--tls-cert',
      cert,
      '--tls-key',
      key,
      '--tls-client-ca',
      ca.cert,
    ];
    const gateway = await startServe(state, tls);
    await expect.poll(gateway.output).toMatch(TLS);
    const port = Number(TLS.exec(gateway.output())?.[1]);
    const trusted = readFileSync(cert);
    const asAmy = pem(ca.sign('amy', '/CN=amy'));
    const ask = () =>
      new Promise<{ status: number | undefined; text: string }>((resolve, reject) => {
        const headers = { 'Content-Type': 'application/soap+xml' };
        const options = {
          host: '127.0.0.1',
          port,
          servername: 'gw.example',
          method: 'POST',
          headers,
          agent: false,
        };
        request({ ...options, path: '/soap/filter-service', ca: trusted, ...asAmy }, (answer) => {
          let text = '';
          answer.setEncoding('utf8').on('data', (chunk: string) => {
            text += chunk;
          });
          answer.on('end', () => resolve({ status: answer.statusCode, text }));
        })
          .on('error', reject)
          .end(unbind());
      });
    const refused = await ask();
    expect(refused.text).toContain('ACCESS_DENIED');
    const audit = await nwgate(['--state', state, '--json', 'audit']);
    expect(JSON.parse(audit.stdout)).toMatchObject([
      { operation: 'addUser', outcome: 'done' },
      {
        who: 'amy',
        role: 'reader',
        from: '127.0.0.1',
        operation: 'unbind',
        outcome: 'refused',
        code: 'ACCESS_DENIED',
      },
    ]);
    const other = ca.sign('other', '/CN=other');
    writeFileSync(key, readFileSync(other.key));
    writeFileSync(cert, readFileSync(other.cert));
    process.kill(gateway.pid, 'SIGHUP');
    await expect.poll(gateway.output).toContain('certificates read');
    await expect(ask()).rejects.toThrow(/certificate|verify/);
    expect(await gateway.stop()).toBe(0);
  });
});

describe('the control socket', () => {
  const asRoot = process.getuid?.() === 0;

  it.skipIf(!asRoot)(
    'is open to the group of the configuration, and the rest of the state is not (needs root)',
    async () => {
      const state = join(temporaryDirectory(), 'state');
      const config = join(temporaryDirectory(), 'config.json');
      writeFileSync(config, '{"controlGroup":"nogroup"}');
      await startServe(state, ['--config', config]);
      // The way there must be open as well: mkdtemp makes it for its owner only.
      chmodSync(join(state, '..'), 0o755);
      const nobody = { uid: 65534, gid: 65534 };
      const read =
        'const s=require("net").createConnection(process.argv[1]);s.on("data",(d)=>process.stdout.write(d));s.on("error",(e)=>console.log(e.code));s.end(JSON.stringify({operation:"list",input:{}}))';
      const node = (identity: { uid: number; gid: number }) =>
        execFileSync(process.execPath, ['-e', read, join(state, 'nwgate.sock')], {
          ...identity,
          cwd: '/',
          encoding: 'utf8',
        });
      expect(node(nobody)).toContain('"clean-traffic"');
      expect(node({ uid: 65534, gid: 1 })).toContain('EACCES');
      const look =
        (...command: string[]) =>
        () =>
          execFileSync('env', command, { ...nobody, cwd: '/', stdio: 'pipe' });
      expect(look('cat', join(state, 'filters/clean-traffic.xml'))).toThrow(/Permission denied/);
      expect(look('ls', state)).toThrow(/Permission denied/);
    },
  );

  it('is refused to a group there is not', async () => {
    const config = join(temporaryDirectory(), 'config.json');
    writeFileSync(config, '{"controlGroup":"no-such-group","listen":"127.0.0.1:0"}');
    const args = ['--state', temporaryDirectory(), '--host', 'dry-run', 'serve', '--config', config];
    const { code, stderr } = await nwgate(args);
    expect([code, stderr]).toEqual([2, expect.stringContaining('no group no-such-group')]);
  });
});

describe('Digest', () => {
  it('is offered with --digest to users whose password was set since, and the others are named', async () => {
    const state = temporaryDirectory();
    await addUser(state, 'amy', 'reader');
    const gateway = await startServe(state, ['--digest']);
    expect(gateway.output()).toMatch(/"users":\["amy"\],"msg":"these users cannot use HTTP Digest/);
    const set = ['--state', state, 'user', 'password', 'amy', '--password-stdin'];
    const curl = (): string => {
      const user = ['--digest', '-u', `amy:${PASSWORD}`, '-o', '/dev/null', '-w', '%{http_code}'];
      const head = ['-H', 'Content-Type: application/soap+xml', '-H', 'Expect:'];
      const url = `http://127.0.0.1:${gateway.port}/soap/filter-service`;
      return execFileSync('curl', ['-s', ...user, ...head, '-d', unbind(), url], { encoding: 'utf8' });
    };
    expect(curl()).toBe('401');
    const listed = async () => (await nwgate(['--state', state, 'user', 'list'])).stdout;
    expect(await listed()).toMatch(/^NAME +ROLE +DIGEST\namy +reader +no\n$/);
    expect((await nwgate(set, { input: PASSWORD })).stdout).toBe('Password of user amy set\n');
    expect(await listed()).toContain('yes');
    // What is known of a user is remembered for ten seconds; asked more often, five wrong answers would be spent, and the next ones wait.
    await expect.poll(curl, { timeout: 30_000, interval: 4000 }).toBe('400');
    await gateway.stop();
    const off = await startServe(state);
    expect(off.output()).toMatch(/"users":\["amy"\],"msg":"HTTP Digest is off/);
    const audit = await nwgate(['--state', state, 'audit']);
    expect(audit.stdout).toMatch(/setPassword +user amy +done/);
  });
});

describe('what is written', () => {
  it('holds no password, whatever is done with it', async () => {
    const state = temporaryDirectory();
    await addUser(state, 'amy', 'admin');
    writeFileSync(join(state, 'config.json'), '{"logLevel":"debug"}');
    const gateway = await startServe(state, ['--config', join(state, 'config.json')]);
    await addUser(state, 'bob', 'operator');
    const post = (user: string, password: string, body: string) =>
      fetch(`http://127.0.0.1:${gateway.port}/soap/filter-service`, {
        method: 'POST',
        headers: {
          Authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
          'Content-Type': 'application/soap+xml',
        },
        body,
      });
    expect((await post('amy', PASSWORD, unbind())).status).toBeGreaterThanOrEqual(400);
    expect((await post('amy', `${PASSWORD}-wrong`, unbind())).status).toBe(401);
    expect((await post('amy', PASSWORD, unbind('urn:x'))).status).toBeGreaterThanOrEqual(400);
    const weak = ['--state', state, '--json', 'user', 'add', 'eve', '--role', 'king', '--password-stdin'];
    const { stderr } = await nwgate(weak, { input: PASSWORD });
    const twice = await nwgate(
      ['--state', state, 'user', 'add', 'bob', '--role', 'admin', '--password-stdin'],
      { input: PASSWORD },
    );
    expect(twice.code).toBe(4);
    await gateway.stop();
    const files = readdirSync(state, { recursive: true, withFileTypes: true }).filter((entry) =>
      entry.isFile(),
    );
    const texts = files.map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'));
    const all = [...texts, gateway.output(), stderr, twice.stderr];
    const secrets = [
      PASSWORD,
      Buffer.from(`amy:${PASSWORD}`).toString('base64'),
      Buffer.from(PASSWORD).toString('base64'),
    ];
    expect(gateway.output()).toContain('a login failed');
    for (const secret of secrets) expect(all.filter((text) => text.includes(secret))).toEqual([]);
  });

  it('of the audit log can be read by moment, and an ill moment is refused', async () => {
    const state = temporaryDirectory();
    await addUser(state, 'amy', 'admin');
    const table = await nwgate(['--state', state, 'audit', '--since', '1h']);
    expect(table.stdout).toMatch(/^WHEN +WHO .*\n\S+Z +\S+ +admin +shell +addUser +user amy +done\n$/);
    expect(
      JSON.parse((await nwgate(['--state', state, '--json', 'audit', '--since', '2999-01-01'])).stdout),
    ).toEqual([]);
    expect((await nwgate(['--state', state, 'audit', '--since', 'yesterday'])).code).toBe(2);
  });
});
