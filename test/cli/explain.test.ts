/** `nwgate explain`, alone and through a running gateway. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../support/directory.js';
import { build, nwgate } from '../support/program.js';
import { startServe } from '../support/running.js';

const FILTER = `<filter name='no-smtp'>
  <rule action='drop' direction='out'><tcp dstportstart='25'/></rule>
  <rule action='accept' direction='out'><udp ipset='web'/></rule>
  <rule action='drop' direction='out'><udp/></rule>
</filter>`;
const SMTP = 'tcp 10.0.0.5:1234 > 10.0.0.9:25 syn';
const HEX = '525400000002525400000001080600010800060400015254000000010a000005000000000000' + '0a000009';

beforeAll(build);

describe.each(['alone', 'through a gateway'] as const)('%s', (way) => {
  async function prepared() {
    const directory = temporaryDirectory();
    const state = join(directory, 'state');
    if (way === 'through a gateway') await startServe(state);
    const file = join(directory, 'no-smtp.xml');
    writeFileSync(file, FILTER);
    const run = (...args: readonly string[]) => nwgate(['--state', state, '--host', 'dry-run', ...args]);
    return { run, file, directory };
  }

  it('tells the rules met, their origin and the verdict', async () => {
    const { run, file } = await prepared();
    const { code, stdout, stderr } = await run('explain', '--filter', file, '--direction', 'out', SMTP);
    expect([code, stderr]).toEqual([0, '']);
    const lines = stdout.split('\n');
    expect(lines.slice(0, 2)).toEqual([SMTP, 'connection: NEW']);
    expect(lines.find((line) => line.includes('--dport 25'))).toMatch(
      /^iptables +FORWARD +nwg-from-\w+ +-p tcp --dport 25 -j DROP +\S+:2:3, filter no-smtp, rule 1$/,
    );
    expect(lines.at(-2)).toBe(`=> drop: ${file}:2:3, filter no-smtp, rule 1`);
  });

  it('takes what is bound to a port, hexadecimal, captures and answers', async () => {
    const { run, file, directory } = await prepared();
    await run('define', file);
    await run('bind', 'vnet3', '--filter', 'no-smtp');
    const json = async (...args: readonly string[]) => {
      const { stdout, stderr } = await run('--json', 'explain', 'vnet3', '--direction', 'out', ...args);
      expect(stderr).toBe('');
      return JSON.parse(stdout);
    };
    expect(await json(SMTP)).toMatchObject([
      {
        frame: SMTP,
        verdict: 'drop',
        decidedBy: 'filter no-smtp, rule 1',
        depends: null,
        connection: { state: 'NEW' },
      },
    ]);
    expect(await json(HEX)).toMatchObject([
      { frame: 'arp request 10.0.0.5 52:54:00:00:00:01 > 10.0.0.9 00:00:00:00:00:00', verdict: 'accept' },
    ]);
    const udp = 'udp 10.0.0.5:1 > 10.0.0.9:2';
    expect(await json(udp)).toMatchObject([
      {
        verdict: 'depends',
        depends: { on: 'IP set web holds its src', yes: { verdict: 'accept' }, no: { verdict: 'drop' } },
      },
    ]);
    expect(await json('--set', 'web', udp)).toMatchObject([{ verdict: 'accept' }]);
    expect(await json('--set', 'web=no', udp)).toMatchObject([{ verdict: 'drop' }]);
    expect(await json('--conntrack', 'established', '--reply', SMTP)).toMatchObject([
      { connection: { state: 'ESTABLISHED', reply: true, why: null } },
    ]);

    const capture = join(directory, 'two.pcap');
    const frame = Buffer.from(HEX, 'hex');
    const head = Buffer.from('a1b2c3d40002000400000000000000000000ffff00000001', 'hex');
    const size = Buffer.alloc(8);
    size.writeUInt32BE(frame.length, 0);
    size.writeUInt32BE(frame.length, 4);
    const record = Buffer.concat([Buffer.alloc(8), size, frame]);
    writeFileSync(capture, Buffer.concat([head, record, record]));
    expect(await json(capture)).toHaveLength(2);
  });

  it('says what is wrong', async () => {
    const { run, file } = await prepared();
    expect(
      await run('explain', '--filter', file, '--direction', 'out', 'tcp 10.0.0.5 > 10.0.0.300:1'),
    ).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(/word 2, "10\.0\.0\.5".*\n.*word 4, "10\.0\.0\.300:1"/),
    });
    expect(await run('explain', 'vnet9', '--direction', 'out', SMTP)).toMatchObject({ code: 3 });
    expect(await run('explain', 'vnet9', '--direction', 'out', ...SMTP.split(' '))).toMatchObject({
      code: 2,
    });
    expect(await run('explain', '--filter', file, SMTP)).toMatchObject({ code: 2 });
  });
});
