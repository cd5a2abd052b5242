/** The operations over real HTTP, where a golden message is not enough. */
import { describe, expect, it } from 'vitest';
import { fail } from '../../src/model/errors.js';
import { library } from './fake-objects.js';
import { basic, CLASS, envelope, LIST_KEYS, post, type Running, run, WSEN, WXF } from './running.js';

const DMTF = 'http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/';
const SERVICE = `${CLASS}NWG_FilterService`;
const OPTIMIZE = '<w:OptimizeEnumeration/>';

const enumerateOf = (inside: string, resource = `${CLASS}NWG_FilterList`, headers = '') =>
  envelope({ action: `${WSEN}/Enumerate`, resource, headers, body: `<e:Enumerate>${inside}</e:Enumerate>` });
const pullOf = (context: string, inside = '', headers = '') =>
  envelope({
    action: `${WSEN}/Pull`,
    resource: `${CLASS}NWG_FilterList`,
    headers,
    body: `<e:Pull><e:EnumerationContext>${context}</e:EnumerationContext>${inside}</e:Pull>`,
  });
const releaseOf = (context: string) =>
  envelope({
    action: `${WSEN}/Release`,
    resource: `${CLASS}NWG_FilterList`,
    body: `<e:Release><e:EnumerationContext>${context}</e:EnumerationContext></e:Release>`,
  });
const getOf = (selectors: Record<string, string>, resource = `${CLASS}NWG_FilterList`, headers = '') =>
  envelope({ action: `${WXF}/Get`, resource, selectors, headers });

const contextIn = (text: string) => /<wsen:EnumerationContext>([^<]+)</.exec(text)?.[1] ?? '';
const namesIn = (text: string) => [...text.matchAll(/<p:Name>([^<]*)</g)].map(([, name]) => name);
const faultIn = (text: string) => {
  const subcode = /<s:Subcode><s:Value>([^<]*)</.exec(text)?.[1] ?? '';
  return `${subcode} ${/<wsman:FaultDetail>[^<]*\/([^</]*)</.exec(text)?.[1] ?? ''}`.trim();
};

async function open(server: Running, inside = ''): Promise<string> {
  return contextIn((await post(server, enumerateOf(inside))).text);
}

/** Fills the library with many lists. */
function many(server: Running, count: number): void {
  const [list] = library();
  for (let i = 0; i < count; i += 1)
    server.objects.instances.push({
      ...list!,
      properties: new Map([...list!.properties, ['Name', `many-${i}`]]),
    });
}

describe('walking an enumeration', () => {
  it('delivers every instance once, in order, in batches of the size asked for', async () => {
    const server = await run();
    many(server, 7);
    let text = (await post(server, enumerateOf(`${OPTIMIZE}<w:MaxElements>4</w:MaxElements>`))).text;
    const batches = [namesIn(text)];
    for (let context = contextIn(text); context; context = contextIn(text)) {
      text = (await post(server, pullOf(context, '<e:MaxElements>4</e:MaxElements>'))).text;
      batches.push(namesIn(text));
    }
    expect(batches.map((batch) => batch.length)).toEqual([4, 4, 2]);
    expect(batches.flat().slice(0, 4)).toEqual(['no-smtp', 'no-mac-spoofing', 'clean-traffic', 'many-0']);
    expect(new Set(batches.flat()).size).toBe(10);
    expect(text).toContain('EndOfSequence');
  });

  it('says at once that the last batch is the last', async () => {
    const { text } = await post(await run(), enumerateOf(`${OPTIMIZE}<w:MaxElements>3</w:MaxElements>`));
    expect(namesIn(text)).toHaveLength(3);
    expect(text).toContain('<wsen:EnumerationContext/>');
  });

  it('ends an empty class at once', async () => {
    const { text } = await post(await run(), enumerateOf(OPTIMIZE, `${CLASS}NWG_STPFilter`));
    expect(text).toContain('<wsman:Items/><wsman:EndOfSequence>');
  });

  it('shrinks a batch to MaxEnvelopeSize', async () => {
    const server = await run();
    many(server, 50);
    const size = '<w:MaxEnvelopeSize s:mustUnderstand="true">8192</w:MaxEnvelopeSize>';
    let text = (
      await post(server, enumerateOf(`${OPTIMIZE}<w:MaxElements>100</w:MaxElements>`, undefined, size))
    ).text;
    const found = [...namesIn(text)];
    for (let context = contextIn(text); context; context = contextIn(text)) {
      expect(Buffer.byteLength(text)).toBeLessThanOrEqual(8192);
      expect(namesIn(text).length).toBeGreaterThan(1);
      text = (await post(server, pullOf(context, '<e:MaxElements>100</e:MaxElements>', size))).text;
      found.push(...namesIn(text));
    }
    expect(found).toHaveLength(53);
  });

  it('does not lose an item that is larger than the envelope: a larger one gets it', async () => {
    const server = await run();
    const [list] = library();
    const big = { ...list!, properties: new Map([...list!.properties, ['Description', 'x'.repeat(20_000)]]) };
    server.objects.instances.unshift(big);
    const context = await open(server);
    const small = '<w:MaxEnvelopeSize>8192</w:MaxEnvelopeSize>';
    const refused = await post(server, pullOf(context, '<e:MaxElements>9</e:MaxElements>', small));
    expect([refused.status, faultIn(refused.text)]).toEqual([
      400,
      'wsman:EncodingLimit MaxEnvelopeSizeExceeded',
    ]);
    const served = await post(server, pullOf(context, '<e:MaxElements>9</e:MaxElements>'));
    expect(namesIn(served.text)).toHaveLength(4);
  });

  it('counts MaxCharacters, but always brings an item', async () => {
    const server = await run();
    const { text } = await post(
      server,
      pullOf(await open(server), '<e:MaxElements>9</e:MaxElements><e:MaxCharacters>10</e:MaxCharacters>'),
    );
    expect(namesIn(text)).toHaveLength(1);
  });

  it('leaves out subclasses with polymorphism None', async () => {
    const none = '<b:PolymorphismMode>None</b:PolymorphismMode>';
    const server = await run();
    expect((await post(server, enumerateOf(OPTIMIZE + none, `${DMTF}CIM_FilterList`))).text).not.toContain(
      '<p:',
    );
    expect(namesIn((await post(server, enumerateOf(OPTIMIZE + none))).text)).toEqual(['no-smtp']);
  });

  it('filters by selectors, on values and references', async () => {
    const filter = (selectors: string) =>
      `${OPTIMIZE}<w:MaxElements>9</w:MaxElements><w:Filter Dialect="http://schemas.dmtf.org/wbem/wsman/1/wsman/SelectorFilter"><w:SelectorSet>${selectors}</w:SelectorSet></w:Filter>`;
    const server = await run();
    const named = await post(
      server,
      enumerateOf(filter('<w:Selector Name="name">clean-traffic</w:Selector>')),
    );
    expect(namesIn(named.text)).toEqual(['clean-traffic']);
    const port = await post(
      server,
      enumerateOf(
        filter('<w:Selector Name="HdrDestPortStart">25</w:Selector>'),
        `${DMTF}CIM_FilterEntryBase`,
      ),
    );
    expect(namesIn(port.text)).toEqual(['no-smtp:1a2b']);
    const epr = /<wsa:EndpointReference>.*?<\/wsa:EndpointReference>/.exec(
      (await post(server, enumerateOf(`${OPTIMIZE}<w:EnumerationMode>EnumerateEPR</w:EnumerationMode>`)))
        .text,
    )![0];
    const reference = epr.replaceAll('wsa:', 'a:').replaceAll('wsman:', 'w:');
    const members = await post(
      server,
      enumerateOf(
        filter(`<w:Selector Name="GroupComponent">${reference}</w:Selector>`),
        `${CLASS}NWG_EntriesInFilterList`,
      ),
    );
    expect(members.text).toContain('<p:RuleIndex>0</p:RuleIndex>');
    const nothing = await post(server, enumerateOf(filter('<w:Selector Name="Colour">red</w:Selector>')));
    expect(namesIn(nothing.text)).toEqual([]);
  });

  it('estimates the total where it knows it, else says that it does not', async () => {
    const ask = '<w:RequestTotalItemsCountEstimate/>';
    const server = await run();
    const all = await post(
      server,
      enumerateOf(`${OPTIMIZE}<w:MaxElements>9</w:MaxElements>`, undefined, ask),
    );
    expect(all.text).toContain('<wsman:TotalItemsCountEstimate>3</wsman:TotalItemsCountEstimate>');
    const some = await post(server, enumerateOf('', undefined, ask));
    expect(some.text).toContain('<wsman:TotalItemsCountEstimate xsi:nil="true"/>');
  });

  it.each([
    ['http://schemas.dmtf.org/wbem/wscim/1/*', '', 'wsman:UnsupportedFeature FilteringRequired'],
    [
      'http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/*',
      '<w:Filter Dialect="urn:x">y</w:Filter>',
      'wsen:FilterDialectRequestedUnavailable',
    ],
    [`${DMTF}CIM_Toaster`, '', 'wsa:DestinationUnreachable InvalidResourceURI'],
    [`${CLASS}NWG_FilterList`, '<e:Expires>2001-01-01T00:00:00Z</e:Expires>', 'wsen:InvalidExpirationTime'],
  ])('of %s is refused', async (resource, inside, fault) => {
    const { status, text } = await post(await run(), enumerateOf(inside, resource));
    expect([status, faultIn(text)]).toEqual([400, fault]);
  });
});

describe('contexts', () => {
  it('are gone after the end, after Release, and for inventions', async () => {
    const server = await run();
    const gone = async (context: string) => faultIn((await post(server, pullOf(context))).text);
    const ended = await open(server);
    await post(server, pullOf(ended, '<e:MaxElements>99</e:MaxElements>'));
    const released = await open(server);
    expect((await post(server, releaseOf(released))).status).toBe(200);
    expect(server.objects.abandoned).toBe(1);
    for (const context of [ended, released, 'uuid:invented', '__proto__'])
      expect(await gone(context)).toBe('wsen:InvalidEnumerationContext');
    expect((await post(server, releaseOf(released))).status).toBe(500);
  });

  it('belong to the user who opened them', async () => {
    const server = await run();
    const context = await open(server);
    const bob = { Authorization: basic('bob') };
    for (const message of [pullOf(context), releaseOf(context)]) {
      const { status, text } = await post(server, message, bob);
      expect([status, faultIn(text)]).toEqual([400, 'wsman:AccessDenied']);
    }
    expect(namesIn((await post(server, pullOf(context))).text)).toEqual(['no-smtp']);
  });

  it('take one Pull at a time', async () => {
    const server = await run();
    const context = await open(server);
    let go: () => void = () => undefined;
    let reached: () => void = () => undefined;
    const waiting = new Promise<void>((resolve) => {
      reached = resolve;
    });
    server.objects.pace = () => {
      reached();
      return new Promise((resolve) => {
        go = resolve;
      });
    };
    const first = post(server, pullOf(context, '<e:MaxElements>2</e:MaxElements>'));
    await waiting;
    expect(faultIn((await post(server, pullOf(context))).text)).toBe('wsman:Concurrency');
    server.objects.pace = async () => undefined;
    go();
    expect(namesIn((await first).text)).toEqual(['no-smtp', 'no-mac-spoofing']);
  });

  it('survive a Pull that ran out of time', async () => {
    const server = await run();
    let go: () => void = () => undefined;
    const context = await open(server);
    server.objects.pace = () =>
      new Promise((resolve) => {
        go = resolve;
      });
    await post(server, pullOf(context, '', '<w:OperationTimeout>PT0.05S</w:OperationTimeout>'));
    const late = await post(server, pullOf(context, '<e:MaxTime>PT0.05S</e:MaxTime>'));
    expect([late.status, faultIn(late.text)]).toEqual([500, 'wsman:TimedOut']);
    server.objects.pace = async () => undefined;
    go();
    const { text } = await post(server, pullOf(context, '<e:MaxElements>9</e:MaxElements>'));
    expect(namesIn(text)).toEqual(['no-mac-spoofing', 'clean-traffic']);
  });

  it('expire when left alone, and at the end of the life granted', async () => {
    let now = 1_000_000;
    const server = await run({ clock: () => now });
    const idle = await open(server);
    const short = await open(server, '<e:Expires>PT5S</e:Expires>');
    now += 6000;
    expect(faultIn((await post(server, pullOf(short))).text)).toBe('wsen:InvalidEnumerationContext');
    expect((await post(server, pullOf(idle))).status).toBe(200);
    now += 10 * 60_000;
    expect(faultIn((await post(server, pullOf(idle))).text)).toBe('wsen:InvalidEnumerationContext');
  });

  it('are bounded for each user', async () => {
    const server = await run();
    for (let i = 0; i < 64; i += 1) await open(server);
    const { status, text } = await post(server, enumerateOf(''));
    expect([status, faultIn(text)]).toEqual([400, 'wsman:QuotaLimit']);
    expect((await post(server, enumerateOf(''), { Authorization: basic('bob') })).status).toBe(200);
    expect(server.objects.abandoned).toBe(1);
  });

  it('end with the failure of what they read', async () => {
    const server = await run();
    const context = await open(server);
    server.objects.pace = () => Promise.reject(fail('DISK', 'the disk is gone'));
    const { status, text } = await post(server, pullOf(context));
    expect([status, faultIn(text)]).toEqual([500, 'wsman:InternalError']);
    expect(text).toContain('the disk is gone');
    expect(faultIn((await post(server, pullOf(context))).text)).toBe('wsen:InvalidEnumerationContext');
  });
});

describe('changes', () => {
  const created = (name: string, resource = `${CLASS}NWG_FilterList`) =>
    envelope({
      action: `${WXF}/Create`,
      resource,
      body: `<n:NWG_FilterList xmlns:n="${CLASS}NWG_FilterList">${Object.entries({ ...LIST_KEYS, Name: name })
        .map(([key, value]) => `<n:${key}>${value}</n:${key}>`)
        .join('')}</n:NWG_FilterList>`,
    });

  it('show, and a reference that Create answered finds the instance', async () => {
    const server = await run();
    const { text } = await post(server, created('mine'));
    const selectors = Object.fromEntries(
      [...text.matchAll(/<wsman:Selector Name="([^"]*)">([^<]*)</g)].map(([, name, value]) => [
        name!,
        value!,
      ]),
    );
    expect(namesIn((await post(server, getOf(selectors))).text)).toEqual(['mine']);
  });

  it('need more than a reader', async () => {
    const server = await run();
    const bob = { Authorization: basic('bob') };
    const { status, text } = await post(server, created('mine'), bob);
    expect([status, faultIn(text)]).toEqual([400, 'wsman:AccessDenied']);
    expect((await post(server, getOf(LIST_KEYS), bob)).status).toBe(200);
  });

  it('through a superclass take an instance of the subclass', async () => {
    expect((await post(await run(), created('mine', `${DMTF}CIM_FilterList`))).status).toBe(200);
  });

  it.each([
    ['another class', `<n:NWG_ARPFilter xmlns:n="${CLASS}NWG_ARPFilter"/>`, 'InvalidNamespace'],
    ['another namespace', '<n:NWG_FilterList xmlns:n="urn:x"/>', 'InvalidNamespace'],
    ['nothing', '', 'MissingValues'],
    ['two', '<a/><b/>', 'MissingValues'],
  ])('with %s in the body are refused', async (_, body, detail) => {
    const server = await run();
    const before = server.objects.instances.length;
    const message = envelope({ action: `${WXF}/Create`, resource: `${CLASS}NWG_FilterList`, body });
    const { status, text } = await post(server, message);
    expect([status, faultIn(text)]).toEqual([400, `wxf:InvalidRepresentation ${detail}`]);
    expect(server.objects.instances).toHaveLength(before);
  });

  it('say so when they were made but the answer is too large', async () => {
    const server = await run();
    server.objects.method = async () => ({ Rules: 'x'.repeat(9000), ReturnValue: 0 });
    const message = envelope({
      action: `${SERVICE}/CompileFilterList`,
      resource: SERVICE,
      headers: '<w:MaxEnvelopeSize s:mustUnderstand="true">8192</w:MaxEnvelopeSize>',
      body: `<n:CompileFilterList_INPUT xmlns:n="${SERVICE}"><n:FilterList>a</n:FilterList><n:Port>b</n:Port></n:CompileFilterList_INPUT>`,
    });
    expect(faultIn((await post(server, message)).text)).toBe('wsman:EncodingLimit UnreportableSuccess');
  });
});

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

describe('null properties', () => {
  it('are there, marked as such', async () => {
    const { text } = await post(await run(), getOf(LIST_KEYS));
    expect(text).toContain('<p:Description xsi:nil="true"/>');
    expect(text).toContain('xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"');
  });
});

describe('singletons', () => {
  it('need no selectors, others do', async () => {
    const server = await run();
    expect(namesIn((await post(server, getOf({}, SERVICE))).text)).toEqual(['nwgate']);
    expect(faultIn((await post(server, getOf({}))).text)).toBe(
      'wsman:InvalidSelectors InsufficientSelectors',
    );
  });
});

describe('encodings', () => {
  it('answers UTF-16 in UTF-16, of either order', async () => {
    const server = await run();
    const little = Buffer.from(`\ufeff${getOf(LIST_KEYS)}`, 'utf16le');
    for (const octets of [little, little.subarray(2), Buffer.from(little).swap16()]) {
      const response = await fetch(`${server.url}/wsman`, {
        method: 'POST',
        body: new Uint8Array(octets),
        headers: { Authorization: basic(), 'Content-Type': 'application/soap+xml;charset=utf-16' },
      });
      expect(response.headers.get('content-type')).toBe('application/soap+xml;charset=UTF-16');
      const answer = Buffer.from(await response.arrayBuffer());
      expect(answer.readUInt16LE(0)).toBe(0xfeff);
      expect(namesIn(answer.toString('utf16le'))).toEqual(['no-smtp']);
    }
  });

  it('reads Latin-1 by the Content-Type', async () => {
    const server = await run();
    const message = Buffer.from(getOf({ ...LIST_KEYS, Name: 'grün' }), 'latin1');
    const { text } = await post(server, message, { 'Content-Type': 'text/xml; charset="ISO-8859-1"' });
    expect(faultIn(text)).toBe('wsa:DestinationUnreachable');
  });

  it.each([
    ['an unknown charset', getOf(LIST_KEYS), 'application/soap+xml;charset=utf-7'],
    ['broken UTF-8', Buffer.from([0x3c, 0x61, 0xff, 0x2f, 0x3e]), 'application/soap+xml'],
    [
      'an unknown declared encoding',
      `<?xml version="1.0" encoding="EBCDIC"?>${getOf(LIST_KEYS)}`,
      'text/xml',
    ],
  ])('refuses %s', async (_, message, type) => {
    const { status, text } = await post(await run(), message, { 'Content-Type': type });
    expect([status, faultIn(text)]).toEqual([400, 'wsman:EncodingLimit CharacterSet']);
  });
});
