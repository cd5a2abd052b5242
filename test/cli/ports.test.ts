/** Commands on ports, alone and through a running gateway. */
import { beforeAll, describe, expect, it } from 'vitest';
import { doc, rule } from '../support/gateway.js';
import { build } from '../support/program.js';
import { prepared, UUID, WAYS } from './prepared.js';

beforeAll(build);

describe.each(WAYS)('%s', (way) => {
  it('ports: bind, bindings, unbind', async () => {
    const { run, file, json } = await prepared(way);
    await run(['define', file('a.xml', doc('a', rule('$PORTS')))]);
    const args = ['bind', 'vnet0', '--filter', 'a', '--mac', '52:54:00:AB:CD:EF', '--owner', 'vm1'];
    const bound = await json(...args, '--param', 'PORTS=25', '--param', 'PORTS=26');
    expect(bound).toEqual({
      port: 'vnet0',
      mac: '52:54:00:ab:cd:ef',
      filter: 'a',
      parameters: [
        { name: 'PORTS', value: '25' },
        { name: 'PORTS', value: '26' },
      ],
      owner: { name: 'vm1' },
      state: 'pending',
      reason: expect.stringContaining('dry-run'),
    });
    const document = `<filterbinding><owner><name>vm2</name><uuid>${UUID}</uuid></owner><portdev name='vnet1'/>
      <mac address='52:54:00:00:00:01'/><filterref filter='a'><parameter name='PORTS' value='80'/></filterref></filterbinding>`;
    expect(await run(['nwfilter-binding-create', file('b.xml', document)])).toMatchObject({ code: 0 });
    const bindings = await json('bindings');
    expect(bindings).toEqual([
      bound,
      {
        port: 'vnet1',
        mac: '52:54:00:00:00:01',
        filter: 'a',
        parameters: [{ name: 'PORTS', value: '80' }],
        owner: { name: 'vm2', uuid: UUID },
        state: 'pending',
        reason: bound.reason,
      },
    ]);
    expect(await json('nwfilter-binding-list', 'vnet1')).toEqual([bindings[1]]);
    expect((await run(['bindings'])).stdout).toMatch(/^PORT +FILTER +STATE\nvnet0 +a +pending: /);
    expect(await run(['bindings', 'vnet7'])).toMatchObject({ code: 3 });
    expect(await run([...args, '--param', 'PORTS=1'])).toMatchObject({ code: 4 });
    expect(await run([...args, '--param', 'PORTS=1', '--replace'])).toMatchObject({ code: 0 });
    expect((await json('list')).find(({ name }: { name: string }) => name === 'a').ports).toEqual([
      'vnet0',
      'vnet1',
    ]);
    expect(await run(['undefine', 'a'])).toMatchObject({ code: 4 });
    expect(await run(['unbind', 'vnet0'])).toMatchObject({ code: 0 });
    expect(await run(['nwfilter-binding-delete', 'vnet1'])).toMatchObject({ code: 0 });
    expect(await run(['unbind', 'vnet1'])).toMatchObject({ code: 3 });
    expect(await json('bindings')).toEqual([]);
  });

  it('compile: three formats, of stored filters and of files', async () => {
    const { run, file } = await prepared(way);
    const path = file('a.xml', doc('a', rule('$P')));
    const args = ['--port', 'vnet0', '--param', 'P=25'];
    const fromFile = await run(['compile', path, ...args]);
    expect(fromFile.stderr).toBe('');
    expect(fromFile.code).toBe(0);
    expect(fromFile.stdout.match(/^# (ebtables|iptables|ip6tables)$/gm)).toEqual([
      '# ebtables',
      '# iptables',
      '# ip6tables',
    ]);
    expect(fromFile.stdout).toContain('--dport 25');
    expect(await run(['compile', '-', ...args], { input: doc('a', rule('$P')) })).toEqual(fromFile);
    expect(await run(['dumpxml', 'a'])).toMatchObject({ code: 3 });
    await run(['define', path]);
    expect(await run(['compile', 'a', ...args, '--format', 'restore'])).toEqual(fromFile);
    const commands = await run(['compile', 'a', ...args, '--format', 'commands']);
    expect(commands.stdout).toMatch(/^iptables .*--dport 25/m);
    const rules = JSON.parse((await run(['compile', 'a', ...args, '--format', 'json'])).stdout);
    expect(rules).toMatchObject({ port: 'vnet0', tools: { iptables: { chains: expect.any(Array) } } });
    expect(await run(['compile', 'a', '--port', 'vnet0'])).toMatchObject({ code: 2, stdout: '' });
    expect(await run(['compile', 'nothing', ...args])).toMatchObject({ code: 3 });
  });
});
