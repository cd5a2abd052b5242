/** The table of docs/forms.md, cell by cell: `yes` comes back as it went, `no` is refused by name. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { FORMS } from '../../src/app/api.js';
import { readPolicy, writePolicy } from '../../src/app/forms.js';
import { FOREIGN, type ForeignClasses } from '../../src/mapping/foreign.js';
import { NwgateError } from '../../src/model/errors.js';
import type { Filter } from '../../src/model/filter.js';
import { readFilter } from '../../src/xml/nwfilter-read.js';
import { writeFilter } from '../../src/xml/nwfilter-write.js';
import { cached, resultCache } from '../../src/xslt/cache.js';
import { anyEngine, pure } from '../support/engines.js';
import { rulesOf } from '../support/meaning.js';

afterAll(() => pure.close());

const context = { transform: cached(anyEngine, resultCache()), systemName: 'host1.example' };

/** Columns of the first table: a form with our classes, or whose classes in its place. */
const COLUMNS = [...FORMS, ...FOREIGN];
type Column = (typeof COLUMNS)[number];

/** Where rules of these classes are met: the same sample in the words of either layer. */
const LAYER: Partial<Record<Column, 'packet'>> = { kvm: 'packet', cim: 'packet' };

interface Words {
  readonly ip: (attributes?: string) => string;
  readonly tcp: (attributes: string) => string;
}

const WORDS: Readonly<Record<'bridge' | 'packet', Words>> = {
  bridge: {
    ip: (attributes = '') => `<ip ${attributes}/>`,
    tcp: (attributes) => `<ip protocol='tcp' ${attributes}/>`,
  },
  packet: { ip: (attributes = '') => `<all ${attributes}/>`, tcp: (attributes) => `<tcp ${attributes}/>` },
};

const filter = (body: string, attributes = "chain='root'", name = 'f', uuid = '') =>
  `<filter name='${name}' ${attributes}>${uuid}${body}</filter>`;
const rule = (match: string, action = 'drop', direction = 'out', more = '') =>
  `<rule action='${action}' direction='${direction}' ${more}>${match}</rule>`;
const one = (match: string) => [filter(rule(match))];

/** A document for each row of the table. */
const SAMPLES: Readonly<Record<string, (words: Words) => readonly string[]>> = {
  'accept and drop': ({ ip }) => [filter(rule(ip("srcipaddr='10.0.0.1'"), 'accept') + rule(ip()))],
  'reject, return, continue': ({ ip }) => [
    filter(['reject', 'return', 'continue'].map((action) => rule(ip(), action)).join('')),
  ],
  'in and out': ({ ip }) => [filter(rule(ip(), 'drop', 'in') + rule(ip()))],
  'both directions in one rule': ({ ip }) => [filter(rule(ip(), 'drop', 'inout'))],
  'a priority other than 500': ({ ip }) => [filter(rule(ip(), 'drop', 'out', "priority='-7'"))],
  'chain of the filter': ({ ip }) => [filter(rule(ip()), "chain='ipv4-x'")],
  'priority of the filter': ({ ip }) => [filter(rule(ip()), "chain='root' priority='3'")],
  'uuid of the filter': ({ ip }) => [
    filter(rule(ip()), "chain='root'", 'f', '<uuid>5c1d8f3e-0000-4000-8000-000000000001</uuid>'),
  ],
  references: () => [filter("<filterref filter='allow-arp'/>")],
  'parameters of references': () => [
    filter("<filterref filter='allow-arp'><parameter name='A' value='1'/></filterref>"),
  ],
  'a rule without protocol': () => one(''),
  'MAC addresses and masks': () =>
    one("<mac srcmacaddr='52:54:00:00:00:01' srcmacmask='ff:ff:ff:00:00:00'/>"),
  'types of frames': () => one("<mac protocolid='0x88cc'/>"),
  VLAN: () => one("<vlan vlanid='3'/>"),
  ARP: () => one("<arp opcode='Request' arpsrcipaddr='10.0.0.1'/>"),
  STP: () => one("<stp type='0'/>"),
  'the packet layer: `tcp`, `all`, …': () => one('<tcp/>'),
  'the bridge layer: `ip`, `ipv6`': () => one("<ip protocol='tcp'/>"),
  'MAC beside IP addresses': () => one("<ip srcmacaddr='52:54:00:00:00:01' srcipaddr='10.0.0.1'/>"),
  'an IP address and its mask': ({ ip }) => one(ip("srcipaddr='10.0.0.0' srcipmask='24'")),
  'two IP addresses': ({ ip }) => one(ip("srcipaddr='10.0.0.1' dstipaddr='10.0.0.2'")),
  ports: ({ tcp }) => one(tcp("dstportstart='1' dstportend='2'")),
  'a port without end': ({ tcp }) => one(tcp("dstportstart='25'")),
  DSCP: ({ ip }) => one(ip("dscp='10'")),
  'ranges of addresses': () => one("<tcp srcipfrom='10.0.0.1' srcipto='10.0.0.9'/>"),
  'ICMP types, TCP flags': () => [filter(rule("<icmp type='8'/>") + rule("<tcp flags='SYN/ALL'/>"))],
  'connection states and limits': () => one("<tcp state='NEW' connlimit-above='3'/>"),
  'connection tracking switched off': ({ ip }) => [
    filter(rule(ip("srcipaddr='10.0.0.1'"), 'accept', 'out', "statematch='false'")),
  ],
  'IP sets': () => one("<udp ipset='blocked' ipsetflags='src,dst'/>"),
  'negation of the one match': ({ ip }) => one(ip("match='no' srcipaddr='10.0.0.1'")),
  'negation of one of several': ({ ip }) => [
    filter(rule(ip("dscp='10'") + ip("match='no' srcipaddr='10.0.0.1'"))),
  ],
  '$MAC and $IP': () => one("<ip srcmacaddr='$MAC' srcipaddr='$IP'/>"),
  'other variables, lists': () => one("<ip srcipaddr='$SERVERS[@1]'/>"),
  'comments of rules': ({ ip }) => one(ip("srcipaddr='10.0.0.1' comment='why'")),
  'several filters in one document': ({ ip }) => [
    filter(rule(ip())),
    filter(rule(ip()), "chain='root'", 'g'),
  ],
};

const page = readFileSync(join(import.meta.dirname, '../../docs/forms.md'), 'utf8');
const rows = page.split('\n').map((line) =>
  line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim()),
);

/** Header and rows of the table that begins with a word. */
function table(first: string) {
  const start = rows.findIndex(([word]) => word === first);
  const end = rows.findIndex((row, index) => index > start && row.length === 0);
  const [head = [], , ...body] = rows.slice(start, end);
  return { columns: head.slice(1), body, cells: cellsOf(head.slice(1), body) };
}

const cellsOf = (columns: readonly string[], body: readonly (readonly string[])[]) =>
  body.flatMap(([construct = '', ...said]) =>
    said.map((cell, index) => [construct, columns[index] ?? '', cell] as const),
  );

/** Where a form, a class or the native schema says no. */
const REFUSALS = ['FORM_CANNOT_HOLD', 'CIM_PROPERTY', 'SCHEMA', 'VALUE'];

async function unlessRefused(verdict: () => Promise<string>): Promise<string> {
  try {
    return await verdict();
  } catch (error) {
    if (!(error instanceof NwgateError) || !REFUSALS.includes(error.code)) throw error;
    return 'no';
  }
}

const isForeign = (column: Column): column is ForeignClasses =>
  (FOREIGN as readonly string[]).includes(column);

/** What becomes of the construct on its way out and in again. */
function outAndIn(column: Column, construct: string): Promise<string> {
  const filters = SAMPLES[construct]!(WORDS[LAYER[column] ?? 'bridge']).map((text) => readFilter(text));
  return unlessRefused(async () => {
    const written = isForeign(column)
      ? writePolicy('wscim', filters, context, column)
      : writePolicy(column, filters, context);
    const { document, leftOut } = await written;
    if (leftOut.length > 0) return 'no';
    const back = (await readPolicy({ document }, context)).filters;
    if (xml(back) === xml(filters)) return 'yes';
    expect(rulesOf(back)).toEqual(rulesOf(filters));
    return 'same';
  });
}

const xml = (filters: readonly Filter[]) => filters.map((each) => writeFilter(each)).join('');

describe('what each form holds', () => {
  const { columns, body, cells } = table('construct');

  it('names every form, whose classes, and every sample', () => {
    expect([...columns].sort()).toEqual([...COLUMNS].sort());
    expect(body.map(([construct]) => construct)).toEqual(Object.keys(SAMPLES));
  });

  it.each(cells)('%s in %s: %s', async (construct, column, cell) => {
    expect(await outAndIn(column as Column, construct)).toBe(cell);
  });
});

/** What a document says in each vendor's classes: the condition, and in the vendor's own words the action and the direction. */
interface Said {
  /** Unless given, frames are dropped on their way out. */
  readonly does?: Partial<Record<ForeignClasses, string>>;
  readonly way?: Partial<Record<ForeignClasses, string>>;
  /** Class without prefix, and properties; unless given, any IPv4. */
  readonly entry?: readonly [kind: string, properties: string];
  /** Further instances, tied to the list `$L`: AMT has none. */
  readonly more?: string;
}

const KEYS = 'SystemCreationClassName = "S"; SystemName = "h"; CreationClassName = "C";';
const instance = (name: string, properties: string, alias = '') =>
  `instance of ${name}${alias === '' ? '' : ` as ${alias}`} { ${KEYS} ${properties} };\n`;
const tie = (name: string, a: string, b: string, more = '') => `instance of ${name} { ${a} ${b} ${more} };\n`;
const member = (prefix: string) =>
  tie(`${prefix}_EntriesInFilterList`, 'GroupComponent = $L;', 'PartComponent = $E;');

const IP = ['IPHeadersFilter', 'HdrIPVersion = 4;'] as const;

const VENDOR: Readonly<Record<ForeignClasses, (said: Said) => string>> = {
  kvm: ({ does, way, entry: [kind, properties] = IP, more = '' }) =>
    instance('KVM_FilterList', 'Name = "f";', '$L') +
    instance(
      `KVM_${kind}`,
      `Name = "f:0"; ${does?.kvm ?? 'Action = 2;'} ${way?.kvm ?? 'Direction = 2;'} ${properties}`,
      '$E',
    ) +
    member('KVM') +
    more,
  amt: ({ does, way, entry: [kind, properties] = IP }) =>
    instance(
      `AMT_${kind}`,
      `Name = "e"; InstanceID = "7"; ${does?.amt ?? 'FilterProfile = 4;'} ${way?.amt ?? 'FilterDirection = 0;'} ${properties}`,
    ) +
    instance('AMT_SystemDefensePolicy', 'PolicyName = "f"; FilterCreationHandles = { 7 };').replace(KEYS, ''),
  cim: ({ does, way, entry: [kind, properties] = IP, more = '' }) =>
    instance('CIM_FilterList', `Name = "f"; ${way?.cim ?? 'Direction = 2;'}`, '$L') +
    instance(`CIM_${kind}`, `Name = "f:0"; ${does?.cim ?? 'Action = 2;'} ${properties}`, '$E') +
    member('CIM') +
    more,
  policy: ({ does, way, entry: [kind, properties] = IP, more = '' }) =>
    instance('CIM_PolicyGroup', 'PolicyGroupName = "f";', '$G') +
    instance('CIM_PolicyRule', 'PolicyRuleName = "r";', '$R') +
    tie('CIM_PolicySetComponent', 'GroupComponent = $G;', 'PartComponent = $R;', 'Priority = 1;') +
    instance(
      'CIM_NetworkPacketAction',
      `PolicyActionName = "a"; ${does?.policy ?? 'PacketAction = 4;'}`,
      '$A',
    ) +
    tie('CIM_PolicyActionInPolicyRule', 'GroupComponent = $R;', 'PartComponent = $A;') +
    instance('CIM_PacketFilterCondition', 'PolicyConditionName = "c";', '$C') +
    tie('CIM_PolicyConditionInPolicyRule', 'GroupComponent = $R;', 'PartComponent = $C;') +
    instance('CIM_FilterList', `Name = "l"; ${way?.policy ?? 'Direction = 2;'}`, '$L') +
    tie('CIM_FilterOfPacketCondition', 'Antecedent = $L;', 'Dependent = $C;') +
    instance(`CIM_${kind}`, `Name = "e"; ${properties}`, '$E') +
    member('CIM') +
    more,
};

const MAC = '{ 82, 84, 0, 0, 0, 1 }';

/** A rule for each row of the table. */
const READ: Readonly<Record<string, Said>> = {
  'an entry that drops': {},
  'an entry that rejects': {
    does: {
      kvm: 'Action = 3;',
      amt: 'FilterProfile = 2;',
      cim: 'Action = 3;',
      policy: 'PacketAction = 1; OtherAction = "reject";',
    },
  },
  'an entry without action': {
    does: { kvm: 'Priority = 1;', amt: ' ', cim: ' ', policy: ' ' },
  },
  'both directions': {
    way: {
      kvm: 'Direction = 3;',
      amt: 'FilterDirection = 2;',
      cim: 'Direction = 3;',
      policy: 'Direction = 3;',
    },
  },
  'direction 4, Mirrored': {
    way: {
      kvm: 'Direction = 4;',
      amt: 'FilterDirection = 4;',
      cim: 'Direction = 4;',
      policy: 'Direction = 4;',
    },
  },
  'MAC addresses': { entry: ['Hdr8021Filter', `HdrSrcMACAddr8021 = ${MAC};`] },
  'MAC addresses beside IP headers': {
    more:
      instance('CIM_Hdr8021Filter', `Name = "m"; HdrSrcMACAddr8021 = ${MAC};`, '$M') +
      tie('CIM_EntriesInFilterList', 'GroupComponent = $L;', 'PartComponent = $M;'),
  },
  'VLAN IDs': { entry: ['Hdr8021Filter', 'HdrVLANID8021 = 7;'] },
  '802.1Q priorities': { entry: ['Hdr8021Filter', 'HdrPriorityValue8021 = 3;'] },
  'addresses without IP version': { entry: ['IPHeadersFilter', 'HdrSrcAddress = {10, 0, 0, 1};'] },
  'ranges of addresses': {
    entry: [
      'IPHeadersFilter',
      'HdrIPVersion = 4; HdrProtocolID = 6; HdrSrcAddress = {10, 0, 0, 1}; HdrSrcAddressEndOfRange = {10, 0, 0, 9};',
    ],
  },
  'ports without protocol': { entry: ['IPHeadersFilter', 'HdrIPVersion = 4; HdrDestPortStart = 25;'] },
  'a range of ports without end': {
    entry: ['IPHeadersFilter', 'HdrIPVersion = 4; HdrProtocolID = 6; HdrDestPortStart = 25;'],
  },
  'several DSCP values': { entry: ['IPHeadersFilter', 'HdrIPVersion = 4; HdrDSCP = { 1, 2 };'] },
  'flow labels': { entry: ['IPHeadersFilter', 'HdrIPVersion = 6; HdrFlowLabel = { 0, 0, 1 };'] },
  '`IsNegated`, one match': {
    entry: ['IPHeadersFilter', 'HdrIPVersion = 4; HdrSrcAddress = {10, 0, 0, 1}; IsNegated = true;'],
  },
  '`IsNegated`, two matches': {
    entry: [
      'IPHeadersFilter',
      'HdrIPVersion = 4; HdrSrcAddress = {10, 0, 0, 1}; HdrDSCP = { 1 }; IsNegated = true;',
    ],
  },
  'references to lists': {
    more: 'instance of KVM_NestedFilterList { Antecedent = $L; Dependent = "KVM_FilterList.Name=\\"allow-arp\\""; };',
  },
};

function inOnly(classes: ForeignClasses, construct: string): Promise<string> {
  const said = READ[construct]!;
  if (said.more !== undefined && classes === 'amt') return Promise.resolve('–');
  const document = VENDOR[classes](said);
  return unlessRefused(async () => {
    const { filters } = await readPolicy({ document, form: 'mof' }, context);
    expect(filters.map(({ name }) => name)).toEqual(['f']);
    return 'yes';
  });
}

describe('what is read of each vendor', () => {
  const { columns, body, cells } = table('read');

  it('names all of them and every sample', () => {
    expect(columns).toEqual(FOREIGN);
    expect(body.map(([construct]) => construct)).toEqual(Object.keys(READ));
  });

  it.each(cells)('%s of %s: %s', async (construct, column, cell) => {
    expect(await inOnly(column as ForeignClasses, construct)).toBe(cell);
  });
});
