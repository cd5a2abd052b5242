/** The draft of 2010, both ways. */
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { fromDraft, toDraft } from '../../src/mapping/draft.js';
import { NwgateError, throwIfAny } from '../../src/model/errors.js';
import type { Filter, Rule } from '../../src/model/filter.js';
import { isVariable } from '../../src/model/variables.js';
import { readFilter } from '../../src/xml/nwfilter-read.js';
import { writeFilter } from '../../src/xml/nwfilter-write.js';
import { parseXml } from '../../src/xml/parse.js';
import { serialise } from '../../src/xml/serialise.js';
import { arbitraryFilter } from '../support/arbitrary-filter.js';
import { anyEngine, canonical, libxslt, noXsltproc, pure } from '../support/engines.js';
import { EVERY_ATTRIBUTE } from '../support/every-attribute.js';
import { withoutPlaces } from '../support/places.js';

/** A draft that holds all of the filter. */
async function strict(...args: Parameters<typeof toDraft>) {
  const { draft, leftOut } = await toDraft(...args);
  throwIfAny(leftOut);
  return draft;
}

afterAll(() => pure.close());

const entry = (body: string, action = 'DROP', way = 'outgoing') =>
  `<FilterEntry><Action>${action}</Action><TrafficType>${way}</TrafficType>${body}</FilterEntry>`;

/** What the draft becomes, on both engines. */
async function native(draft: string, name: string | undefined = 'f'): Promise<string> {
  const read = async (transform: typeof anyEngine) =>
    writeFilter(await fromDraft(parseXml(draft), transform, { name }));
  const [one, other] = [await read(pure.transform), await read(anyEngine)];
  expect(other).toBe(one);
  return one;
}

async function faults(run: Promise<unknown>): Promise<readonly string[]> {
  const error = await run.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof NwgateError)) throw new Error('nothing was refused');
  return error.faults.map(
    ({ code, message, where }) => `${code} ${where?.rule ?? '-'} ${where?.attribute}: ${message}`,
  );
}

const rules = (...lines: string[]) =>
  `<filter name="f" chain="root">\n${lines.map((line) => `  ${line}\n`).join('')}</filter>\n`;
const rule = (protocol: string, action = 'drop', direction = 'out') =>
  `<rule action="${action}" direction="${direction}" priority="500">\n    ${protocol}\n  </rule>`;

describe('a draft becomes native', () => {
  it('the example of the thread', async () => {
    const example = entry(
      '<Hdr8021Filter> <HdrSrcMACAddr8021>![THIS_MAC]</HdrSrcMACAddr8021> </Hdr8021Filter> <IPHeadersFilter> <HdrIPVersion>4</HdrIPVersion> </IPHeadersFilter>',
    );
    expect(await native(example)).toBe(rules(rule('<ip match="no" srcmacaddr="$MAC"/>')));
    const namespaced = example.replace('<FilterEntry>', '<FilterEntry xmlns="urn:somebody">');
    expect(await native(namespaced)).toBe(rules(rule('<ip match="no" srcmacaddr="$MAC"/>')));
  });

  it.each<[string, string, string]>([
    ['nothing', '<Hdr8021Filter/><IPHeadersFilter><HdrSrcAddress> </HdrSrcAddress></IPHeadersFilter>', ''],
    [
      'a MAC with mask',
      '<Hdr8021Filter><HdrDestMACAddr8021>!01:00:00:00:00:00</HdrDestMACAddr8021><HdrDestMACMask8021>ff:00:00:00:00:00</HdrDestMACMask8021><HdrProtocolID8021>0x88CC</HdrProtocolID8021></Hdr8021Filter>',
      '<mac protocolid="0x88cc"/>\n    <mac match="no" dstmacaddr="01:00:00:00:00:00" dstmacmask="ff:00:00:00:00:00"/>',
    ],
    ['a VLAN', '<Hdr8021Filter><HdrVLANID8021>7</HdrVLANID8021></Hdr8021Filter>', '<vlan vlanid="7"/>'],
    [
      'ARP',
      '<ARPFilter><OPCode>2</OPCode><SrcIPAddr>![THIS_IP]</SrcIPAddr></ARPFilter>',
      '<arp opcode="Reply"/>\n    <arp match="no" arpsrcipaddr="$IP"/>',
    ],
    [
      'RARP',
      '<Hdr8021Filter><HdrProtocolID8021>32821</HdrProtocolID8021></Hdr8021Filter><d:ARPFilter xmlns:d="http://schemas.nwgate.org/draft/1"><d:HWType>1</d:HWType></d:ARPFilter>',
      '<rarp hwtype="1"/>',
    ],
    [
      'TCP over IPv6',
      '<IPHeadersFilter><HdrIPVersion>6</HdrIPVersion><HdrProtocolID>TCP</HdrProtocolID><HdrDestPortStart>25</HdrDestPortStart><HdrSrcAddress>2001:DB8::</HdrSrcAddress><HdrSrcMask>32</HdrSrcMask></IPHeadersFilter>',
      '<ipv6 srcipaddr="2001:db8::" srcipmask="32" protocol="tcp" dstportstart="25"/>',
    ],
    [
      'IPv4 by EtherType',
      '<Hdr8021Filter><HdrProtocolID8021>ipv4</HdrProtocolID8021></Hdr8021Filter><IPHeadersFilter><HdrDSCP>!10</HdrDSCP></IPHeadersFilter>',
      '<ip match="no" dscp="10"/>',
    ],
  ])('%s', async (_, body, expected) => {
    const plain = '<rule action="accept" direction="in" priority="500"/>';
    expect(await native(entry(body, 'accept', 'incoming'))).toBe(
      rules(expected === '' ? plain : rule(expected, 'accept', 'in')),
    );
  });

  it('several entries, in order', async () => {
    const arp = '<Hdr8021Filter><HdrProtocolID8021>arp</HdrProtocolID8021></Hdr8021Filter>';
    expect(await native(`<FilterEntries>${entry(arp)}${entry('')}</FilterEntries>`)).toBe(
      rules(rule('<mac protocolid="arp"/>'), '<rule action="drop" direction="out" priority="500"/>'),
    );
  });

  it('or is refused, with everything that is wrong', async () => {
    const draft = parseXml(
      `<FilterEntries>${[
        entry('<Other/>', 'LOG', 'both'),
        entry('<Hdr8021Filter><HdrPriorityValue8021>3</HdrPriorityValue8021></Hdr8021Filter>'),
        entry('<IPHeadersFilter><HdrSrcAddress>[THAT_IP]</HdrSrcAddress></IPHeadersFilter>'),
        entry(
          '<IPHeadersFilter><HdrIPVersion>!4</HdrIPVersion></IPHeadersFilter><ARPFilter><OPCode>1</OPCode><OPCode>2</OPCode></ARPFilter>',
        ),
        entry(
          '<Hdr8021Filter><HdrSrcMACAddr8021>[THIS_MAC]</HdrSrcMACAddr8021><HdrSrcMACMask8021>!ff:00:00:00:00:00</HdrSrcMACMask8021><HdrProtocolID8021>arp</HdrProtocolID8021></Hdr8021Filter><IPHeadersFilter><HdrIPVersion>4</HdrIPVersion><HdrDSCP>$D</HdrDSCP></IPHeadersFilter>',
        ),
      ].join('')}</FilterEntries>`,
    );
    const expected = [
      'FORM_CANNOT_HOLD - name: the draft has none: give the filter a name',
      'FORM_CANNOT_HOLD 1 Action: must be ACCEPT or DROP',
      'FORM_CANNOT_HOLD 1 TrafficType: must be incoming or outgoing',
      'FORM_CANNOT_HOLD 1 Other: is no part of the draft',
      'FORM_CANNOT_HOLD 2 HdrPriorityValue8021: has no native form',
      'FORM_CANNOT_HOLD 3 HdrIPVersion: must be 4 or 6: native rules are for one of them',
      'FORM_CANNOT_HOLD 3 HdrSrcAddress: [THAT_IP] is neither [THIS_MAC] nor [THIS_IP]',
      'FORM_CANNOT_HOLD 4 HdrIPVersion: !4 does not go with the other parts of the entry',
      'FORM_CANNOT_HOLD 4 HdrIPVersion: cannot be negated here',
      'FORM_CANNOT_HOLD 4 OPCode: is there more than once',
      'FORM_CANNOT_HOLD 4 OPCode: is there more than once',
      'FORM_CANNOT_HOLD 5 HdrProtocolID8021: arp does not go with the other parts of the entry',
      'FORM_CANNOT_HOLD 5 HdrSrcMACMask8021: is negated, and HdrSrcMACAddr8021 is not',
      'FORM_CANNOT_HOLD 5 HdrDSCP: $D: the draft has no variables but [THIS_MAC] and [THIS_IP]',
    ];
    expect(await faults(fromDraft(draft, anyEngine))).toEqual(expected);
    expect(await faults(fromDraft(draft, pure.transform))).toEqual(expected);
  });
});

/** Attributes the draft has a field for. */
const FIELDS =
  /^(src|dst)(macaddr|macmask|ipaddr|ipmask|portstart|portend)$|^(protocolid|vlanid|hwtype|protocoltype|opcode|protocol|dscp|arp(src|dst)(macaddr|ipaddr))$/;

const holds = (candidate: Rule) =>
  candidate.protocol !== 'stp' &&
  candidate.matches.every(
    ({ attribute, value }) =>
      FIELDS.test(attribute) && (!isVariable(value) || value === '$MAC' || value === '$IP'),
  );

const asDraft = (filter: Filter): Filter => ({
  ...filter,
  entries: filter.entries.flatMap((each) =>
    each.kind === 'rule' && holds(each)
      ? [
          {
            ...each,
            id: '',
            priority: 500,
            statematch: true,
            action: each.action === 'accept' ? 'accept' : 'drop',
            direction: each.direction === 'in' ? 'in' : 'out',
          } as const,
        ]
      : [],
  ),
});

describe('a native filter becomes a draft', () => {
  it('and comes back, where the draft can hold it', { timeout: 120_000 }, async () => {
    let tried = 0;
    const property = fc.asyncProperty(arbitraryFilter({ references: false }), async (filter) => {
      const wanted = asDraft(filter);
      tried += wanted.entries.length;
      const draft = parseXml(serialise(await strict(wanted, anyEngine)));
      expect(withoutPlaces(await fromDraft(draft, anyEngine))).toEqual(wanted);
    });
    await fc.assert(property, { numRuns: 200 });
    expect(tried).toBeGreaterThan(50);
  });

  it.each(EVERY_ATTRIBUTE)('$name comes back as far as the draft has fields', async (filter) => {
    const wanted = asDraft(filter);
    const draft = await strict(wanted, anyEngine);
    expect(withoutPlaces(await fromDraft(draft, anyEngine))).toEqual(wanted);
  });

  it.skipIf(noXsltproc !== undefined)(`both engines write the same ${noXsltproc ?? ''}`, async () => {
    for (const filter of EVERY_ATTRIBUTE.map(asDraft)) {
      expect(canonical(await strict(filter, pure.transform))).toBe(canonical(await strict(filter, libxslt)));
    }
  });

  it("with the thread's words", async () => {
    const filter = readFilter(rules(rule('<ip match="no" srcmacaddr="$MAC"/>')));
    expect(
      serialise(await strict(filter, anyEngine), { prefixes: { 'http://schemas.nwgate.org/draft/1': 'd' } }),
    ).toBe(
      '<FilterEntries xmlns:d="http://schemas.nwgate.org/draft/1" d:name="f" d:chain="root"><FilterEntry d:element="ip">' +
        '<Action>DROP</Action><TrafficType>outgoing</TrafficType>' +
        '<Hdr8021Filter><HdrSrcMACAddr8021>![THIS_MAC]</HdrSrcMACAddr8021></Hdr8021Filter>' +
        '<IPHeadersFilter><HdrIPVersion>4</HdrIPVersion></IPHeadersFilter></FilterEntry></FilterEntries>',
    );
  });

  it('or is refused by name', async () => {
    const filter = readFilter(
      rules(
        '<filterref filter="other"/>',
        '<rule action="reject" direction="inout" priority="3" statematch="false"/>',
        rule('<stp type="1"/>', 'continue'),
        '<filterref filter="more"/>',
        rule(
          '<tcp srcipaddr="$DHCPSERVER" state="NEW" flags="SYN/SYN" comment="no" srcipfrom="10.0.0.1"/>',
          'return',
        ),
      ),
    );
    const expected = [
      'FORM_CANNOT_HOLD - filterref: the draft has no references (other)',
      'FORM_CANNOT_HOLD 1 action: the draft knows ACCEPT and DROP, not reject',
      'FORM_CANNOT_HOLD 1 direction: the draft knows incoming and outgoing, not both in one entry',
      'FORM_CANNOT_HOLD 1 priority: the draft has no priorities (3)',
      'FORM_CANNOT_HOLD 1 statematch: the draft cannot switch connection tracking off',
      'FORM_CANNOT_HOLD 2 action: the draft knows ACCEPT and DROP, not continue',
      'FORM_CANNOT_HOLD 2 stp: the draft has no part for spanning tree',
      'FORM_CANNOT_HOLD - filterref: the draft has no references (more)',
      'FORM_CANNOT_HOLD 3 action: the draft knows ACCEPT and DROP, not return',
      'FORM_CANNOT_HOLD 3 srcipaddr: the draft has no variables but [THIS_MAC] and [THIS_IP] ($DHCPSERVER)',
      'FORM_CANNOT_HOLD 3 srcipfrom: the draft has no such field',
      'FORM_CANNOT_HOLD 3 flags: the draft has no such field',
      'FORM_CANNOT_HOLD 3 state: the draft has no such field',
      'FORM_CANNOT_HOLD 3 comment: the draft has no such field',
    ];
    expect(await faults(strict(filter, anyEngine))).toEqual(expected);
    expect(await faults(strict(filter, pure.transform))).toEqual(expected);
  });
});
