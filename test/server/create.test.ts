/** Create, and what changes need and say. */
import { describe, expect, it } from 'vitest';
import { faultIn } from './messages.js';
import { getOf, namesIn, SERVICE } from './requests.js';
import { basic, CLASS, envelope, LIST_KEYS, post, run, WXF } from './running.js';
import { DMTF } from './subscribing.js';

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
