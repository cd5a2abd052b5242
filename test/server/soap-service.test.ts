/** The WSDL-described service, driven by node-soap's client and by hand. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BasicAuthSecurity, type Client, createClientAsync } from 'soap';
import { describe, expect, it } from 'vitest';
import type { PropertyRow } from '../../src/cim/rows.js';
import { classRow } from '../../src/cim/schema.js';
import { fail } from '../../src/model/errors.js';
import { attribute, type Element, elements } from '../../src/xml/element.js';
import { parseXml } from '../../src/xml/parse.js';
import { PASSWORDS, post, type Running, run } from './running.js';

const PATH = '/soap/filter-service';
const TNS = 'http://schemas.nwgate.org/wsdl/filter-service/1';
const S12 = 'http://www.w3.org/2003/05/soap-envelope';
const S11 = 'http://schemas.xmlsoap.org/soap/envelope/';

async function client({ url }: Running, soap12: boolean): Promise<Client> {
  const made = await createClientAsync(`${url}${PATH}?wsdl`, {
    forceSoap12Headers: soap12,
    preserveWhitespace: true,
    disableCache: true,
  });
  made.setSecurity(new BasicAuthSecurity('ann', PASSWORDS.ann!));
  return made;
}

const message = (inside: string, header = '', version = S12) =>
  `<e:Envelope xmlns:e="${version}" xmlns:t="${TNS}"><e:Header>${header}</e:Header><e:Body>${inside}</e:Body></e:Envelope>`;

describe('the WSDL', () => {
  it('is there for everybody and carries the address it was asked under', async () => {
    const { url } = await run();
    expect((await fetch(`${url}${PATH}?WSDL=1`)).status).toBe(404);
    const text = await (await fetch(`${url}${PATH}?wsdl`)).text();
    expect(text).toContain(`location="${url}${PATH}"`);
    expect(text).not.toContain('localhost:5985');
  });

  it('has the methods of NWG_FilterService with their parameters, and no others', () => {
    const root = parseXml(readFileSync(join(import.meta.dirname, '../../wsdl/filter-service.wsdl'), 'utf8'));
    const find = (parent: Element, local: string): Element[] =>
      elements(parent).flatMap((each) => [...(each.local === local ? [each] : []), ...find(each, local)]);
    const declared = elements(find(root, 'schema')[0]!).map((each) => ({
      name: attribute(each, 'name'),
      parts: elements(find(each, 'sequence')[0]!).map(
        (part) =>
          `${attribute(part, 'name')} ${attribute(part, 'type')} ${attribute(part, 'minOccurs') ?? '1'}-${attribute(part, 'maxOccurs') ?? '1'}`,
      ),
    }));
    const row = ({ name, type, array, required }: PropertyRow) =>
      `${name} xs:${type} ${required ? 1 : 0}-${array ? 'unbounded' : 1}`;
    const expected = (classRow('NWG_FilterService').methods ?? []).flatMap(({ name, input, output }) => [
      { name, parts: input.map(row) },
      { name: `${name}Response`, parts: [...output.map(row), 'ReturnValue xs:unsignedInt 1-1'] },
    ]);
    expect(declared).toEqual(expected);
    const operations = find(root, 'portType').flatMap((each) => find(each, 'operation'));
    expect(operations.map((each) => `${attribute(each, 'name')}`)).toEqual(
      (classRow('NWG_FilterService').methods ?? []).map(({ name }) => name),
    );
  });
});

describe.each([
  ['1.2', true],
  ['1.1', false],
])('a SOAP %s client', (_, soap12) => {
  it('calls a method with lists and text as it is', async () => {
    const server = await run();
    const document = ' <filter name="a&b">\n  </filter>\n';
    server.objects.method = async () => ({ Document: document, LeftOut: ['x', 'y'], ReturnValue: 0 });
    const [result] = await (await client(server, soap12)).ExportPolicyAsync({
      Names: ['a', ' b '],
      Format: 'native',
      WithReferences: true,
    });
    expect(result).toEqual({ Document: document, LeftOut: ['x', 'y'], ReturnValue: '0' });
    expect(server.objects.calls).toEqual([
      {
        method: 'ExportPolicy',
        parameters: new Map<string, unknown>([
          ['Names', ['a', ' b ']],
          ['Format', 'native'],
          ['WithReferences', true],
        ]),
        by: { name: 'ann', role: 'admin', from: '127.0.0.1' },
      },
    ]);
  });

  it('learns code and message of an error', async () => {
    const server = await run();
    server.objects.method = () => Promise.reject(fail('IN_USE', 'tap0 < still used'));
    const call = (await client(server, soap12)).RemoveFilterListAsync({ Port: 'tap0' });
    const error = await call.then(
      () => undefined,
      (reason: { response: { status: number; data: string } }) => reason.response,
    );
    expect(error?.status).toBe(soap12 ? 400 : 500);
    expect(error?.data).toContain('tap0 &lt; still used');
    expect(error?.data).toContain('<nwg:ErrorCode>IN_USE</nwg:ErrorCode>');
  });
});

describe('messages by hand', () => {
  it('answer in the version and type of the request', async () => {
    const server = await run();
    const call = '<t:RemoveFilterList><t:Port>tap0</t:Port></t:RemoveFilterList>';
    const new12 = await post(server, message(call), {}, PATH);
    expect(new12.headers.get('content-type')).toBe('application/soap+xml;charset=UTF-8');
    expect(new12.text).toContain(S12);
    const old11 = await post(server, message(call, '', S11), { 'Content-Type': 'text/xml' }, PATH);
    expect(old11.headers.get('content-type')).toBe('text/xml;charset=UTF-8');
    expect(old11.text).toContain(S11);
    expect([new12.status, old11.status]).toEqual([200, 200]);
  });

  it.each([
    ['no operation of ours', message('<t:Explode/>'), 'METHOD_NOT_FOUND'],
    ['an operation in another namespace', message('<RemoveFilterList/>'), 'METHOD_NOT_FOUND'],
    [
      'an unknown parameter',
      message('<t:VerifyHost><t:Colour>red</t:Colour></t:VerifyHost>'),
      'CIM_PARAMETER',
    ],
    ['a wrong type', message('<t:VerifyHost><t:Repair>maybe</t:Repair></t:VerifyHost>'), 'CIM_PARAMETER'],
    ['no body', message(''), 'USAGE'],
    ['two bodies', message('<t:VerifyHost/></e:Body><e:Body><t:VerifyHost/>'), 'USAGE'],
    ['an envelope beside the body', message('<t:VerifyHost/></e:Body><e:Envelope/><e:Body>'), 'USAGE'],
    ['two calls', message('<t:VerifyHost/><t:VerifyHost/>'), 'USAGE'],
    ['a mandatory header', message('<t:VerifyHost/>', '<x e:mustUnderstand="1"/>'), 'USAGE'],
    ['no envelope', '<filter/>', 'USAGE'],
    ['a DTD', `<!DOCTYPE a>${message('<t:VerifyHost/>')}`, 'XML_FORBIDDEN'],
    ['no XML', 'hello', 'XML_MALFORMED'],
    ['nothing', '', 'XML_MALFORMED'],
  ])("%s is the sender's fault", async (_, text, code) => {
    const server = await run();
    const answer = await post(server, text, {}, PATH);
    expect(answer.status).toBe(400);
    expect(answer.text).toContain(`<nwg:ErrorCode>${code}</nwg:ErrorCode>`);
    expect(parseXml(answer.text).ns).toBe(S12);
    expect(server.objects.calls).toEqual([]);
  });

  it('a parameter may hold XML, whatever its elements are called', async () => {
    const server = await run();
    const document = '<t:Document><constructor><toString/></constructor></t:Document>';
    const answer = await post(server, message(`<t:ImportPolicy>${document}</t:ImportPolicy>`), {}, PATH);
    expect(answer.status).toBe(200);
    expect(server.objects.calls[0]?.parameters.get('Document')).toContain('<constructor>');
  });

  it('a call that never ends, and an answer that XML cannot carry, are faults', async () => {
    const server = await run({ limits: { change: 50 } });
    server.objects.method = () => new Promise(() => undefined);
    expect((await post(server, message('<t:VerifyHost/>'), {}, PATH)).status).toBe(500);
    server.objects.method = async () => ({ Differences: ['bell \u0007'], ReturnValue: 0 });
    const { status, text } = await post(server, message('<t:VerifyHost/>'), {}, PATH);
    expect(status).toBe(400);
    expect(text).toContain('<nwg:ErrorCode>CHARACTER</nwg:ErrorCode>');
  });

  it('what fails unforeseen is ours, and says nothing of our inside', async () => {
    const server = await run();
    server.objects.method = () => Promise.reject(new TypeError('secret'));
    const { status, text } = await post(server, message('<t:VerifyHost/>'), {}, PATH);
    expect(status).toBe(500);
    expect(text).toContain('<s:Value>s:Receiver</s:Value>');
    expect(text).not.toContain('secret');
    expect(server.errors).toHaveLength(1);
  });
});
