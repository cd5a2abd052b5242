/** Whatever is sent, the server answers in time, with one of the statuses of the contract, and every envelope it sends is well-formed. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseXml } from '../../src/xml/parse.js';
import { bindingOf, fakeGateway, filter, HOST, reference, rule, world } from '../app/objects-world.js';
import { validSoap } from './messages.js';
import { mutated, replanted, sent } from './mutations.js';
import { type Answered, post, type Running, run } from './running.js';
import { subscribe } from './subscribing.js';

const DATA = join(import.meta.dirname, '../data/wsman');
const seed = (name: string) => readFileSync(join(DATA, name, 'request.xml'), 'utf8');
const seeds = readdirSync(DATA).map(seed);
const SOAP_SEED = `<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope" xmlns:t="http://schemas.nwgate.org/wsdl/filter-service/1"><e:Body>
<t:ExportPolicy><t:Names>a</t:Names><t:Format>native</t:Format><t:WithReferences>true</t:WithReferences></t:ExportPolicy></e:Body></e:Envelope>`;

const STATUSES = [200, 400, 401, 404, 405, 413, 415, 500];
/** Of one server; with NWGATE_LONG, one server after the other for half a minute each. */
const RUNS = 300;
const LONG = process.env.NWGATE_LONG === undefined ? 0 : 30_000;

function holds({ status, text, headers }: Answered): void {
  expect(STATUSES).toContain(status);
  if (!headers.get('content-type')?.includes('xml')) return;
  if (parseXml(text).ns === 'http://www.w3.org/2003/05/soap-envelope')
    expect(validSoap(text)).toBe(status === 200 ? 'answer' : status === 400 ? 'sender' : 'receiver');
}

/** No fault of ours may come of it: a request can only be wrong. */
async function survive(
  open: () => Promise<Running>,
  arbitrary: (server: Running) => Promise<fc.Arbitrary<string | Uint8Array>>,
  path = '/wsman',
): Promise<void> {
  const until = Date.now() + LONG;
  do {
    const server = await open();
    await fc.assert(
      fc.asyncProperty(await arbitrary(server), async (message) => {
        holds(await post(server, message, {}, path));
        expect(server.errors.splice(0)).toEqual([]);
      }),
      { numRuns: RUNS },
    );
    await server.server.close();
  } while (Date.now() < until);
}

const LIMITS = { read: 500, change: 2000 };

/** Over the real object manager, with what the messages name. */
function real(): Promise<Running> {
  const filters = [
    filter('no-smtp', rule('1a2b', 'tcp', { dstportstart: '25' }), reference('clean-traffic')),
    filter('no-mac-spoofing', rule('77aa', undefined, {})),
    filter('clean-traffic'),
  ];
  const { objects } = world(fakeGateway(filters, { bindings: [bindingOf('vnet0', 'no-smtp')] }));
  return run({ objects, limits: LIMITS });
}

/** The messages, with an enumeration and a subscription that are there. */
async function living(server: Running): Promise<readonly string[]> {
  const opened = await post(server, seed('enumerate'));
  const context = /<wsen:EnumerationContext>([^<]+)</.exec(opened.text)![1]!;
  const { id } = await subscribe(server, { mode: 'pull' });
  return seeds.map((each) =>
    each.replaceAll('CONTEXT', context).replaceAll('IDENTIFIER', id).replaceAll('host1', HOST),
  );
}

describe('hostile requests', () => {
  it('to WS-Management: mutated texts', async () => {
    await survive(
      () => run({ limits: LIMITS }),
      async (server) => sent(mutated(await living(server))),
    );
  }, 120_000);

  it('to WS-Management: mutated trees', async () => {
    await survive(real, async (server) => sent(replanted(await living(server))));
  }, 120_000);

  it('to WS-Management: arbitrary octets', async () => {
    await survive(run, async () => fc.uint8Array({ maxLength: 200 }));
  }, 120_000);

  it('to the SOAP service: mutated messages', async () => {
    await survive(
      run,
      async () => sent(fc.oneof(mutated([SOAP_SEED]), replanted([SOAP_SEED]))),
      '/soap/filter-service',
    );
  }, 120_000);

  it.each([
    ['deep nesting', `${'<a>'.repeat(5000)}${'</a>'.repeat(5000)}`],
    ['many attributes', `<a ${Array.from({ length: 5000 }, (_, i) => `a${i}=""`).join(' ')}/>`],
    ['entities of entities', '<!DOCTYPE a [<!ENTITY b "cc"><!ENTITY d "&b;&b;">]><a>&d;</a>'],
    ['an external entity', '<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>'],
    [
      'many selectors',
      seeds
        .find((each) => each.includes('</wsman:SelectorSet>'))!
        .replace(
          '</wsman:SelectorSet>',
          `${'<wsman:Selector Name="x">y</wsman:Selector>'.repeat(5000)}</wsman:SelectorSet>`,
        ),
    ],
    [
      'selectors within selectors',
      seeds
        .find((each) => each.includes('</wsman:SelectorSet>'))!
        .replace(
          '</wsman:SelectorSet>',
          `<wsman:Selector Name="x">${'<wsa:EndpointReference>'.repeat(50)}${'</wsa:EndpointReference>'.repeat(50)}</wsman:Selector></wsman:SelectorSet>`,
        ),
    ],
  ])('%s', async (_, text) => {
    const server = await run();
    const answer = await post(server, text);
    holds(answer);
    expect(answer.status).toBe(400);
  });
});
