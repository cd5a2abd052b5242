/** What is remembered of messages is what reading them would give. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Familiar } from '../../src/server/familiar.js';
import { Recent } from '../../src/server/recent.js';
import { isIdentify, readAddressing, readRequest } from '../../src/wsman/envelope.js';
import { parseXml } from '../../src/xml/parse.js';

const S = 'http://www.w3.org/2003/05/soap-envelope';
const WSA = 'http://schemas.xmlsoap.org/ws/2004/08/addressing';
const W = 'http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd';

const envelope = (id: string, more = '', body = '') =>
  `<s:Envelope xmlns:s="${S}" xmlns:a="${WSA}" xmlns:w="${W}"><s:Header><a:To>h</a:To><a:Action>urn:act</a:Action>${id}<w:ResourceURI>urn:r</w:ResourceURI>${more}</s:Header><s:Body>${body}</s:Body></s:Envelope>`;
const usual = (id: string) => envelope(`<a:MessageID>${id}</a:MessageID>`);

/** Messages in which the identifier stands in other ways, or something else looks like it. */
const MESSAGES: Readonly<Record<string, (id: string) => string>> = {
  usual,
  'with attributes': (id) => envelope(`<a:MessageID s:mustUnderstand="false" b=">">${id}</a:MessageID>`),
  'with blanks': (id) => envelope(`<a:MessageID> ${id}\n</a:MessageID >`),
  'as CDATA': (id) => envelope(`<a:MessageID><![CDATA[${id}]]></a:MessageID>`),
  'with a comment inside': (id) => envelope(`<a:MessageID>x<!-- ${id} --></a:MessageID>`),
  "somebody else's": (id) =>
    envelope('<a:MessageID>7</a:MessageID>', `<b:MessageID xmlns:b="urn:b">${id}</b:MessageID>`),
  "somebody else's first": (id) =>
    envelope(`<b:MessageID xmlns:b="urn:b">${id}</b:MessageID><a:MessageID>7</a:MessageID>`),
  'in a comment': (id) => envelope(`<!-- <a:MessageID>${id}</a:MessageID> --><a:MessageID>7</a:MessageID>`),
  'in an attribute': (id) =>
    envelope(`<b:x xmlns:b="urn:b" y="MessageID">${id}</b:x><a:MessageID>7</a:MessageID>`),
  'in the body': (id) =>
    envelope('<a:MessageID>7</a:MessageID>', '', `<b:MessageID xmlns:b="urn:b">${id}</b:MessageID>`),
  'as what it relates to': (id) => envelope(`<a:MessageID>7</a:MessageID><a:RelatesTo>${id}</a:RelatesTo>`),
};

function read(text: string) {
  const root = parseXml(text);
  return isIdentify(root) ? ('Identify' as const) : readRequest(root, readAddressing(root));
}

const ids = fc.oneof(
  fc.uuid().map((id) => `uuid:${id}`),
  fc.stringMatching(/^[\w:.{}]{1,8}$/),
  fc.constantFrom('7', 'x', 'MessageID', '&#65;', 'a b'),
);

describe('a message that came before', () => {
  it.each(Object.entries(MESSAGES))('%s: recalled as it would be read, or not at all', (_name, message) => {
    fc.assert(
      fc.property(ids, ids, (first, second) => {
        const familiar = new Familiar();
        familiar.remember(message(first), read(message(first)));
        const recalled = familiar.recall(message(second));
        if (recalled !== undefined) expect(recalled).toEqual(read(message(second)));
      }),
    );
  });

  it('is recalled with its own identifier', () => {
    const familiar = new Familiar();
    expect(familiar.recall(usual('uuid:1'))).toBeUndefined();
    familiar.remember(usual('uuid:1'), read(usual('uuid:1')));
    expect(familiar.recall(usual('uuid:2'))).toEqual(read(usual('uuid:2')));
    expect(familiar.recall(usual('uuid:2').replace('urn:r', 'urn:q'))).toBeUndefined();
  });

  it.each(['&#65;', ' abc ', 'a<b/>', 'a\tb\nc'])('is read when its identifier is written as %j', (id) => {
    const familiar = new Familiar();
    familiar.remember(usual('abcde'), read(usual('abcde')));
    expect(familiar.recall(usual(id))).toBeUndefined();
  });

  it('with a longer identifier is read: its faults would name other places', () => {
    const familiar = new Familiar();
    familiar.remember(usual('uuid:1'), read(usual('uuid:1')));
    expect(familiar.recall(usual('uuid:12'))).toBeUndefined();
  });

  it('without an identifier is read, whatever is remembered', () => {
    const familiar = new Familiar();
    familiar.remember(usual('uuid:1'), read(usual('uuid:1')));
    expect(familiar.recall(usual(''))).toBeUndefined();
  });

  it('that is long is not kept', () => {
    const familiar = new Familiar();
    const long = usual('uuid:1').replace('urn:r', `urn:${'r'.repeat(5000)}`);
    familiar.remember(long, read(usual('uuid:1')));
    expect(familiar.recall(long)).toBeUndefined();
  });

  it('an Identify is one whatever it is called', () => {
    const familiar = new Familiar();
    const identify = `<s:Envelope xmlns:s="${S}"><s:Header/><s:Body><i:Identify xmlns:i="http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd"/></s:Body></s:Envelope>`;
    familiar.remember(identify, read(identify));
    expect(familiar.recall(identify)).toBe('Identify');
  });
});

describe('recent things', () => {
  it('are the last ones asked for, and no more than twice as many as wanted', () => {
    const recent = new Recent<number, string>(10);
    for (let key = 0; key < 1000; key += 1) {
      recent.set(key, String(key));
      expect(recent.get(0)).toBe('0');
    }
    const kept = Array.from({ length: 1000 }, (_, key) => recent.get(key)).filter(
      (each) => each !== undefined,
    );
    expect(kept.length).toBeLessThanOrEqual(20);
    expect(kept).toContain('999');
    expect(kept).toContain('991');
  });
});
