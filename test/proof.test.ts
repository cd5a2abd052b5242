/**
 * The main job, end to end: the gateway as a program, a client that is not ours, a policy over WS-Management, real packets
 * through a bridge, and nothing left in the kernel.
 */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WSManMessageCreator } from '@device-management-toolkit/wsman-messages/WSMan.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Element, elements, text } from '../src/xml/element.js';
import { parseXml } from '../src/xml/parse.js';
import { answers, type Server, serve } from './support/connect.js';
import { canFilter, type Lab, lab } from './support/netns.js';
import { build, nwgate, start } from './support/program.js';

const lacking = await canFilter();
const OURS = 'http://schemas.nwgate.org/wbem/wscim/1/cim-schema/2/';
const DMTF = 'http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/';
const TRANSFER = 'http://schemas.xmlsoap.org/ws/2004/09/transfer';

/** A vendor's single entry, its list named by the key Name. */
const POLICY = `
<f:CIM_IPHeadersFilter xmlns:f="${DMTF}CIM_IPHeadersFilter">
  <f:Action>2</f:Action><f:CreationClassName>CIM_IPHeadersFilter</f:CreationClassName><f:Direction>2</f:Direction>
  <f:HdrDestPortEnd>25</f:HdrDestPortEnd><f:HdrDestPortStart>25</f:HdrDestPortStart>
  <f:HdrIPVersion>4</f:HdrIPVersion><f:HdrProtocolID>6</f:HdrProtocolID><f:IsNegated>false</f:IsNegated>
  <f:Name>no-smtp:0</f:Name>
  <f:SystemCreationClassName>CIM_ComputerSystem</f:SystemCreationClassName><f:SystemName>vendor.example</f:SystemName>
</f:CIM_IPHeadersFilter>`;

const asText = (xml: string) => xml.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');

/** The first element of that local name anywhere below. */
function find(element: Element, local: string): Element | undefined {
  if (element.local === local) return element;
  for (const node of elements(element)) {
    const found = find(node, local);
    if (found) return found;
  }
  return undefined;
}

const valueIn = (element: Element, local: string) => {
  const found = find(element, local);
  return found && text(found);
};

describe.skipIf(lacking !== undefined)(`the main job ${lacking ?? ''}`, () => {
  const password = randomBytes(9).toString('base64url');
  let world: Lab;
  let wire: Server;
  let state: string;
  let gateway: ReturnType<typeof start>;
  let url: string;

  beforeAll(async () => {
    build();
    state = await mkdtemp(join(tmpdir(), 'nwgate-proof-'));
    world = await lab({ ports: ['vnet0'] });
    wire = await serve(world.wire, [25, 80]);
    const added = await nwgate(
      [
        '--state',
        state,
        '--host',
        'dry-run',
        'user',
        'add',
        'manager',
        '--role',
        'admin',
        '--password-stdin',
      ],
      {
        input: password,
      },
    );
    expect(added).toMatchObject({ code: 0 });
    gateway = start([
      '--state',
      state,
      '--host',
      'kernel',
      '--netns',
      world.host.netns,
      'serve',
      '--listen',
      '127.0.0.1:0',
    ]);
    const port = await new Promise<number>((resolve, reject) => {
      let log = '';
      gateway.stderr.setEncoding('utf8').on('data', (chunk: string) => {
        log += chunk;
        const line = log.split('\n').find((each) => each.includes('"msg":"listening"'));
        if (line) resolve((JSON.parse(line) as { port: number }).port);
      });
      gateway.once('exit', (code) => reject(new Error(`the gateway ended with ${code}: ${log}`)));
    });
    url = `http://127.0.0.1:${port}/wsman`;
  });

  afterAll(async () => {
    if (gateway?.exitCode === null) {
      gateway.kill('SIGTERM');
      await new Promise((resolve) => gateway.once('close', resolve));
    }
    await wire?.close();
    await world?.dispose();
    if (state) await rm(state, { recursive: true });
  });

  /** Sends an envelope; answers the SOAP body of the reply with its HTTP status. */
  async function send(envelope: string): Promise<{ status: number; body: Element }> {
    const credentials = Buffer.from(`manager:${password}`).toString('base64');
    const response = await fetch(url, {
      method: 'POST',
      body: envelope,
      headers: { Authorization: `Basic ${credentials}` },
    });
    const body = find(parseXml(await response.text()), 'Body');
    return { status: response.status, body: body! };
  }

  function invoke(method: string, parameters: Readonly<Record<string, string>>) {
    const messages = new WSManMessageCreator(OURS);
    const header = messages.createHeader(`${OURS}NWG_FilterService/${method}`, 'NWG_FilterService' as never);
    return send(
      messages.createXml(
        header,
        messages.createBody(`${method}_INPUT`, 'NWG_FilterService', [{ ...parameters }]),
      ),
    );
  }

  const reach = () =>
    answers(
      world.guest('vnet0'),
      [25, 80].map((port) => ({ protocol: 'tcp', address: world.wire.ip, port })),
    );
  const kernel = async () => {
    const saved = await Promise.all(
      ['ebtables-save', 'iptables-save', 'ip6tables-save'].map((tool) => world.host.exec(tool, [])),
    );
    return saved.map(({ stdout }) => stdout).join('');
  };

  it('imports a policy, applies it, shows it, and takes it off without a trace', async () => {
    expect(await reach()).toEqual([true, true]);

    const imported = await invoke('ImportPolicy', { Document: asText(POLICY), OnConflict: 'fail' });
    expect(imported).toMatchObject({ status: 200 });
    expect(valueIn(imported.body, 'ReturnValue')).toBe('0');
    expect(valueIn(imported.body, 'Names')).toBe('no-smtp');
    expect(await reach()).toEqual([true, true]);

    const applied = await invoke('ApplyFilterList', {
      FilterList: 'no-smtp',
      Port: 'vnet0',
      MACAddress: world.guest('vnet0').mac,
    });
    expect(valueIn(applied.body, 'ReturnValue')).toBe('0');
    expect(await kernel()).toContain('nwgate-from');
    expect(await reach()).toEqual([false, true]);

    const messages = new WSManMessageCreator(DMTF);
    const enumerated = await send(
      messages.createXml(
        messages.createHeader(
          'http://schemas.xmlsoap.org/ws/2004/09/enumeration/Enumerate',
          'CIM_IPHeadersFilter' as never,
        ),
        messages.createCommonBody.Enumerate(),
      ),
    );
    const context = valueIn(enumerated.body, 'EnumerationContext')!;
    const pulled = await send(
      messages.createXml(
        messages.createHeader(
          'http://schemas.xmlsoap.org/ws/2004/09/enumeration/Pull',
          'CIM_IPHeadersFilter' as never,
        ),
        messages.createCommonBody.Pull(context),
      ),
    );
    const entries = elements(find(pulled.body, 'Items')!);
    const entry = entries.find((each) => valueIn(each, 'Name')?.startsWith('no-smtp:'))!;
    expect(entry.local).toBe('NWG_IPHeadersFilter');
    const name = valueIn(entry, 'Name')!;

    const got = await send(
      messages.createXml(
        messages.createHeader(`${TRANSFER}/Get`, 'CIM_IPHeadersFilter' as never, {
          name: 'Name',
          value: name,
        }),
        messages.createCommonBody.Get(),
      ),
    );
    expect(got.status).toBe(200);
    const shown = Object.fromEntries(
      [
        'Action',
        'Direction',
        'HdrDestPortStart',
        'HdrDestPortEnd',
        'HdrProtocolID',
        'HdrIPVersion',
        'Name',
      ].map((each) => [each, valueIn(got.body, each)]),
    );
    expect(shown).toEqual({
      Action: '2',
      Direction: '2',
      HdrDestPortStart: '25',
      HdrDestPortEnd: '25',
      HdrProtocolID: '6',
      HdrIPVersion: '4',
      Name: name,
    });

    const removed = await invoke('RemoveFilterList', { Port: 'vnet0' });
    expect(valueIn(removed.body, 'ReturnValue')).toBe('0');
    expect(await reach()).toEqual([true, true]);
    expect(await kernel()).not.toMatch(/nwg/);
  });

  it('takes the document as XML inside the parameter, as clients that do not escape send it', async () => {
    const imported = await invoke('ImportPolicy', { Document: POLICY.trim(), OnConflict: 'replace' });
    expect(valueIn(imported.body, 'Names')).toBe('no-smtp');
  });

  it('leaves the port as it was when a policy cannot be held', async () => {
    const refused = await invoke('ImportPolicy', {
      Document: asText(
        POLICY.replace(
          '</f:CIM_IPHeadersFilter>',
          '<f:HdrFlowLabel>AAAB</f:HdrFlowLabel></f:CIM_IPHeadersFilter>',
        ),
      ),
      OnConflict: 'replace',
    });
    expect(refused.status).toBe(400);
    expect(valueIn(refused.body, 'Text')).toContain('HdrFlowLabel');
    expect(await kernel()).not.toMatch(/nwg/);
  });
});
