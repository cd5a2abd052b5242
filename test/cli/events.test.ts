/** The whole way: a running gateway, a subscriber, a command. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { startSink } from '../server/sinks.js';
import { namesIn, subscribeMessage } from '../server/subscribing.js';
import { temporaryDirectory } from '../support/directory.js';
import { build, nwgate } from '../support/program.js';
import { startServe } from '../support/running.js';

beforeAll(build);

const FILTER = `<filter name='web'><rule action='drop' direction='out'><tcp dstportstart='25'/></rule></filter>`;

async function withUser(state: string) {
  const password = 'a long password';
  const args = ['user', 'add', 'amy', '--role', 'reader', '--password-stdin'];
  expect((await nwgate(['--state', state, ...args], { input: password })).code).toBe(0);
  return {
    Authorization: `Basic ${btoa(`amy:${password}`)}`,
    'Content-Type': 'application/soap+xml;charset=UTF-8',
  };
}

describe('events of a running gateway', () => {
  it('tell a subscriber what commands change, and that the gateway ends', async () => {
    const state = temporaryDirectory();
    const gateway = await startServe(state);
    const headers = await withUser(state);
    const [sink, end] = [await startSink(), await startSink()];
    const body = subscribeMessage({
      to: sink.url,
      endTo: end.url,
      query: 'SELECT * FROM CIM_InstIndication WHERE SourceInstance ISA NWG_FilterList',
    });
    const answer = await fetch(`http://127.0.0.1:${gateway.port}/wsman`, { method: 'POST', headers, body });
    expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining('SubscribeResponse')]);

    const file = join(state, 'web.xml');
    writeFileSync(file, FILTER);
    expect((await nwgate(['--state', state, 'define', file])).code).toBe(0);
    writeFileSync(file, readFileSync(file, 'utf8').replace("name='web'", "name='web' priority='5'"));
    expect((await nwgate(['--state', state, 'define', file])).code).toBe(0);
    expect((await nwgate(['--state', state, 'undefine', 'web'])).code).toBe(0);
    const messages = await sink.reached(3);
    expect(messages.map(({ text }) => /<p:(CIM_\w+)/.exec(text)![1])).toEqual([
      'CIM_InstCreation',
      'CIM_InstModification',
      'CIM_InstDeletion',
    ]);
    expect(new Set(messages.flatMap(({ text }) => namesIn(text)))).toEqual(new Set(['web']));

    expect(await gateway.stop()).toBe(0);
    expect(end.received[0]!.text).toContain('SourceShuttingDown');
  });

  it('go where the configuration allows it, and a wrong one is refused', async () => {
    const state = temporaryDirectory();
    const config = join(state, 'config.json');
    const body = subscribeMessage({ to: 'http://192.0.2.7/events' });
    const ask = async (sinks: readonly string[]) => {
      writeFileSync(config, JSON.stringify({ eventSinks: sinks }));
      const gateway = await startServe(state, ['--config', config]);
      const headers = await withUser(state).catch(() => undefined);
      const url = `http://127.0.0.1:${gateway.port}/wsman`;
      const { status } = await fetch(url, { method: 'POST', headers: headers ?? known, body });
      await gateway.stop();
      return status;
    };
    const known = {
      Authorization: `Basic ${btoa('amy:a long password')}`,
      'Content-Type': 'application/soap+xml;charset=UTF-8',
    };
    expect(await ask([])).toBe(400);
    expect(await ask(['192.0.2.0/24'])).toBe(200);
    await expect(ask(['192.0.2.0/64'])).rejects.toThrow(/eventSinks/);
  });
});
