/** An independent client, built for Intel AMT: SOAP as default namespace, integer MessageIDs, no mustUnderstand, Pulls of 999. */
import { WSManMessageCreator } from '@device-management-toolkit/wsman-messages/WSMan.js';
import { describe, expect, it } from 'vitest';
import { CLASS, LIST_KEYS, post, run, WSEN, WXF } from './running.js';

type ClassName = Parameters<WSManMessageCreator['createHeader']>[1];
const creator = () => new WSManMessageCreator(CLASS);
const asClass = (name: string) => name as ClassName;

describe('wsman-messages', () => {
  it('enumerates and pulls to the end', async () => {
    const server = await run();
    const messages = creator();
    const list = asClass('NWG_FilterList');
    const opened = await post(
      server,
      messages.createXml(
        messages.createHeader(`${WSEN}/Enumerate`, list),
        messages.createCommonBody.Enumerate(),
      ),
    );
    expect(opened.status).toBe(200);
    const context = /EnumerationContext>([^<]+)</.exec(opened.text)?.[1] ?? '';
    const pulled = await post(
      server,
      messages.createXml(
        messages.createHeader(`${WSEN}/Pull`, list),
        messages.createCommonBody.Pull(context),
      ),
    );
    expect([...pulled.text.matchAll(/<p:Name>([^<]*)</g)].map(([, name]) => name)).toEqual([
      'no-smtp',
      'no-mac-spoofing',
      'clean-traffic',
    ]);
    expect(pulled.text).toContain('EndOfSequence></');
    expect(pulled.text).toMatch(/<wsa:RelatesTo>\d+<\/wsa:RelatesTo>/);
  });

  it('gets and changes what it got', async () => {
    const server = await run();
    const messages = creator();
    const service = asClass('NWG_FilterService');
    const got = await post(
      server,
      messages.createXml(messages.createHeader(`${WXF}/Get`, service), messages.createCommonBody.Get()),
    );
    expect(got.text).toContain('<p:Started>true</p:Started>');
    const put = await post(
      server,
      messages.createXml(
        messages.createHeader(`${WXF}/Put`, service),
        messages.createCommonBody.CreateOrPut(service, { Started: false }),
      ),
    );
    expect(put.status).toBe(200);
    expect(put.text).toContain('<p:Started>false</p:Started>');
  });

  it('creates, and calls a method', async () => {
    const server = await run();
    const messages = creator();
    const created = await post(
      server,
      messages.createXml(
        messages.createHeader(`${WXF}/Create`, asClass('NWG_FilterList')),
        messages.createCommonBody.CreateOrPut(asClass('NWG_FilterList'), { ...LIST_KEYS, Name: 'mine' }),
      ),
    );
    expect(created.text).toContain('<wsman:Selector Name="Name">mine</wsman:Selector>');
    const called = await post(
      server,
      messages.createXml(
        messages.createHeader(`${CLASS}NWG_FilterService/RemoveFilterList`, asClass('NWG_FilterService')),
        messages.createBody('RemoveFilterList_INPUT', 'NWG_FilterService', [{ Port: 'tap0' }]),
      ),
    );
    expect(called.text).toContain('<n1:ReturnValue>0</n1:ReturnValue>');
    expect(server.objects.calls[0]?.parameters).toEqual(new Map([['Port', 'tap0']]));
  });
});
