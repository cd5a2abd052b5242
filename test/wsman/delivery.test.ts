import { describe, expect, it } from 'vitest';
import { readDelivery } from '../../src/wsman/delivery.js';
import { readRenew, readSubscribe } from '../../src/wsman/eventing.js';
import { DELIVERY_MODE, NS } from '../../src/wsman/namespaces.js';
import { elements } from '../../src/xml/element.js';
import { parseXml } from '../../src/xml/parse.js';

const NAMES = `xmlns:v="${NS.wse}" xmlns:a="${NS.wsa}" xmlns:n="${NS.wsa10}" xmlns:w="${NS.wsman}"`;
const TO = '<v:NotifyTo><a:Address> http://h/ </a:Address></v:NotifyTo>';
const SECURE = 'http://schemas.dmtf.org/wbem/wsman/1/wsman/secprofile/http/basic';

const delivery = (inside: string, mode = '') =>
  readDelivery(parseXml(`<v:Delivery ${NAMES}${mode && ` Mode="${mode}"`}>${inside}</v:Delivery>`));
const body = (text: string) => elements(parseXml(`<x ${NAMES}>${text}</x>`));

describe('a Delivery', () => {
  it('is Push with nothing special when nothing is said', () => {
    expect(delivery(TO)).toMatchObject({
      mode: 'push',
      notifyTo: { address: 'http://h/', parameters: [] },
      heartbeat: undefined,
      retry: undefined,
      dropPolicy: 'Notify',
      maxEnvelopeSize: undefined,
    });
  });

  it.each(Object.entries(DELIVERY_MODE))('has the mode %s', (name, uri) => {
    expect(delivery(TO, uri).mode).toBe(name);
  });

  it('reads everything, fractions of seconds too', () => {
    const all = `${TO}<w:Heartbeats>PT60.000000S</w:Heartbeats><w:ConnectionRetry Total="3">PT10S</w:ConnectionRetry><w:MaxElements>7</w:MaxElements><w:MaxTime>PT1.5S</w:MaxTime><w:MaxEnvelopeSize Policy="Skip">9000</w:MaxEnvelopeSize><w:ContentEncoding> UTF-16 </w:ContentEncoding>`;
    expect(delivery(all, DELIVERY_MODE.events)).toMatchObject({
      heartbeat: 60_000,
      retry: { interval: 10_000, total: 3 },
      maxElements: 7,
      maxTime: 1500,
      maxEnvelopeSize: 9000,
      dropPolicy: 'Skip',
      contentEncoding: 'UTF-16',
    });
  });

  it('finds heartbeats where openwsman puts them', () => {
    const inside = `${TO}<w:Auth><w:Heartbeats>PT5S</w:Heartbeats></w:Auth>`;
    expect(delivery(inside).heartbeat).toBe(5000);
  });

  it('takes addresses of 2005 too', () => {
    const inside =
      '<v:NotifyTo><n:Address>http://h/</n:Address><n:ReferenceParameters><v:X/></n:ReferenceParameters></v:NotifyTo>';
    expect(delivery(inside).notifyTo).toMatchObject({ address: 'http://h/', parameters: [{ local: 'X' }] });
  });

  it.each([
    ['PT0S', '0', { interval: 0, total: 0 }],
    ['PT1H', '1000', { interval: 3_600_000, total: 1000 }],
  ])('retries %s, %s times', (interval, total, retry) => {
    expect(
      delivery(`${TO}<w:ConnectionRetry Total="${total}">${interval}</w:ConnectionRetry>`).retry,
    ).toEqual(retry);
  });

  it.each([
    ['<w:ConnectionRetry Total="0">PT1S</w:ConnectionRetry>', 'DeliveryRetries'],
    ['<w:ConnectionRetry Total="1">PT0S</w:ConnectionRetry>', 'DeliveryRetries'],
    ['<w:ConnectionRetry>PT1S</w:ConnectionRetry>', 'DeliveryRetries'],
    ['<w:ConnectionRetry Total="3">soon</w:ConnectionRetry>', 'DeliveryRetries'],
    ['<w:ConnectionRetry Total="1001">PT1S</w:ConnectionRetry>', 'DeliveryRetries'],
    ['<w:ConnectionRetry Total="1">PT2H</w:ConnectionRetry>', 'DeliveryRetries'],
    ['<w:Heartbeats>often</w:Heartbeats>', 'Heartbeats'],
    ['<w:MaxTime>-PT1S</w:MaxTime>', 'MaxTime'],
    ['<w:MaxElements>0</w:MaxElements>', 'MaxElements'],
    ['<w:MaxEnvelopeSize>8191</w:MaxEnvelopeSize>', 'MaxEnvelopeSize'],
    ['<w:MaxEnvelopeSize Policy="Burn">9000</w:MaxEnvelopeSize>', 'MaxEnvelopePolicy'],
    [`<w:Auth Profile="${SECURE}"/>`, 'AuthorizationMode'],
  ])('refuses %s', (inside, detail) => {
    expect(() => delivery(TO + inside)).toThrow(
      expect.objectContaining({ fault: 'wsman:UnsupportedFeature', detail }),
    );
  });

  it('refuses other modes and says which there are', () => {
    const refused = { fault: 'wse:DeliveryModeRequestedUnavailable', extras: { detail: { length: 4 } } };
    expect(() => delivery(TO, 'urn:x')).toThrow(expect.objectContaining({ fault: refused.fault }));
    try {
      delivery(TO, 'urn:x');
    } catch (error) {
      expect(error).toMatchObject(refused);
    }
  });

  it.each([
    ['', 'MissingValues'],
    ['<v:NotifyTo/>', 'MissingValues'],
  ])('needs somebody to notify: "%s"', (inside, detail) => {
    expect(() => delivery(inside)).toThrow(expect.objectContaining({ fault: 'wse:InvalidMessage', detail }));
    expect(delivery('', DELIVERY_MODE.pull).notifyTo).toBeUndefined();
  });
});

describe('a Subscribe', () => {
  const subscribe = (more: string) =>
    readSubscribe(body(`<v:Subscribe>${more}<v:Delivery>${TO}</v:Delivery></v:Subscribe>`));

  it('reads children in any order', () => {
    const read = subscribe(
      '<w:Filter Dialect="urn:d"> x </w:Filter><v:Expires>PT1H</v:Expires><v:EndTo><a:Address>http://e/</a:Address></v:EndTo><x:Unknown xmlns:x="urn:x"/>',
    );
    expect(read).toMatchObject({
      endTo: { address: 'http://e/' },
      expires: { kind: 'after', milliseconds: 3_600_000 },
      filter: { dialect: 'urn:d', content: 'x' },
    });
  });

  it.each([
    ['two filters', '<w:Filter>a</w:Filter><v:Filter>b</v:Filter>', 'wse:InvalidMessage'],
    ['bookmarks', '<w:SendBookmarks/>', 'wsman:UnsupportedFeature'],
    ['a bookmark', '<w:Bookmark>1</w:Bookmark>', 'wsman:UnsupportedFeature'],
    ['a strange life', '<v:Expires>long</v:Expires>', 'wse:InvalidExpirationTime'],
    ['no life', '<v:Expires>PT0S</v:Expires>', 'wse:InvalidExpirationTime'],
    ['an EndTo without address', '<v:EndTo/>', 'wse:InvalidMessage'],
  ])('refuses %s', (_, more, fault) => {
    expect(() => subscribe(more)).toThrow(expect.objectContaining({ fault }));
  });

  it('is alone in its body', () => {
    for (const text of ['', '<v:Subscribe/>', '<v:Renew/>', '<v:Subscribe/><v:Subscribe/>'])
      expect(() => readSubscribe(body(text))).toThrow(
        expect.objectContaining({ fault: 'wse:InvalidMessage' }),
      );
    expect(readRenew(body('<v:Renew/>'))).toBeUndefined();
  });
});
