import { describe, expect, it } from 'vitest';
import { type Fault, formatFault, NwgateError } from '../../src/model/errors.js';
import { rulesOf } from '../../src/model/filter.js';
import { readBinding } from '../../src/xml/binding-read.js';
import { readFilter, storedRevision } from '../../src/xml/nwfilter-read.js';
import { writeFilter } from '../../src/xml/nwfilter-write.js';
import { parseXml } from '../../src/xml/parse.js';

function faultsOf(read: () => unknown): readonly Fault[] {
  try {
    read();
  } catch (error) {
    if (error instanceof NwgateError) return error.faults;
    throw error;
  }
  return [];
}

const oneRule = (content: string) =>
  `<filter name='f'><rule action='drop' direction='in'>${content}</rule></filter>`;

describe('readFilter', () => {
  it('reads what the format allows, into canonical text', () => {
    const filter = readFilter(
      `<filter name='f' chain='arp-x'>
         <uuid>12345678123412341234123456789ABC</uuid>
         <filterref filter='g'><parameter name='B' value='2'/><parameter name='A' value='1'/><parameter name='B' value='1'/></filterref>
         <rule action='accept' direction='out' statematch='0'>
           <tcp match='no' dstportstart='0x19' comment='no mail'/>
           <tcp srcipaddr='$IP[ @0 ]' srcipmask='255.255.255.0' flags='syn/ALL'/>
         </rule>
       </filter>`,
      { source: 'f.xml' },
    );
    expect(filter).toEqual({
      name: 'f',
      uuid: '12345678-1234-1234-1234-123456789abc',
      chain: 'arp-x',
      priority: -500,
      entries: [
        {
          kind: 'filterref',
          filter: 'g',
          parameters: [
            { name: 'A', value: '1' },
            { name: 'B', value: '2' },
            { name: 'B', value: '1' },
          ],
          place: { file: 'f.xml', filter: 'f', line: 3, column: 10 },
        },
        {
          kind: 'rule',
          id: '',
          action: 'accept',
          direction: 'out',
          priority: 500,
          statematch: false,
          protocol: 'tcp',
          matches: [
            { attribute: 'srcipaddr', value: '$IP', negated: false },
            { attribute: 'srcipmask', value: '24', negated: false },
            { attribute: 'flags', value: 'SYN/ALL', negated: false },
            { attribute: 'dstportstart', value: '25', negated: true },
            { attribute: 'comment', value: 'no mail', negated: false },
          ],
          place: { file: 'f.xml', filter: 'f', rule: 1, line: 4, column: 10 },
        },
      ],
    });
    expect(writeFilter(filter)).toBe(`<filter name="f" chain="arp-x">
  <uuid>12345678-1234-1234-1234-123456789abc</uuid>
  <filterref filter="g">
    <parameter name="A" value="1"/>
    <parameter name="B" value="2"/>
    <parameter name="B" value="1"/>
  </filterref>
  <rule action="accept" direction="out" priority="500" statematch="false">
    <tcp srcipaddr="$IP" srcipmask="24" flags="SYN/ALL" comment="no mail"/>
    <tcp match="no" dstportstart="25"/>
  </rule>
</filter>
`);
  });

  it('tells every fault of a document, each with its place', () => {
    const document = [
      '<filter name="web" chain="rot" priority="5000" colour="red">',
      '  <uuid>nonsense</uuid>',
      '  <rule action="allow" priority="1001">',
      '    <tcp dstportstart="70000"',
      '         srcipmask="24"/>',
      '  </rule>',
      '  <rule action="drop" direction="in">',
      '    <udp/><tpc/><tcp/>',
      '  </rule>',
      '  stray',
      '  <filterref><parameter name="a-b" value=""/></filterref>',
      '</filter>',
    ].join('\n');
    const faults = faultsOf(() => readFilter(document, { source: 'web.xml' }));
    expect(faults.map((fault) => `${fault.code} ${formatFault(fault)}`)).toEqual([
      'NAME web.xml:1:20, filter web, chain: "rot" must be root, or a name of at most 12 characters that starts with mac, vlan, stp, arp, rarp, ipv4, ipv6',
      'VALUE web.xml:1:32, filter web, priority: "5000" must be a whole number from -1000 to 1000',
      'SCHEMA web.xml:1:48, filter web, colour: <filter> has no attribute colour',
      'VALUE web.xml:2:3, filter web: "nonsense" must be a UUID',
      'VALUE web.xml:3:9, filter web, rule 1, action: "allow" must be one of accept, drop, reject, return, continue',
      'VALUE web.xml:3:24, filter web, rule 1, priority: "1001" must be a whole number from -1000 to 1000',
      'SCHEMA web.xml:3:3, filter web, rule 1, direction: <rule> needs the attribute direction',
      'VALUE web.xml:4:10, filter web, rule 1, dstportstart: "70000" must be a number from 0 to 65535',
      'VALUE web.xml:5:10, filter web, rule 1, srcipmask: srcipmask means nothing without srcipaddr',
      'SCHEMA web.xml:8:11, filter web, rule 2: <tpc> is not a protocol',
      'SCHEMA web.xml:8:17, filter web, rule 2: a rule has one protocol: <tcp> cannot stand beside <udp>',
      'SCHEMA web.xml:1:1, filter web: text in <filter>: "stray"',
      'SCHEMA web.xml:11:3, filter web, filter: <filterref> needs the attribute filter',
      'NAME web.xml:11:25, filter web, name: "a-b" must be a variable name of A-Z a-z 0-9 _',
      'VALUE web.xml:11:36, filter web, value: "" must be one or more of A-Z a-z 0-9 _ . : , / + -',
    ]);
  });

  it('judges the combination although a value is at fault', () => {
    const faults = faultsOf(() => readFilter(oneRule('<ip srcipaddr="x" srcipmask="8" dstportstart="1"/>')));
    expect(faults.map(({ where }) => where?.attribute)).toEqual(['srcipaddr', 'dstportstart']);
    expect(faultsOf(() => readFilter(oneRule('<ip protocol="x" dstportstart="1"/>')))).toHaveLength(1);
  });

  it.each([
    ['<other/>', 'the document must be a <filter>, not <other>'],
    [
      '<filter xmlns="urn:x" name="f"/>',
      'the document must be a <filter>, not <filter> of the namespace urn:x',
    ],
    [oneRule('<ip srcipaddr="10.0.0.1"/><ip match="no" srcipaddr="10.0.0.2"/>'), 'given twice in one rule'],
    [oneRule('<tcp match="no"/>'), 'negates nothing'],
    [oneRule('<tcp xmlns:x="urn:x" x:srcipaddr="10.0.0.1"/>'), 'has no attribute {urn:x}srcipaddr'],
    [oneRule('<x:tcp xmlns:x="urn:x"/>'), '<{urn:x}tcp> is not a protocol'],
    ['<filter name="a&#27;b"/>', 'malformed character'],
  ])('%s: %s', (document, message) => {
    expect(() => readFilter(document)).toThrow(message);
  });

  it('takes a tree as well as text and octets', () => {
    const document = oneRule('<mac/>');
    const read = [document, new TextEncoder().encode(document), parseXml(document)].map((d) => readFilter(d));
    expect(read[1]).toEqual(read[0]);
    expect(read[2]).toEqual(read[0]);
  });

  it('keeps ids and tells the revision', () => {
    const stored = `<filter name="f" xmlns:k="http://schemas.nwgate.org/nwfilter/1" k:revision="12"><rule action="drop" direction="in" k:id="ab-2"/></filter>`;
    expect(rulesOf(readFilter(stored)).map(({ id }) => id)).toEqual(['ab-2']);
    expect(storedRevision(parseXml(stored))).toBe(12);
    expect(storedRevision(parseXml('<filter name="f" revision="3"/>'))).toBeUndefined();
  });
});

describe('writeFilter', () => {
  it('keeps a comment with the negated element when there is no other', () => {
    const text = writeFilter(readFilter(oneRule('<ip match="no" srcipaddr="10.0.0.1" comment="x"/>')));
    expect(text).toContain('    <ip match="no" srcipaddr="10.0.0.1" comment="x"/>\n  </rule>');
  });

  it('shows ids and the revision only when asked, in a namespace of our own', () => {
    const filter = readFilter(oneRule(''));
    const named = { ...filter, entries: rulesOf(filter).map((rule) => ({ ...rule, id: 'abc' })) };
    expect(writeFilter(named)).not.toContain('abc');
    expect(writeFilter(named, { identities: true, revision: 3 })).toBe(
      `<filter xmlns:nwg="http://schemas.nwgate.org/nwfilter/1" name="f" chain="root" nwg:revision="3">
  <rule action="drop" direction="in" priority="500" nwg:id="abc"/>
</filter>
`,
    );
  });
});

describe('readBinding', () => {
  it("reads libvirt's form", () => {
    const document = `<filterbinding>
      <owner><name>memtest</name><uuid>d54df46f-1ab5-4a22-8618-4560ef5fac2c</uuid></owner>
      <portdev name='vnet0'/><linkdev name='vnet0'/>
      <mac address='52:54:0:7B:35:93'/>
      <backend name='nftables'/>
      <filterref filter='clean-traffic'><parameter name='MAC' value='52:54:00:7b:35:93'/></filterref>
    </filterbinding>`;
    expect(readBinding(document)).toEqual({
      port: 'vnet0',
      filter: 'clean-traffic',
      mac: '52:54:00:7b:35:93',
      owner: { name: 'memtest', uuid: 'd54df46f-1ab5-4a22-8618-4560ef5fac2c' },
      parameters: [{ name: 'MAC', value: '52:54:00:7b:35:93' }],
    });
  });

  it('tells every fault', () => {
    const document =
      '<filterbinding><owner/><portdev name="a b"/><linkdev/><mac address="1"/><filterref filter="/"/></filterbinding>';
    const faults = faultsOf(() => readBinding(document, { source: 'b.xml' }));
    expect(
      faults.map(({ code, where }) => `${code} ${where?.line}:${where?.column} ${where?.attribute}`),
    ).toEqual([
      'SCHEMA 1:16 undefined',
      'NAME 1:33 name',
      'SCHEMA 1:45 name',
      'VALUE 1:60 address',
      'NAME 1:84 filter',
    ]);
  });

  it('refuses to filter on another device', () => {
    const document =
      '<filterbinding><portdev name="macvtap0"/><linkdev name="eth0"/><filterref filter="x"/></filterbinding>';
    expect(() => readBinding(document)).toThrow('another device than the port');
  });
});
