/** Methods. */
import { describe, expect, it } from 'vitest';
import { fail } from '../../src/model/errors.js';
import { fakeGateway, world } from '../app/objects-world.js';
import { faultIn } from './messages.js';
import { SERVICE } from './requests.js';
import { envelope, post, run } from './running.js';
import { DMTF } from './subscribing.js';

describe('methods', () => {
  const call = (method: string, inside: string, resource = SERVICE) =>
    envelope({
      action: `${SERVICE}/${method}`,
      resource,
      body: inside && `<n:${method}_INPUT xmlns:n="${SERVICE}">${inside}</n:${method}_INPUT>`,
    });

  it('get their parameters typed, and the caller', async () => {
    const server = await run();
    server.objects.method = async () => ({ Document: '<filter/>\n', LeftOut: ['a', 'b'], ReturnValue: 0 });
    const { text } = await post(
      server,
      call(
        'ExportPolicy',
        '<n:Names>x</n:Names><n:Names>y</n:Names><n:Format>native</n:Format><n:WithReferences>TRUE</n:WithReferences>',
      ),
    );
    expect(server.objects.calls).toEqual([
      {
        method: 'ExportPolicy',
        parameters: new Map<string, unknown>([
          ['Names', ['x', 'y']],
          ['Format', 'native'],
          ['WithReferences', true],
        ]),
        by: { name: 'ann', role: 'admin', from: '127.0.0.1' },
      },
    ]);
    expect(text).toContain(
      '<n1:Document>&lt;filter/&gt;\n</n1:Document><n1:LeftOut>a</n1:LeftOut><n1:LeftOut>b</n1:LeftOut><n1:ReturnValue>0</n1:ReturnValue>',
    );
  });

  it('may be called with an empty body, and through a superclass', async () => {
    const server = await run();
    expect((await post(server, call('VerifyHost', ''))).status).toBe(200);
    expect((await post(server, call('VerifyHost', '', `${DMTF}CIM_Service`))).status).toBe(200);
    expect(server.objects.calls.map(({ method }) => method)).toEqual(['VerifyHost', 'VerifyHost']);
  });

  it('tell what is wrong with parameters apart from what is wrong with representations', async () => {
    const server = await run();
    server.objects.method = () => Promise.reject(fail('VALUE', 'no such port'));
    const { text } = await post(server, call('RemoveFilterList', '<n:Port>x</n:Port>'));
    expect(faultIn(text)).toBe('wsman:InvalidParameter InvalidValue');
    expect(text).toMatch(/<(\w+):ErrorCode>VALUE<\/\1:ErrorCode>/);
  });

  it.each([
    ['a name', 'VerifyHost', '<n:Colour>red</n:Colour>', 'InvalidName'],
    ['a type', 'VerifyHost', '<n:Repair>maybe</n:Repair>', 'TypeMismatch'],
    ['what is missing', 'RemoveFilterList', '', 'MissingValues'],
    ['a value', 'ExportPolicy', '<n:Format>pdf</n:Format>', 'InvalidValue'],
  ])('say whether it is %s', async (_, method, inside, detail) => {
    const { objects } = world(fakeGateway([]));
    const { status, text } = await post(await run({ objects }), call(method, inside));
    expect([status, faultIn(text)]).toEqual([400, `wsman:InvalidParameter ${detail}`]);
    expect(text).toMatch(/<(\w+):ErrorCode>CIM_PARAMETER<\/\1:ErrorCode>/);
  });

  it('that fail unforeseen are an InternalError that keeps our inside to itself, and are logged', async () => {
    const server = await run();
    server.objects.method = () => Promise.reject(new TypeError('secret path /etc'));
    const { status, text } = await post(server, call('VerifyHost', ''));
    expect([status, faultIn(text)]).toEqual([500, 'wsman:InternalError']);
    expect(text).not.toContain('secret');
    expect(server.errors).toHaveLength(1);
  });

  it('that answer what XML cannot carry are a fault', async () => {
    const server = await run();
    server.objects.method = async () => ({ Rules: 'bell \u0007', ReturnValue: 0 });
    const { text } = await post(
      server,
      call('CompileFilterList', '<n:FilterList>a</n:FilterList><n:Port>b</n:Port>'),
    );
    expect(faultIn(text)).toBe('wsman:EncodingLimit UnsupportedCharacter');
  });

  it('are waited for longer than a read, but not for ever', async () => {
    const server = await run({ limits: { read: 20, change: 150 } });
    server.objects.method = () => new Promise(() => undefined);
    const { status, text } = await post(server, call('VerifyHost', ''));
    expect([status, faultIn(text)]).toEqual([500, 'wsman:TimedOut']);
  });
});
