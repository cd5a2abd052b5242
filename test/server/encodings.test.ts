/** Character encodings of requests and answers. */
import { describe, expect, it } from 'vitest';
import { faultIn } from './messages.js';
import { getOf, namesIn } from './requests.js';
import { basic, LIST_KEYS, post, run } from './running.js';

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
