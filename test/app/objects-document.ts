/** A native filter with every attribute of every protocol: plain, with address ranges, as variables, negated. */
import type { AttributeSpec, ProtocolSpec, Requirement } from '../../src/protocols/types.js';

/** One of them is of every attribute's type. */
const SAMPLES = [
  '52:54:00:12:34:56',
  '10.0.0.1',
  'fd00::1',
  'ff:ff:ff:00:00:00',
  '24',
  '7',
  '0x0900',
  'NEW,ESTABLISHED',
  'SYN,ACK/SYN',
  'src,dst',
  'true',
  'a note',
];

export function filterDocument(protocols: readonly ProtocolSpec[]): string {
  const rules = protocols.flatMap((spec) => variants(spec).map((body) => ruleText(spec, body)));
  return `<filter name='every'>${rules.join('')}<rule action='accept' direction='inout'/></filter>`;
}

const ruleText = ({ element }: ProtocolSpec, body: string) =>
  `<rule action='drop' direction='in' priority='-7' statematch='false'><${element} ${body}/></rule>`;

function variants({ attributes, requires = [] }: ProtocolSpec): readonly string[] {
  const without = (names: readonly string[]) => attributes.filter(({ name }) => !names.includes(name));
  const needy = requires.flatMap((each) => each.attributes);
  // What asks for different protocols cannot stand in one rule.
  const groups = requires.map((each) => ({
    list: without(needy.filter((name) => !each.attributes.includes(name))),
    condition: each,
  }));
  const plain = groups.length > 0 ? groups : [{ list: attributes, condition: undefined }];
  const tests = without(needy).filter(({ role }) => role !== 'state');
  const noAddress = without(['srcipaddr', 'srcipmask', 'dstipaddr', 'dstipmask', ...needy]);
  return [
    ...plain.map(({ list, condition }) => written(list, condition)),
    written(noAddress),
    attributes.map((each) => `${each.name}='${variable(each)}'`).join(' '),
    `match='no' ${written(tests)}`,
  ];
}

function written(list: readonly AttributeSpec[], condition?: Requirement): string {
  return list
    .map((each) => `${each.name}='${each.name === condition?.on ? condition.values[0] : sample(each)}'`)
    .join(' ');
}

function variable({ name, role }: AttributeSpec): string {
  return role === 'comment' ? 'a note' : `$${name.replaceAll('-', '_')}[@1]`;
}

function sample({ name, type }: AttributeSpec): string {
  const found = SAMPLES.map((text) => type.parse(text)).find((text) => text !== undefined);
  if (found === undefined) throw new Error(`no sample for ${name}`);
  return found;
}
