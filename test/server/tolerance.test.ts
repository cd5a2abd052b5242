/** What real clients send, as they send it: each test is a habit of one of them. */
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { bodyIn, faultIn } from './messages.js';
import { basic, CLASS, envelope, LIST_KEYS, post, type Running, run, WSEN, WXF } from './running.js';

const DMTF = 'http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/';
const LISTS = `${CLASS}NWG_FilterList`;
const GET = envelope({ action: `${WXF}/Get`, resource: LISTS, selectors: LIST_KEYS });
const OPTIMIZE = '<w:OptimizeEnumeration/>';

const getWith = (headers: string) =>
  envelope({ action: `${WXF}/Get`, resource: LISTS, selectors: LIST_KEYS, headers });
const enumerate = (inside: string, resource = LISTS, headers = '') =>
  envelope({ action: `${WSEN}/Enumerate`, resource, headers, body: `<e:Enumerate>${inside}</e:Enumerate>` });
const pull = (text: string, inside = '', resource = LISTS) => {
  const context = `<e:EnumerationContext>${contextIn(text)}</e:EnumerationContext>`;
  return envelope({ action: `${WSEN}/Pull`, resource, body: `<e:Pull>${context}${inside}</e:Pull>` });
};
const contextIn = (text: string) => /<wsen:EnumerationContext>([^<]+)</.exec(text)?.[1] ?? '';
const namesIn = (text: string) => [...text.matchAll(/<p:Name>([^<]*)</g)].map(([, name]) => name);

/** Speaks HTTP by hand: each step is sent once the answer so far holds what it waits for. */
function dialogue(
  server: Running,
  ...steps: readonly (readonly [send: string, until: RegExp])[]
): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(server.server.port, '127.0.0.1');
    let answer = '';
    let at = 0;
    const go = () => {
      const [, until] = steps[at - 1] ?? [];
      if (until && !until.test(answer)) return;
      const next = steps[at];
      if (!next) return socket.end(() => resolve(answer));
      at += 1;
      socket.write(next[0]);
    };
    socket.on('connect', go);
    socket.on('data', (chunk) => {
      answer += chunk.toString('utf8');
      go();
    });
    socket.on('error', reject);
  });
}

const head = (...lines: readonly string[]) =>
  `${['POST /wsman HTTP/1.1', 'Host: x', `Authorization: ${basic()}`, 'Content-Type: application/soap+xml', ...lines].join('\r\n')}\r\n\r\n`;
const length = (text: string) => `Content-Length: ${Buffer.byteLength(text)}`;
const END = /<\/s:Envelope>/;

describe('HTTP', () => {
  it('with Expect: 100-continue is told to go on (libcurl)', async () => {
    const answer = await dialogue(
      await run(),
      [head('Expect: 100-continue', length(GET)), /^HTTP\/1\.1 100 /],
      [GET, END],
    );
    expect(answer).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK\r\n/);
  });

  it('takes a body in chunks', async () => {
    const chunk = (text: string) => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
    const body = `${chunk(GET.slice(0, 100))}${chunk(GET.slice(100))}0\r\n\r\n`;
    const answer = await dialogue(await run(), [head('Transfer-Encoding: chunked') + body, END]);
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK/);
  });

  it('keeps the connection, and answers with a length and without XML declaration (WinRM)', async () => {
    const answer = await dialogue(
      await run(),
      [head(length(GET)) + GET, END],
      [head(length(GET)) + GET, /(<\/s:Envelope>.*){2}/s],
    );
    expect(answer.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(2);
    expect(answer.match(/Content-Length: \d+/g)).toHaveLength(2);
    expect(answer).not.toContain('<?xml');
    expect(answer).not.toContain('\ufeff');
  });

  it('with an empty body is no message, and nothing worse (the probe of WinRM)', async () => {
    const { status, text } = await post(await run(), '');
    expect([status, faultIn(text)]).toEqual([400, 'wsman:SchemaValidationError']);
  });

  it('may say SOAPAction and a User-Agent', async () => {
    const headers = { SOAPAction: `"${WXF}/Get"`, 'User-Agent': 'Microsoft WinRM Client' };
    expect((await post(await run(), GET, headers)).status).toBe(200);
  });

  it('in UTF-16 is answered in UTF-16 (winrm.cmd)', async () => {
    const headers = { 'Content-Type': 'application/soap+xml;charset=UTF-16' };
    const answer = await post(await run(), Buffer.from(`\ufeff${GET}`, 'utf16le'), headers);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([
      200,
      'application/soap+xml;charset=UTF-16',
    ]);
    expect(namesIn(answer.text)).toEqual(['no-smtp']);
  });

  it('with octets that are no UTF-8 is refused', async () => {
    const broken = Buffer.from(GET.replace('no-smtp', 'no-sm\u00ff'), 'latin1');
    expect(faultIn((await post(await run(), broken)).text)).toBe('wsman:EncodingLimit CharacterSet');
  });
});

describe('headers', () => {
  it('are all marked mustUnderstand, and durations have fractions (openwsman)', async () => {
    const marked = GET.replace('<a:To>', '<a:To s:mustUnderstand="true">')
      .replace('<a:MessageID>', '<a:MessageID s:mustUnderstand="true">')
      .replace(
        '</s:Header>',
        '<w:OperationTimeout>PT60.000000S</w:OperationTimeout><w:Locale xml:lang="de" s:mustUnderstand="false"/></s:Header>',
      );
    expect((await post(await run(), marked)).status).toBe(200);
  });

  it('mark the address inside ReplyTo, and the envelope size (WinRM)', async () => {
    const marked = GET.replace('<a:Address>', '<a:Address s:mustUnderstand="true">');
    const sized = marked.replace(
      '</s:Header>',
      '<w:MaxEnvelopeSize s:mustUnderstand="true">153600</w:MaxEnvelopeSize></s:Header>',
    );
    expect((await post(await run(), sized)).status).toBe(200);
  });

  it('of Microsoft are passed over (PowerShell)', async () => {
    const p = 'xmlns:p="http://schemas.microsoft.com/wbem/wsman/1/wsman.xsd" s:mustUnderstand="false"';
    const headers = `<p:DataLocale ${p} xml:lang="en-US"/><p:SessionId ${p}>uuid:1</p:SessionId><p:OperationID ${p}>uuid:2</p:OperationID><p:SequenceId ${p}>1</p:SequenceId>`;
    expect((await post(await run(), getWith(headers))).status).toBe(200);
  });

  it.each(['', ' s:mustUnderstand="true"'])(
    'hold options of one name, with prefixes that are bound to nothing (PowerShell)%s',
    async (mark) => {
      const option =
        '<w:Option Name="wmiarray:__MI_OPERATIONOPTIONS_CHANNELVALUE" Type="xs:int">1</w:Option>';
      const headers = `<w:OptionSet${mark}>${option.repeat(3)}<w:Option Name="msftwinrm:UsePreciseArrays" Type="xs:boolean">true</w:Option></w:OptionSet>`;
      expect((await post(await run(), getWith(headers))).status).toBe(200);
    },
  );

  it('have a relative To and a small MessageID, time and again (AMT consoles)', async () => {
    const server = await run();
    const amt = GET.replace('http://h:5985/wsman', '/wsman')
      .replace('uuid:1<', '7<')
      .replaceAll(' s:mustUnderstand="true"', '');
    for (const _ of [1, 2]) {
      const { status, text } = await post(server, amt);
      expect([status, /<wsa:RelatesTo>(.*?)</.exec(text)?.[1]]).toEqual([200, '7']);
    }
  });

  it('say 1 and 0 for true and false, and come in any order', async () => {
    const turned = GET.replace(
      /(<a:Action.*?<\/a:Action>)(<a:MessageID>.*?<\/a:MessageID>)/s,
      '$2$1',
    ).replaceAll('"true"', '"1"');
    expect(turned).not.toBe(GET);
    expect((await post(await run(), turned)).status).toBe(200);
  });

  it('may lack ReplyTo', async () => {
    expect((await post(await run(), GET.replace(/<a:ReplyTo>.*?<\/a:ReplyTo>/s, ''))).status).toBe(200);
  });
});

describe('options', () => {
  it('ShowExtensions has an empty value and marks the keys (openwsman)', async () => {
    const { text } = await post(
      await run(),
      getWith('<w:OptionSet><w:Option Name="ShowExtensions"/></w:OptionSet>'),
    );
    expect(text).toContain('<p:Name cim:Key="true">no-smtp</p:Name>');
    expect(text).not.toMatch(/<p:Chain [^>]*cim:Key/);
  });

  it('ExcludeNilProperties leaves null properties out (openwsman)', async () => {
    const server = await run();
    expect((await post(server, GET)).text).toContain('xsi:nil');
    const option = '<w:OptionSet><w:Option Name="ExcludeNilProperties">true</w:Option></w:OptionSet>';
    expect((await post(server, getWith(option))).text).not.toContain('xsi:nil');
  });

  it.each([
    ['<w:Option Name="Nonsense" MustComply="true"/>', 'wsman:InvalidOptions NotSupported'],
    ['<w:Option Name="IncludePath" MustComply="true"/>', ''],
    [
      '<w:Option Name="ShowExtensions" MustComply="true">perhaps</w:Option>',
      'wsman:InvalidOptions InvalidValue',
    ],
    ['<w:Option/>', 'wsman:InvalidOptions InvalidName'],
    ['<w:Option Name="x"/>'.repeat(300), 'wsman:EncodingLimit OptionLimit'],
  ])('%.60s: %s', async (option, fault) => {
    expect(faultIn((await post(await run(), getWith(`<w:OptionSet>${option}</w:OptionSet>`))).text)).toBe(
      fault,
    );
  });
});

describe('enumerations', () => {
  it('ignore MaxElements where they are not optimised, and answer no items (openwsman)', async () => {
    const { text } = await post(await run(), enumerate('<w:MaxElements>2</w:MaxElements>'));
    expect(contextIn(text)).not.toBe('');
    expect(text).not.toContain('Items');
  });

  it('end without a context to go on with (openwsman loops while there is one)', async () => {
    const server = await run();
    const first = await post(server, enumerate(''));
    const { text } = await post(server, pull(first.text, '<e:MaxElements>9</e:MaxElements>'));
    expect(text).toContain('<wsen:EndOfSequence></wsen:EndOfSequence>');
    expect(text).not.toContain('EnumerationContext');
  });

  it('are pulled with wsman:MaxElements, in the batch elements of each operation (dracclient)', async () => {
    const server = await run();
    const first = await post(server, enumerate(`${OPTIMIZE}<w:MaxElements>1</w:MaxElements>`));
    expect(bodyIn(first.text)).toContain('<wsman:Items>');
    const second = await post(server, pull(first.text, '<w:MaxElements>100</w:MaxElements>'));
    expect(namesIn(second.text)).toHaveLength(2);
    expect(bodyIn(second.text)).toContain('<wsen:Items>');
  });

  it('are pulled without MaxElements, or with 999 and MaxCharacters (AMT consoles)', async () => {
    const server = await run();
    const first = await post(server, enumerate(''));
    const second = await post(server, pull(first.text));
    expect(namesIn(second.text)).toHaveLength(1);
    const rest = '<e:MaxElements>999</e:MaxElements><e:MaxCharacters>99999</e:MaxCharacters>';
    expect(namesIn((await post(server, pull(second.text, rest))).text)).toHaveLength(2);
  });

  it('are pulled under another ResourceURI (climbe)', async () => {
    const server = await run();
    const first = await post(server, enumerate(''));
    expect((await post(server, pull(first.text, '', `${DMTF}CIM_ManagedElement`))).status).toBe(200);
  });

  it('of a base class give the subclass (VMware scripts)', async () => {
    const { text } = await post(
      await run(),
      enumerate(`${OPTIMIZE}<w:MaxElements>9</w:MaxElements>`, `${DMTF}CIM_FilterList`),
    );
    expect(text.match(/<p:NWG_FilterList /g)).toHaveLength(3);
  });

  it('take 32000 items with references, through an object named by namespace and keys alone (PowerShell)', async () => {
    const filter = `<w:Filter Dialect="http://schemas.dmtf.org/wbem/wsman/1/cimbinding/associationFilter"><b:AssociatedInstances><b:Object><a:Address>urn:x</a:Address><a:ReferenceParameters>
<w:ResourceURI>${DMTF}NWG_FilterList</w:ResourceURI><w:SelectorSet><w:Selector Name="__cimnamespace">root/nwgate</w:Selector><w:Selector Name="Name">no-smtp</w:Selector></w:SelectorSet></a:ReferenceParameters></b:Object></b:AssociatedInstances></w:Filter>`;
    const inside = `${OPTIMIZE}<w:MaxElements>32000</w:MaxElements><w:EnumerationMode>EnumerateObjectAndEPR</w:EnumerationMode>${filter}`;
    const { text } = await post(await run(), enumerate(inside, 'http://schemas.dmtf.org/wbem/wscim/1/*'));
    expect(text).toMatch(/<wsman:Item><p:NWG_IPHeadersFilter .*<wsa:EndpointReference>/s);
  });

  it('give references that name their objects (PowerShell changes and removes through them)', async () => {
    const server = await run();
    const inside = `${OPTIMIZE}<w:MaxElements>9</w:MaxElements><w:EnumerationMode>EnumerateEPR</w:EnumerationMode>`;
    const { text } = await post(server, enumerate(inside));
    const [reference = ''] = /<wsman:ResourceURI>.*?<\/wsman:SelectorSet>/s.exec(text) ?? [];
    const named = reference.replaceAll('wsman:', 'w:');
    const request = envelope({ action: `${WXF}/Get`, headers: named });
    expect(namesIn((await post(server, request)).text)).toEqual(['no-smtp']);
  });
});

describe('resources and bodies', () => {
  it('have a namespace in front of the class (Dell scripts)', async () => {
    const request = envelope({
      action: `${WXF}/Get`,
      resource: `${DMTF}root/nwgate/NWG_FilterList`,
      selectors: LIST_KEYS,
    });
    expect((await post(await run(), request)).status).toBe(200);
  });

  it.each(['root\\nwgate', '/root/nwgate', 'ROOT/NWGATE'])('spell the namespace %s', async (name) => {
    const selectors = { ...LIST_KEYS, __cimnamespace: name };
    const request = envelope({ action: `${WXF}/Get`, resource: LISTS, selectors });
    expect((await post(await run(), request)).status).toBe(200);
  });

  it('are put back as they were read (openwsman)', async () => {
    const server = await run();
    const { text } = await post(server, GET);
    const put = envelope({ action: `${WXF}/Put`, resource: LISTS, selectors: LIST_KEYS, body: bodyIn(text) });
    const declared = put.replace(
      '<p:NWG_FilterList ',
      '<p:NWG_FilterList xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" ',
    );
    const answer = await post(server, text.includes('xmlns:xsi') ? put : declared);
    expect(answer.status, answer.text).toBe(200);
  });

  it('have an empty body for a method without parameters (openwsman)', async () => {
    const request = envelope({
      action: `${CLASS}NWG_FilterService/VerifyHost`,
      resource: `${CLASS}NWG_FilterService`,
    });
    expect((await post(await run(), request)).status).toBe(200);
  });

  it('answer how a written object is called, or that nothing is (RequestEPR)', async () => {
    const server = await run();
    const header = '<w:RequestEPR/>';
    const answers = await Promise.all([
      post(server, getWith(header)),
      post(server, enumerate('', LISTS, header)),
      post(
        server,
        envelope({
          action: `${CLASS}NWG_FilterService/VerifyHost`,
          resource: `${CLASS}NWG_FilterService`,
          headers: header,
        }),
      ),
    ]);
    expect(answers.map(({ text }) => /<wsman:RequestedEPR><(\S+?)[ />]/.exec(text)?.[1])).toEqual([
      'wsa:EndpointReference',
      'wsman:EPRUnknown',
      'wsa:EndpointReference',
    ]);
    const remove = envelope({
      action: `${WXF}/Delete`,
      resource: LISTS,
      selectors: LIST_KEYS,
      headers: header,
    });
    expect((await post(server, remove)).text).toContain('<wsman:RequestedEPR><wsman:EPRInvalid/>');
  });
});
