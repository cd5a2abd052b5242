/** Enumerate: batches, sizes, filters and counts. */
import { describe, expect, it } from 'vitest';
import { library } from './fake-objects.js';
import { faultIn } from './messages.js';
import { contextIn, enumerateOf, many, namesIn, OPTIMIZE, open, pullOf } from './requests.js';
import { CLASS, post, run } from './running.js';
import { DMTF } from './subscribing.js';

describe('walking an enumeration', () => {
  it('delivers every instance once, in order, in batches of the size asked for', async () => {
    const server = await run();
    many(server, 7);
    let text = (await post(server, enumerateOf(`${OPTIMIZE}<w:MaxElements>4</w:MaxElements>`))).text;
    const batches = [namesIn(text)];
    for (let context = contextIn(text); context; context = contextIn(text)) {
      text = (await post(server, pullOf(context, '<e:MaxElements>4</e:MaxElements>'))).text;
      batches.push(namesIn(text));
    }
    expect(batches.map((batch) => batch.length)).toEqual([4, 4, 2]);
    expect(batches.flat().slice(0, 4)).toEqual(['no-smtp', 'no-mac-spoofing', 'clean-traffic', 'many-0']);
    expect(new Set(batches.flat()).size).toBe(10);
    expect(text).toContain('EndOfSequence');
  });

  it('says at once that the last batch is the last', async () => {
    const { text } = await post(await run(), enumerateOf(`${OPTIMIZE}<w:MaxElements>3</w:MaxElements>`));
    expect(namesIn(text)).toHaveLength(3);
    expect(text).toContain('<wsen:EnumerationContext/>');
  });

  it('ends an empty class at once', async () => {
    const { text } = await post(await run(), enumerateOf(OPTIMIZE, `${CLASS}NWG_STPFilter`));
    expect(text).toContain('<wsman:Items/><wsman:EndOfSequence>');
  });

  it('shrinks a batch to MaxEnvelopeSize', async () => {
    const server = await run();
    many(server, 50);
    const size = '<w:MaxEnvelopeSize s:mustUnderstand="true">8192</w:MaxEnvelopeSize>';
    let text = (
      await post(server, enumerateOf(`${OPTIMIZE}<w:MaxElements>100</w:MaxElements>`, undefined, size))
    ).text;
    const found = [...namesIn(text)];
    for (let context = contextIn(text); context; context = contextIn(text)) {
      expect(Buffer.byteLength(text)).toBeLessThanOrEqual(8192);
      expect(namesIn(text).length).toBeGreaterThan(1);
      text = (await post(server, pullOf(context, '<e:MaxElements>100</e:MaxElements>', size))).text;
      found.push(...namesIn(text));
    }
    expect(found).toHaveLength(53);
  });

  it('does not lose an item that is larger than the envelope: a larger one gets it', async () => {
    const server = await run();
    const [list] = library();
    const big = { ...list!, properties: new Map([...list!.properties, ['Description', 'x'.repeat(20_000)]]) };
    server.objects.instances.unshift(big);
    const context = await open(server);
    const small = '<w:MaxEnvelopeSize>8192</w:MaxEnvelopeSize>';
    const refused = await post(server, pullOf(context, '<e:MaxElements>9</e:MaxElements>', small));
    expect([refused.status, faultIn(refused.text)]).toEqual([
      400,
      'wsman:EncodingLimit MaxEnvelopeSizeExceeded',
    ]);
    const served = await post(server, pullOf(context, '<e:MaxElements>9</e:MaxElements>'));
    expect(namesIn(served.text)).toHaveLength(4);
  });

  it('counts MaxCharacters, but always brings an item', async () => {
    const server = await run();
    const { text } = await post(
      server,
      pullOf(await open(server), '<e:MaxElements>9</e:MaxElements><e:MaxCharacters>10</e:MaxCharacters>'),
    );
    expect(namesIn(text)).toHaveLength(1);
  });

  it('leaves out subclasses with polymorphism None', async () => {
    const none = '<b:PolymorphismMode>None</b:PolymorphismMode>';
    const server = await run();
    expect((await post(server, enumerateOf(OPTIMIZE + none, `${DMTF}CIM_FilterList`))).text).not.toContain(
      '<p:',
    );
    expect(namesIn((await post(server, enumerateOf(OPTIMIZE + none))).text)).toEqual(['no-smtp']);
  });

  it('filters by selectors, on values and references', async () => {
    const filter = (selectors: string) =>
      `${OPTIMIZE}<w:MaxElements>9</w:MaxElements><w:Filter Dialect="http://schemas.dmtf.org/wbem/wsman/1/wsman/SelectorFilter"><w:SelectorSet>${selectors}</w:SelectorSet></w:Filter>`;
    const server = await run();
    const named = await post(
      server,
      enumerateOf(filter('<w:Selector Name="name">clean-traffic</w:Selector>')),
    );
    expect(namesIn(named.text)).toEqual(['clean-traffic']);
    const port = await post(
      server,
      enumerateOf(
        filter('<w:Selector Name="HdrDestPortStart">25</w:Selector>'),
        `${DMTF}CIM_FilterEntryBase`,
      ),
    );
    expect(namesIn(port.text)).toEqual(['no-smtp:1a2b']);
    const epr = /<wsa:EndpointReference>.*?<\/wsa:EndpointReference>/.exec(
      (await post(server, enumerateOf(`${OPTIMIZE}<w:EnumerationMode>EnumerateEPR</w:EnumerationMode>`)))
        .text,
    )![0];
    const reference = epr.replaceAll('wsa:', 'a:').replaceAll('wsman:', 'w:');
    const members = await post(
      server,
      enumerateOf(
        filter(`<w:Selector Name="GroupComponent">${reference}</w:Selector>`),
        `${CLASS}NWG_EntriesInFilterList`,
      ),
    );
    expect(members.text).toContain('<p:RuleIndex>0</p:RuleIndex>');
    const nothing = await post(server, enumerateOf(filter('<w:Selector Name="Colour">red</w:Selector>')));
    expect(namesIn(nothing.text)).toEqual([]);
  });

  it('estimates the total where it knows it, else says that it does not', async () => {
    const ask = '<w:RequestTotalItemsCountEstimate/>';
    const server = await run();
    const all = await post(
      server,
      enumerateOf(`${OPTIMIZE}<w:MaxElements>9</w:MaxElements>`, undefined, ask),
    );
    expect(all.text).toContain('<wsman:TotalItemsCountEstimate>3</wsman:TotalItemsCountEstimate>');
    const some = await post(server, enumerateOf('', undefined, ask));
    expect(some.text).toMatch(/<wsman:TotalItemsCountEstimate [^>]*xsi:nil="true"\/>/);
  });

  it.each([
    ['http://schemas.dmtf.org/wbem/wscim/1/*', '', 'wsman:UnsupportedFeature FilteringRequired'],
    [
      'http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/*',
      '<w:Filter Dialect="urn:x">y</w:Filter>',
      'wsen:FilterDialectRequestedUnavailable',
    ],
    [`${DMTF}CIM_Toaster`, '', 'wsa:DestinationUnreachable InvalidResourceURI'],
    [`${CLASS}NWG_FilterList`, '<e:Expires>2001-01-01T00:00:00Z</e:Expires>', 'wsen:InvalidExpirationTime'],
  ])('of %s is refused', async (resource, inside, fault) => {
    const { status, text } = await post(await run(), enumerateOf(inside, resource));
    expect([status, faultIn(text)]).toEqual([400, fault]);
  });
});
