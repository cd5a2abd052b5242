/** Whatever is sent, the server answers in time, with one of the statuses of the contract, and every envelope it sends is well-formed. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseXml } from '../../src/xml/parse.js';
import { validSoap } from './messages.js';
import { type Answered, post, type Running, run } from './running.js';

const DATA = join(import.meta.dirname, '../data/wsman');
const seeds = readdirSync(DATA).map((name) => readFileSync(join(DATA, name, 'request.xml'), 'utf8'));
const SOAP_SEED = `<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope" xmlns:t="http://schemas.nwgate.org/wsdl/filter-service/1"><e:Body>
<t:ExportPolicy><t:Names>a</t:Names><t:Format>native</t:Format><t:WithReferences>true</t:WithReferences></t:ExportPolicy></e:Body></e:Envelope>`;

const STATUSES = [200, 400, 401, 404, 405, 413, 415, 500];
const RUNS = Number(process.env.NWGATE_FUZZ_RUNS ?? 300);

/** Pieces that mean something to somebody. */
const scraps = fc.constantFrom(
  '',
  ' ',
  '<',
  '>',
  '"',
  '&amp;',
  '&#0;',
  '&x;',
  ']]>',
  '<!--x-->',
  '<?x y?>',
  '<![CDATA[x]]>',
  's:mustUnderstand="1"',
  'xmlns=""',
  'xsi:nil="true"',
  '<s:Body/>',
  '<wsman:OptimizeEnumeration/>',
  '-1',
  '99999999999999999999',
  'PT0S',
  'constructor',
  '__proto__',
  'http://schemas.dmtf.org/wbem/wscim/1/*',
  '\ud800',
  '\u0000',
);

/** A seed with some stretches cut out, doubled, or replaced. */
function mutated(from: readonly string[]): fc.Arbitrary<string> {
  const edit = fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    length: fc.nat(60),
    kind: fc.constantFrom('cut', 'double', 'replace', 'insert'),
    scrap: fc.oneof({ arbitrary: scraps, weight: 4 }, fc.string({ maxLength: 8 })),
  });
  return fc
    .tuple(fc.constantFrom(...from), fc.array(edit, { minLength: 1, maxLength: 4 }))
    .map(([seed, edits]) =>
      edits.reduce((text, { at, length, kind, scrap }) => {
        const start = Math.floor(at * text.length);
        const end = Math.min(text.length, start + length);
        const piece = text.slice(start, end);
        const middle = { cut: '', double: piece + piece, replace: scrap, insert: piece + scrap }[kind]!;
        return text.slice(0, start) + middle + text.slice(end);
      }, seed),
    );
}

function holds({ status, text, headers }: Answered): void {
  expect(STATUSES).toContain(status);
  if (!headers.get('content-type')?.includes('xml')) return;
  if (parseXml(text).ns === 'http://www.w3.org/2003/05/soap-envelope')
    expect(validSoap(text)).toBe(status === 200 ? 'answer' : status === 400 ? 'sender' : 'receiver');
}

/** No fault of ours may come of it: a request can only be wrong. */
async function survive(
  server: Running,
  arbitrary: fc.Arbitrary<string | Uint8Array>,
  path: string,
): Promise<void> {
  await fc.assert(
    fc.asyncProperty(arbitrary, async (message) => {
      holds(await post(server, message, {}, path));
      expect(server.errors).toEqual([]);
    }),
    { numRuns: RUNS },
  );
}

describe('hostile requests', () => {
  it('to WS-Management: mutated messages', async () => {
    await survive(await run(), mutated(seeds), '/wsman');
  }, 60_000);

  it('to WS-Management: arbitrary octets', async () => {
    await survive(await run(), fc.uint8Array({ maxLength: 200 }), '/wsman');
  }, 60_000);

  it('to the SOAP service: mutated messages', async () => {
    await survive(await run(), mutated([SOAP_SEED]), '/soap/filter-service');
  }, 60_000);

  it.each([
    ['deep nesting', `${'<a>'.repeat(5000)}${'</a>'.repeat(5000)}`],
    ['many attributes', `<a ${Array.from({ length: 5000 }, (_, i) => `a${i}=""`).join(' ')}/>`],
    ['entities of entities', '<!DOCTYPE a [<!ENTITY b "cc"><!ENTITY d "&b;&b;">]><a>&d;</a>'],
    ['an external entity', '<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>'],
    [
      'many selectors',
      seeds
        .find((seed) => seed.includes('</wsman:SelectorSet>'))!
        .replace(
          '</wsman:SelectorSet>',
          `${'<wsman:Selector Name="x">y</wsman:Selector>'.repeat(5000)}</wsman:SelectorSet>`,
        ),
    ],
    [
      'selectors within selectors',
      seeds
        .find((seed) => seed.includes('</wsman:SelectorSet>'))!
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
