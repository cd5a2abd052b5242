/** Every limit has a fault of its own, and the request after it is answered. */
import { describe, expect, it } from 'vitest';
import type { ServerOptions } from '../../src/server/http.js';
import {
  type Answered,
  basic,
  CLASS,
  envelope,
  LIST_KEYS,
  post,
  type Running,
  run,
  WSEN,
  WXF,
} from './running.js';

const list = `${CLASS}NWG_FilterList`;
const GET = envelope({ action: `${WXF}/Get`, resource: list, selectors: LIST_KEYS });
const enumerate = (body: string, headers = '') =>
  envelope({
    action: `${WSEN}/Enumerate`,
    resource: list,
    body: `<e:Enumerate>${body}</e:Enumerate>`,
    headers,
  });
const within = (body: string) => GET.replace('<s:Body>', `<s:Body>${body}`);
const repeat = (count: number, make: (n: number) => string) =>
  Array.from({ length: count }, (_, n) => make(n)).join('');
const nested = (depth: number) => '<a>'.repeat(depth) + '</a>'.repeat(depth);
const SELECT = 'http://schemas.dmtf.org/wbem/cql/1/dsp0202.pdf';

interface Row {
  readonly what: string;
  readonly message: string;
  readonly status: number;
  readonly fault: string;
  readonly limits?: ServerOptions['limits'];
}

const ROWS: readonly Row[] = [
  {
    what: 'elements',
    message: within(repeat(200, () => '<a/>')),
    limits: { elements: 100 },
    status: 400,
    fault: 'ServiceEnvelopeLimit',
  },
  { what: 'depth', message: within(nested(80)), status: 400, fault: 'nested deeper than 64' },
  {
    what: 'attributes',
    message: within(`<a ${repeat(65, (n) => `a${n}="" `)}/>`),
    status: 400,
    fault: 'more than 64 attributes',
  },
  {
    what: 'body',
    message: within(' '.repeat(20_000)),
    limits: { body: 10_000 },
    status: 413,
    fault: 'too large',
  },
  {
    what: 'selectors',
    message: GET.replace(
      '<w:SelectorSet>',
      `<w:SelectorSet>${repeat(65, (n) => `<w:Selector Name="n${n}">x</w:Selector>`)}`,
    ),
    status: 400,
    fault: 'SelectorLimit',
  },
  {
    what: 'the text of a selector',
    message: GET.replace('no-smtp', 'x'.repeat(4097)),
    status: 400,
    fault: 'SelectorLimit',
  },
  {
    what: 'the name of a selector',
    message: GET.replace('Name="Name"', `Name="${'x'.repeat(4097)}"`),
    status: 400,
    fault: 'SelectorLimit',
  },
  {
    what: 'a value',
    message: within(`<a b="${'x'.repeat(65_537)}"/>`),
    status: 400,
    fault: 'an attribute with more than 65536',
  },
  {
    what: 'a text',
    message: within(`<a>${'x'.repeat(8 * 1024 * 1024 + 1)}</a>`),
    status: 400,
    fault: 'a text with more than 8388608',
  },
  {
    what: 'options',
    message: enumerate('', `<w:OptionSet>${repeat(257, (n) => `<w:Option Name="n${n}"/>`)}</w:OptionSet>`),
    status: 400,
    fault: 'OptionLimit',
  },
  {
    what: 'the filter of an enumeration',
    message: enumerate(
      `<w:Filter Dialect="${SELECT}">SELECT * FROM NWG_FilterList WHERE ${repeat(1000, () => 'Name = 1 AND ')} Name = 1</w:Filter>`,
    ),
    status: 400,
    fault: 'CannotProcessFilter',
  },
  {
    what: 'the envelope of the answer',
    message: enumerate(
      '<w:OptimizeEnumeration/><w:MaxElements>9</w:MaxElements>',
      '<w:MaxEnvelopeSize s:mustUnderstand="true">8</w:MaxEnvelopeSize>',
    ),
    status: 400,
    fault: 'EncodingLimit',
  },
];

const answersOn = async (server: Running) => expect((await post(server, GET)).status).toBe(200);

describe('limits of one request', () => {
  it.each(ROWS)('$what', async ({ message, status, fault, limits = {} }) => {
    const server = await run({ limits });
    const answer = await post(server, message);
    expect([answer.status, answer.text]).toEqual([status, expect.stringContaining(fault)]);
    await answersOn(server);
  });

  it('body of a stranger', async () => {
    const server = await run();
    const { status } = await post(
      server,
      within(' '.repeat(70_000)),
      { Authorization: '' },
      '/wsman-anon/identify',
    );
    expect(status).toBe(413);
    const marked = { Authorization: '', wsmanidentify: 'unauthenticated' };
    expect((await post(server, within(' '.repeat(70_000)), marked)).status).toBe(413);
    expect((await post(server, within(' '.repeat(70_000)))).status).toBe(200);
  });

  it('time', async () => {
    const server = await run({ limits: { read: 30 } });
    server.objects.pace = () => new Promise(() => undefined);
    const { status, text } = await post(server, enumerate('<w:OptimizeEnumeration/>'));
    expect([status, text]).toEqual([500, expect.stringContaining('wsman:TimedOut')]);
    await answersOn(server);
  });
});

describe('limits of one user', () => {
  it('open enumerations', async () => {
    const server = await run();
    const open = () => post(server, enumerate(''));
    for (let n = 0; n < 64; n += 1) expect((await open()).status).toBe(200);
    const { status, text } = await open();
    expect([status >= 400, text]).toEqual([true, expect.stringContaining('wsman:QuotaLimit')]);
    expect((await post(server, enumerate(''), { Authorization: basic('bob') })).status).toBe(200);
  });

  it('requests under way: the others are served, and there is room again afterwards', async () => {
    const server = await run({ limits: { flight: { perUser: 2 } } });
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let reached = 0;
    server.objects.pace = async () => {
      reached += 1;
      await held;
    };
    const slow = enumerate('<w:OptimizeEnumeration/>');
    const running: Promise<Answered>[] = [post(server, slow), post(server, slow)];
    await expect.poll(() => reached).toBe(2);
    const refused = await post(server, GET);
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1']);
    expect((await post(server, GET, { Authorization: basic('bob') })).status).toBe(200);
    release();
    expect((await Promise.all(running)).map(({ status }) => status)).toEqual([200, 200]);
    await answersOn(server);
  });
});
