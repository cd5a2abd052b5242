/** How far a request may stray, and what the fault is where it strays too far. */
import { describe, expect, it } from 'vitest';
import { isIdentify, type Request, readAddressing, readRequest } from '../../src/wsman/envelope.js';
import { SoapFault } from '../../src/wsman/faults.js';
import { parseXml } from '../../src/xml/parse.js';

const S = 'http://www.w3.org/2003/05/soap-envelope';
const WSA = 'http://schemas.xmlsoap.org/ws/2004/08/addressing';
const WSA10 = 'http://www.w3.org/2005/08/addressing';
const W = 'http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd';
const GET = 'http://schemas.xmlsoap.org/ws/2004/09/transfer/Get';
const URI = 'http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_Fan';

const USUAL = {
  to: '<a:To>http://h/wsman</a:To>',
  action: `<a:Action>${GET}</a:Action>`,
  id: '<a:MessageID>uuid:1</a:MessageID>',
  reply: `<a:ReplyTo><a:Address>${WSA}/role/anonymous</a:Address></a:ReplyTo>`,
  uri: `<w:ResourceURI>${URI}</w:ResourceURI>`,
};

function wrap(headers: string, addressing = WSA): string {
  return `<s:Envelope xmlns:s="${S}" xmlns:a="${addressing}" xmlns:w="${W}"><s:Header>${headers}</s:Header><s:Body/></s:Envelope>`;
}

/** The usual headers, some changed, some left out, some added. */
function withHeaders(changed: Partial<Record<keyof typeof USUAL, string>>, more = ''): string {
  return wrap(Object.values({ ...USUAL, ...changed }).join('') + more);
}

function read(text: string): Request {
  const root = parseXml(text);
  return readRequest(root, readAddressing(root));
}

function faultOf(text: string): string {
  try {
    read(text);
  } catch (error) {
    if (error instanceof SoapFault) return `${error.fault} ${error.detail ?? ''}`.trim();
    throw error;
  }
  return 'no fault';
}

describe('what is tolerated', () => {
  it.each([
    ['any order', wrap(Object.values(USUAL).reverse().join(''))],
    ['a relative To', withHeaders({ to: '<a:To>/wsman</a:To>' })],
    ['no ReplyTo', withHeaders({ reply: '' })],
    [
      'ReplyTo marked mandatory inside',
      withHeaders({ reply: USUAL.reply.replace('<a:Address', '<a:Address s:mustUnderstand="true"') }),
    ],
    ['an unknown header that need not be understood', withHeaders({}, '<x:Y xmlns:x="urn:x"/>')],
    [
      'a mandatory header for another role',
      withHeaders({}, '<x:Y xmlns:x="urn:x" s:mustUnderstand="1" s:role="urn:else"/>'),
    ],
    ['the same unknown header twice', withHeaders({}, '<x:Y xmlns:x="urn:x"/><x:Y xmlns:x="urn:x"/>')],
    [
      'SOAP as default namespace',
      withHeaders({}).replace('xmlns:s=', 'xmlns=').replaceAll('<s:', '<').replaceAll('</s:', '</'),
    ],
    [
      'options that are only wishes',
      withHeaders(
        {},
        '<w:OptionSet><w:Option Name="xx:a" Type="xs:int">1</w:Option><w:Option Name="xx:a"/></w:OptionSet>',
      ),
    ],
    [
      'a locale that is only a wish',
      withHeaders({}, '<w:Locale xml:lang="de-DE" s:mustUnderstand="false"/>'),
    ],
    ['English demanded', withHeaders({}, '<w:Locale xml:lang="en-GB" s:mustUnderstand="true"/>')],
  ])('%s', (_, text) => {
    const request = read(text);
    expect(request.action).toBe(GET);
    expect(request.resourceUri).toBe(URI);
  });

  it('an integer as MessageID, kept as it came', () => {
    expect(read(withHeaders({ id: '<a:MessageID> 7 </a:MessageID>' })).addressing.messageId).toBe('7');
  });

  it('durations with fractions, sizes with a sign', () => {
    const request = read(
      withHeaders(
        {},
        '<w:OperationTimeout>PT60.000000S</w:OperationTimeout><w:MaxEnvelopeSize s:mustUnderstand="true">+153600</w:MaxEnvelopeSize>',
      ),
    );
    expect(request.operationTimeout).toBe(60_000);
    expect(request.maxEnvelopeSize).toEqual({ octets: 153_600, mandatory: true });
  });

  it('addressing of 2005 without To and ReplyTo', () => {
    const text = wrap(USUAL.action + USUAL.id + USUAL.uri, WSA10);
    expect(read(text).addressing.ns).toBe(WSA10);
  });
});

describe('what is refused', () => {
  const required = 'wsa:MessageInformationHeaderRequired';
  it.each([
    ['no To', withHeaders({ to: '' }), required],
    ['an empty To', withHeaders({ to: '<a:To> </a:To>' }), required],
    ['no Action', withHeaders({ action: '' }), required],
    ['no MessageID', withHeaders({ id: '' }), required],
    ['no ResourceURI', withHeaders({ uri: '' }), 'wsa:DestinationUnreachable InvalidResourceURI'],
    ['no header at all', `<s:Envelope xmlns:s="${S}"><s:Body/></s:Envelope>`, required],
    ['To twice', withHeaders({}, USUAL.to), 'wsa:InvalidMessageInformationHeader'],
    ['ResourceURI twice', withHeaders({}, USUAL.uri), 'wsa:InvalidMessageInformationHeader'],
    [
      'a mandatory header nobody knows',
      withHeaders({}, '<x:Y xmlns:x="urn:x" s:mustUnderstand=" true "/>'),
      's:MustUnderstand',
    ],
    [
      'an option without a name',
      withHeaders({}, '<w:OptionSet><w:Option>x</w:Option></w:OptionSet>'),
      'wsman:InvalidOptions InvalidName',
    ],
    [
      'replies elsewhere',
      withHeaders({ reply: '<a:ReplyTo><a:Address>http://x/</a:Address></a:ReplyTo>' }),
      'wsman:UnsupportedFeature AddressingMode',
    ],
    [
      'faults elsewhere',
      withHeaders({}, '<a:FaultTo><a:Address>http://x/</a:Address></a:FaultTo>'),
      'wsman:UnsupportedFeature AddressingMode',
    ],
    [
      'German demanded',
      withHeaders({}, '<w:Locale xml:lang="de" s:mustUnderstand="1"/>'),
      'wsman:UnsupportedFeature Locale',
    ],
    [
      'no duration',
      withHeaders({}, '<w:OperationTimeout>60</w:OperationTimeout>'),
      'wsman:SchemaValidationError',
    ],
    [
      'no time at all',
      withHeaders({}, '<w:OperationTimeout>PT0S</w:OperationTimeout>'),
      'wsman:UnsupportedFeature OperationTimeout',
    ],
    [
      'a tiny envelope',
      withHeaders({}, '<w:MaxEnvelopeSize>8191</w:MaxEnvelopeSize>'),
      'wsman:EncodingLimit MinimumEnvelopeLimit',
    ],
    [
      'a size that is none',
      withHeaders({}, '<w:MaxEnvelopeSize>big</w:MaxEnvelopeSize>'),
      'wsman:SchemaValidationError',
    ],
    [
      'a long URI',
      withHeaders({ uri: `<w:ResourceURI>${'u'.repeat(2049)}</w:ResourceURI>` }),
      'wsman:EncodingLimit URILimitExceeded',
    ],
    [
      'a selector twice',
      withHeaders(
        {},
        '<w:SelectorSet><w:Selector Name="a">1</w:Selector><w:Selector Name="A">2</w:Selector></w:SelectorSet>',
      ),
      'wsman:InvalidSelectors DuplicateSelectors',
    ],
    [
      'a selector without name',
      withHeaders({}, '<w:SelectorSet><w:Selector>1</w:Selector></w:SelectorSet>'),
      'wsman:InvalidSelectors InvalidValue',
    ],
    [
      'too many selectors',
      withHeaders(
        {},
        `<w:SelectorSet>${Array.from({ length: 65 }, (_, i) => `<w:Selector Name="k${i}"/>`).join('')}</w:SelectorSet>`,
      ),
      'wsman:EncodingLimit SelectorLimit',
    ],
    [
      'a fragment not marked mandatory',
      withHeaders({}, '<w:FragmentTransfer>Name</w:FragmentTransfer>'),
      'wsa:InvalidMessageInformationHeader',
    ],
    [
      'SOAP 1.1',
      withHeaders({}).replace(S, 'http://schemas.xmlsoap.org/soap/envelope/'),
      's:VersionMismatch',
    ],
    ['another document', '<filter/>', 'wsman:SchemaValidationError'],
    ['two bodies', withHeaders({}).replace('<s:Body/>', '<s:Body/><s:Body/>'), 'wsman:SchemaValidationError'],
    ['no body', withHeaders({}).replace('<s:Body/>', ''), 'wsman:SchemaValidationError'],
    [
      'body before header',
      `<s:Envelope xmlns:s="${S}"><s:Body/><s:Header/></s:Envelope>`,
      'wsman:SchemaValidationError',
    ],
  ])('%s', (_, text, fault) => {
    expect(faultOf(text)).toBe(fault);
  });
});

describe('Identify', () => {
  it('is known by its body alone', () => {
    const body = '<i:Identify xmlns:i="http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd"/>';
    expect(isIdentify(parseXml(`<s:Envelope xmlns:s="${S}"><s:Body>${body}</s:Body></s:Envelope>`))).toBe(
      true,
    );
    expect(isIdentify(parseXml(withHeaders({})))).toBe(false);
  });
});
