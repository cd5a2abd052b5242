/** Parts of an instance over real HTTP. */
import { describe, expect, it } from 'vitest';
import { fail } from '../../src/model/errors.js';
import { bodyIn, faultIn } from './messages.js';
import { basic, CLASS, envelope, post, type Running, run, WSEN, WXF } from './running.js';

const KEYS = {
  SystemCreationClassName: 'NWG_HostSystem',
  SystemName: 'host1',
  CreationClassName: 'NWG_IPHeadersFilter',
  Name: 'no-smtp:1a2b',
};

interface Asked {
  readonly attributes?: string;
  readonly body?: string;
  readonly headers?: string;
}

function ask(
  server: Running,
  operation: string,
  path: string,
  { attributes = ' s:mustUnderstand="true"', body = '', headers = '' }: Asked = {},
) {
  const header = `<w:FragmentTransfer${attributes}>${path}</w:FragmentTransfer>${headers}`;
  const resource = `${CLASS}NWG_IPHeadersFilter`;
  return post(
    server,
    envelope({ action: `${WXF}/${operation}`, resource, selectors: KEYS, headers: header, body }),
  );
}

const wrapped = (content: string) => `<w:XmlFragment>${content}</w:XmlFragment>`;
const element = (name: string, value: string) =>
  `<p:${name} xmlns:p="${CLASS}NWG_IPHeadersFilter">${value}</p:${name}>`;
const plain = (text: string) => bodyIn(text).replaceAll(/ xmlns:\w+="[^"]*"/g, '');
const held = ({ objects }: Running, name: string) =>
  objects.instances.find(({ properties }) => properties.get('Name') === KEYS.Name)?.properties.get(name);

/** A server whose objects replace on modify, as the real ones do, and whose entry has an array. */
async function open(): Promise<Running> {
  const server = await run();
  const { objects } = server;
  const entry = objects.instances.find(({ properties }) => properties.get('Name') === KEYS.Name)!;
  (entry.properties as Map<string, unknown>).set('ConnectionStates', [1, 2]);
  objects.modify = async (path, written) => {
    const old = await objects.get(path);
    objects.instances.splice(objects.instances.indexOf(old), 1, written);
    return written;
  };
  return server;
}

describe('Get', () => {
  it.each([
    ['Action', '<p:Action>2</p:Action>'],
    ['p:Action', '<p:Action>2</p:Action>'],
    ['action', '<p:Action>2</p:Action>'],
    ['Action[1]', '<p:Action>2</p:Action>'],
    ['Action/text()', '2'],
    ['/NWG_IPHeadersFilter/Action', '<p:Action>2</p:Action>'],
    ['/CIM_FilterEntryBase/Name/text()', 'no-smtp:1a2b'],
    ['NWG_IPHeadersFilter/Action/text()', '2'],
    ['./Action', '<p:Action>2</p:Action>'],
    [
      'ConnectionStates',
      '<p:ConnectionStates>1</p:ConnectionStates><p:ConnectionStates>2</p:ConnectionStates>',
    ],
    ['ConnectionStates[2]/text()', '2'],
  ])('%s', async (path, expected) => {
    const { status, text } = await ask(await open(), 'Get', path);
    expect(status).toBe(200);
    expect(plain(text)).toBe(`<wsman:XmlFragment>${expected}</wsman:XmlFragment>`);
    expect(text).toContain(
      `<wsman:FragmentTransfer s:mustUnderstand="true">${path}</wsman:FragmentTransfer>`,
    );
  });

  it.each(['HdrDestAddress', 'ConnectionStates[3]', 'HdrDestAddress/text()'])('%s is nil', async (path) => {
    const { text } = await ask(await open(), 'Get', path);
    expect(plain(text)).toBe('<wsman:XmlFragment xsi:nil="true"/>');
  });

  it.each([
    ['Colour', {}, 'wxf:InvalidRepresentation InvalidFragment'],
    ['/NWG_ARPFilter/Action', {}, 'wxf:InvalidRepresentation InvalidFragment'],
    ['ConnectionStates/text()', {}, 'wxf:InvalidRepresentation InvalidFragment'],
    ['Action[0]', {}, 'wsman:CannotProcessFilter'],
    ['Action[x]', {}, 'wsman:CannotProcessFilter'],
    ['//Action', {}, 'wsman:CannotProcessFilter'],
    ['', {}, 'wsman:CannotProcessFilter'],
    ['Action', { attributes: '' }, 'wsa:InvalidMessageInformationHeader'],
    ['Action', { attributes: ' s:mustUnderstand="false"' }, 'wsa:InvalidMessageInformationHeader'],
    ['Action', { attributes: ' s:mustUnderstand="1" Dialect="urn:x"' }, 'wsman:FragmentDialectNotSupported'],
  ])('%s %j is refused', async (path, asked, fault) => {
    const { text } = await ask(await open(), 'Get', path, asked);
    expect(faultIn(text)).toBe(fault);
  });

  it.each([
    'http://www.w3.org/TR/1999/REC-xpath-19991116',
    'http://schemas.dmtf.org/wbem/wsman/1/wsman/xpath1',
  ])('knows the dialect %s', async (dialect) => {
    const asked = { attributes: ` s:mustUnderstand="1" Dialect="${dialect}"` };
    expect((await ask(await open(), 'Get', 'Action', asked)).status).toBe(200);
  });

  it('names the dialects there are', async () => {
    const asked = { attributes: ' s:mustUnderstand="1" Dialect="urn:x"' };
    const { text } = await ask(await open(), 'Get', 'Action', asked);
    expect(text.match(/<wsman:FragmentDialect>/g)).toHaveLength(3);
  });
});

describe('Put', () => {
  it.each<[path: string, content: string, property: string, expected: unknown]>([
    ['Action', element('Action', '1'), 'Action', 1],
    ['Action/text()', '3', 'Action', 3],
    ['Action', '4', 'Action', 4],
    ['ConnectionStates[2]', element('ConnectionStates', '3'), 'ConnectionStates', [1, 3]],
    ['ConnectionStates[1]/text()', '5', 'ConnectionStates', [5, 2]],
    [
      'ConnectionStates',
      element('ConnectionStates', '3') + element('ConnectionStates', '4'),
      'ConnectionStates',
      [3, 4],
    ],
    ['HdrDestAddress/text()', '10.0.0.1', 'HdrDestAddress', '10.0.0.1'],
  ])('%s %s', async (path, content, property, expected) => {
    const server = await open();
    const { status, text } = await ask(server, 'Put', path, { body: wrapped(content) });
    expect(status, text).toBe(200);
    expect(held(server, property)).toEqual(expected);
    expect(held(server, 'HdrSrcAddress')).toBe('10.1.2.0');
    expect(held(server, 'Description')).toBe('a < b & "c"');
    expect(text).toContain('<wsman:FragmentTransfer ');
    expect(plain(text)).toMatch(/^<wsman:XmlFragment>.+<\/wsman:XmlFragment>$/);
  });

  it('of nil takes the property away', async () => {
    const server = await open();
    const nil = '<w:XmlFragment xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:nil="true"/>';
    expect((await ask(server, 'Put', 'Description', { body: nil })).status).toBe(200);
    expect(held(server, 'Description')).toBeUndefined();
  });

  it.each([
    ['Action', wrapped(element('Direction', '1')), 'wxf:InvalidRepresentation InvalidFragment'],
    ['Action', '', 'wxf:InvalidRepresentation InvalidFragment'],
    ['Action', element('Action', '1'), 'wxf:InvalidRepresentation InvalidFragment'],
    ['Action', wrapped(`x${element('Action', '1')}`), 'wxf:InvalidRepresentation InvalidFragment'],
    ['Action/text()', wrapped(element('Action', '1')), 'wxf:InvalidRepresentation InvalidFragment'],
    ['ConnectionStates[3]', wrapped('1'), 'wxf:InvalidRepresentation InvalidFragment'],
    [
      'ConnectionStates[1]',
      wrapped(element('ConnectionStates', '1').repeat(2)),
      'wxf:InvalidRepresentation InvalidFragment',
    ],
    ['Action', wrapped('nonsense'), 'wxf:InvalidRepresentation InvalidValues'],
    ['Colour', wrapped('1'), 'wxf:InvalidRepresentation InvalidFragment'],
  ])('%s %s is refused and changes nothing', async (path, body, fault) => {
    const server = await open();
    const before = [...server.objects.instances];
    expect(faultIn((await ask(server, 'Put', path, { body })).text)).toBe(fault);
    expect(server.objects.instances).toEqual(before);
  });

  it('reads again when somebody else wrote in between, and gives up in the end', async () => {
    const server = await open();
    const { modify } = server.objects;
    let stale = 2;
    server.objects.modify = async (...args) => {
      if (stale-- > 0) throw fail('STALE', 'changed');
      return modify(...args);
    };
    expect((await ask(server, 'Put', 'Action', { body: wrapped('1') })).status).toBe(200);
    stale = 9;
    expect(faultIn((await ask(server, 'Put', 'Action', { body: wrapped('1') })).text)).toBe(
      'wsman:Concurrency',
    );
  });

  it('is for those who may write', async () => {
    const server = await run();
    const header = '<w:FragmentTransfer s:mustUnderstand="true">Action</w:FragmentTransfer>';
    const request = envelope({
      action: `${WXF}/Put`,
      resource: `${CLASS}NWG_IPHeadersFilter`,
      selectors: KEYS,
      headers: header,
      body: wrapped('1'),
    });
    expect(faultIn((await post(server, request, { Authorization: basic('bob') })).text)).toBe(
      'wsman:AccessDenied',
    );
  });
});

describe('Create and Delete', () => {
  it.each<[operation: string, path: string, body: string, property: string, expected: unknown]>([
    ['Create', 'HdrDestAddress', wrapped('10.0.0.1'), 'HdrDestAddress', '10.0.0.1'],
    ['Create', 'ConnectionStates', wrapped('3'), 'ConnectionStates', [1, 2, 3]],
    [
      'Create',
      'ConnectionStates[3]',
      wrapped(element('ConnectionStates', '3')),
      'ConnectionStates',
      [1, 2, 3],
    ],
    ['Delete', 'Description', '', 'Description', undefined],
    ['Delete', 'ConnectionStates[1]', '', 'ConnectionStates', [2]],
    ['Delete', 'ConnectionStates', '', 'ConnectionStates', undefined],
  ])('%s %s %s', async (operation, path, body, property, expected) => {
    const server = await open();
    const { status, text } = await ask(server, operation, path, { body });
    expect(status, text).toBe(200);
    expect(held(server, property)).toEqual(expected);
    expect(held(server, 'Action')).toBe(2);
    expect(text).toContain('<wsman:FragmentTransfer ');
    if (operation === 'Create') expect(text).toContain('<wxf:ResourceCreated');
    else expect(bodyIn(text)).toBe('');
  });

  it.each([
    ['Create', 'Action', wrapped('1'), 'wsman:AlreadyExists'],
    ['Create', 'ConnectionStates[1]', wrapped('1'), 'wsman:AlreadyExists'],
    ['Create', 'ConnectionStates[4]', wrapped('1'), 'wxf:InvalidRepresentation InvalidFragment'],
    ['Create', 'HdrSrcAddress', wrapped('10.0.0.1'), 'wsman:AlreadyExists'],
    ['Delete', 'HdrDestAddress', '', 'wxf:InvalidRepresentation InvalidFragment'],
    ['Delete', 'ConnectionStates[3]', '', 'wxf:InvalidRepresentation InvalidFragment'],
  ])('%s %s is refused', async (operation, path, body, fault) => {
    const server = await open();
    const before = [...server.objects.instances];
    expect(faultIn((await ask(server, operation, path, { body })).text)).toBe(fault);
    expect(server.objects.instances).toEqual(before);
  });

  it('answers the reference when asked', async () => {
    const headers = '<w:RequestEPR/>';
    const { text } = await ask(await open(), 'Delete', 'Description', { headers });
    expect(text).toMatch(/<wsman:RequestedEPR><wsa:EndpointReference>.*no-smtp:1a2b/s);
  });
});

it('other operations have no fragments', async () => {
  const headers = '<w:FragmentTransfer s:mustUnderstand="true">Name</w:FragmentTransfer>';
  const request = envelope({
    action: `${WSEN}/Enumerate`,
    resource: `${CLASS}NWG_FilterList`,
    headers,
    body: '<e:Enumerate/>',
  });
  expect(faultIn((await post(await run(), request)).text)).toBe(
    'wsman:UnsupportedFeature FragmentLevelAccess',
  );
});
