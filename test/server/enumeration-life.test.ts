/** How long enumerations live, and what they hold while they do. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { library } from './fake-objects.js';
import { bodyIn, faultIn } from './messages.js';
import { basic, CLASS, envelope, post, type Running, run, WSEN } from './running.js';

const resource = `${CLASS}NWG_FilterList`;
const ask = (
  server: Running,
  operation: string,
  inside: string,
  more: { headers?: string; user?: string } = {},
) => {
  const { headers = '', user = 'ann' } = more;
  const body = `<e:${operation}>${inside}</e:${operation}>`;
  return post(server, envelope({ action: `${WSEN}/${operation}`, resource, headers, body }), {
    Authorization: basic(user),
  });
};
const about = (context: string) => `<e:EnumerationContext>${context}</e:EnumerationContext>`;
const contextIn = (text: string) => /<wsen:EnumerationContext>([^<]+)</.exec(text)?.[1] ?? '';
const expiresIn = (text: string) => /<wsen:Expires>([^<]+)</.exec(text)?.[1];

describe('the life of an enumeration', () => {
  it('is told, and renewed', async () => {
    let now = Date.UTC(2030, 0, 1);
    const server = await run({ clock: () => now });
    const opened = await ask(server, 'Enumerate', '<e:Expires>PT60S</e:Expires>');
    const context = contextIn(opened.text);
    expect(expiresIn(opened.text)).toBe('PT1M');
    now += 20_000;
    expect(bodyIn((await ask(server, 'GetStatus', about(context))).text)).toBe(
      `<wsen:GetStatusResponse xmlns:wsen="${WSEN}"><wsen:Expires>PT40S</wsen:Expires></wsen:GetStatusResponse>`,
    );
    const renewed = await ask(server, 'Renew', `${about(context)}<e:Expires>PT5M</e:Expires>`);
    expect(renewed.text).toContain(`<wsa:Action>${WSEN}/RenewResponse</wsa:Action>`);
    expect([expiresIn(renewed.text), contextIn(renewed.text)]).toEqual(['PT5M', context]);
    now += 200_000;
    expect(expiresIn((await ask(server, 'GetStatus', about(context))).text)).toBe('PT1M40S');
    now += 100_001;
    expect(faultIn((await ask(server, 'Pull', about(context))).text)).toBe('wsen:InvalidEnumerationContext');
  });

  it('ends at a moment, is an hour at most, and ten minutes where nothing is said', async () => {
    const now = Date.UTC(2030, 0, 1);
    const server = await run({ clock: () => now });
    const of = async (inside: string) => expiresIn((await ask(server, 'Enumerate', inside)).text);
    expect(await of('<e:Expires>2030-01-01T00:00:30Z</e:Expires>')).toBe('PT30S');
    expect(await of('<e:Expires>P9D</e:Expires>')).toBe('PT1H');
    expect(await of('')).toBe('PT10M');
  });

  it.each([
    ['Enumerate', '<e:Expires>PT0S</e:Expires>', 'wsen:InvalidExpirationTime'],
    ['Enumerate', '<e:Expires>2001-01-01T00:00:00Z</e:Expires>', 'wsen:InvalidExpirationTime'],
    ['Enumerate', '<e:Expires>soon</e:Expires>', 'wsen:InvalidExpirationTime'],
    ['Enumerate', '<e:EndTo/>', 'wsman:UnsupportedFeature AddressingMode'],
    ['Renew', about('uuid:0'), 'wsen:InvalidEnumerationContext'],
    ['GetStatus', about('uuid:0'), 'wsen:InvalidEnumerationContext'],
    ['Renew', '', 'wsman:SchemaValidationError'],
    ['GetStatus', '', 'wsman:SchemaValidationError'],
    ['Pull', `${about('uuid:0')}<e:MaxTime>PT0S</e:MaxTime>`, 'wsman:SchemaValidationError'],
    ['Pull', `${about('uuid:0')}<e:MaxElements>0</e:MaxElements>`, 'wsman:SchemaValidationError'],
  ])('%s %s is refused', async (operation, inside, fault) => {
    expect(faultIn((await ask(await run(), operation, inside)).text)).toBe(fault);
  });

  it('is nobody else’s affair', async () => {
    const server = await run();
    const context = contextIn((await ask(server, 'Enumerate', '')).text);
    for (const operation of ['GetStatus', 'Renew'])
      expect(faultIn((await ask(server, operation, about(context), { user: 'bob' })).text)).toBe(
        'wsman:AccessDenied',
      );
    expect(faultIn((await ask(server, 'Renew', `${about(context)}<e:Expires>x</e:Expires>`)).text)).toBe(
      'wsen:InvalidExpirationTime',
    );
  });

  it('waits no longer than MaxTime, and goes on afterwards', async () => {
    const server = await run();
    let open: () => void = () => undefined;
    const context = contextIn((await ask(server, 'Enumerate', '')).text);
    server.objects.pace = () => new Promise((resolve) => (open = resolve));
    const first = await ask(server, 'Pull', `${about(context)}<e:MaxTime>PT0.05S</e:MaxTime>`);
    expect(first.text).toContain('<p:Name>no-smtp</p:Name>');
    expect(faultIn((await ask(server, 'Pull', `${about(context)}<e:MaxTime>PT0.05S</e:MaxTime>`)).text)).toBe(
      'wsman:TimedOut',
    );
    server.objects.pace = async () => undefined;
    open();
    expect((await ask(server, 'Pull', `${about(context)}<e:MaxElements>9</e:MaxElements>`)).text).toContain(
      'EndOfSequence',
    );
  });
});

describe('the number of items', () => {
  const headers = '<w:RequestTotalItemsCountEstimate/>';
  const totalIn = (text: string) => /<wsman:TotalItemsCountEstimate([^>]*>[^<]*)/.exec(text)?.[1];

  it('is in every answer that was asked for it: nil until it is known', async () => {
    const server = await run();
    const first = await ask(server, 'Enumerate', '', { headers });
    const inside = about(contextIn(first.text));
    const second = await ask(server, 'Pull', inside, { headers });
    const last = await ask(server, 'Pull', `${inside}<e:MaxElements>9</e:MaxElements>`, { headers });
    expect([first, second, last].map(({ text }) => totalIn(text)?.replace(/.*nil="true"\/>/, 'nil'))).toEqual(
      ['nil', 'nil', '>3'],
    );
    expect((await ask(server, 'Enumerate', '')).text).not.toContain('TotalItems');
  });
});

describe('a hundred thousand items', () => {
  const COUNT = 100_000;

  /** Makes instances as they are taken, and counts them. */
  function endless(server: Running): { made: number } {
    const state = { made: 0 };
    const [list] = library();
    server.objects.enumerate = async function* () {
      for (; state.made < COUNT; ) {
        state.made += 1;
        const made = {
          ...list!,
          properties: new Map([...list!.properties, ['Name', `n${state.made}`] as const]),
        };
        yield made;
      }
    };
    return state;
  }

  it('are read as they are pulled: a page and one for the first answer', async () => {
    const server = await run();
    const state = endless(server);
    const first = await ask(server, 'Enumerate', '<w:OptimizeEnumeration/><w:MaxElements>20</w:MaxElements>');
    expect(state.made).toBe(21);
    await ask(server, 'Pull', `${about(contextIn(first.text))}<e:MaxElements>100</e:MaxElements>`);
    expect(state.made).toBe(121);
  });

  it('leave nothing behind that was delivered', async () => {
    const server = await run();
    const state = endless(server);
    const context = contextIn((await ask(server, 'Enumerate', '')).text);
    let pulls = 0;
    let heap = 0;
    for (let more = true; more; pulls += 1) {
      const { text } = await ask(server, 'Pull', `${about(context)}<e:MaxElements>1000</e:MaxElements>`);
      more = !text.includes('EndOfSequence');
      if (pulls === 10) heap = heapUsed();
    }
    expect([pulls, state.made]).toEqual([COUNT / 1000, COUNT]);
    // 90,000 items of some kilobytes each would be hundreds of megabytes.
    expect(heapUsed() - heap).toBeLessThan(32 * 1024 * 1024);
  }, 120_000);

  /** Octets that are in use. */
  function heapUsed(): number {
    setFlagsFromString('--expose-gc');
    runInNewContext('gc')();
    return process.memoryUsage().heapUsed;
  }
});
