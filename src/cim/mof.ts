/** MOF of our classes, from the class tables; the CIM schema they build on is DMTF's. Source: DSP0221 (syntax), DSP0004 §5 (qualifiers). */
import type { ClassRow, MethodRow, PropertyRow } from './rows.js';
import { classRow, propertiesOf } from './schema.js';
import { PROFILE_VERSION } from './views.js';

/** The classes as one file. */
export function classesMof(rows: readonly ClassRow[]): string {
  const head = [
    '// The classes of nwgate. They build on the CIM schema, 2.22 or later.',
    '// Written by scripts/generate-cim-schemas.mjs: change src/cim/classes instead.',
  ];
  return `${[head.join('\n'), ...rows.map(classMof)].join('\n\n')}\n`;
}

function classMof(row: ClassRow): string {
  const qualifiers = [
    ...(row.association ? ['Association'] : []),
    `Version(${quoted(PROFILE_VERSION)})`,
    `Description(${quoted(row.about)})`,
  ];
  const parent = row.superclass === undefined ? '' : ` : ${row.superclass}`;
  const members = [...row.properties.map((p) => propertyMof(row, p)), ...(row.methods ?? []).map(methodMof)];
  const body = members.map((member) => `\n${indented(member)}`).join('\n');
  return `[${qualifiers.join(', ')}]\nclass ${row.name}${parent} {${body}\n};`;
}

function propertyMof(owner: ClassRow, row: PropertyRow): string {
  const inherited = owner.superclass === undefined ? [] : propertiesOf(classRow(owner.superclass));
  const overrides = inherited.some(({ name }) => name === row.name);
  const own = [...(row.key ? ['Key'] : []), ...(overrides ? [`Override(${quoted(row.name)})`] : [])];
  const initial = row.initial === undefined ? '' : ` = ${literal(row.initial)}`;
  return `${qualifierList([...own, ...qualifiersOf(row)])}${declaration(row)}${initial};`;
}

function methodMof({ name, about, input, output }: MethodRow): string {
  const parameters = [
    ...input.map((row) => `${qualifierList(['In', ...qualifiersOf(row)])}${declaration(row)}`),
    ...output.map((row) => `${qualifierList(['In(false)', 'Out', ...qualifiersOf(row)])}${declaration(row)}`),
  ];
  const list = parameters.length === 0 ? '' : `\n${indented(parameters.join(',\n'))}`;
  return `[Description(${quoted(about)}), ValueMap { "0" }, Values { "Completed" }]\nuint32 ${name}(${list});`;
}

function declaration(row: PropertyRow): string {
  const type = row.type === 'reference' ? `${row.target} REF` : row.type;
  return `${type} ${row.name}${row.array ? '[]' : ''}`;
}

function qualifiersOf(row: PropertyRow): readonly string[] {
  const numbers = Object.keys(row.values ?? {});
  const names = numbers.map((number) => row.values?.[Number(number)] ?? '');
  const bits = row.bits?.map((_, index) => String(index)) ?? [];
  const limits = row.bits
    ? []
    : row.type === 'string'
      ? [limit('MaxLen', row.max)]
      : [limit('MinValue', row.min), limit('MaxValue', row.max)];
  return [
    ...(row.required && !row.key ? ['Required'] : []),
    ...(row.octets ? ['OctetString'] : []),
    ...(row.array && !row.octets ? ['ArrayType("Indexed")'] : []),
    ...(row.about === undefined ? [] : [`Description(${quoted(row.about)})`]),
    ...(names.length > 0 ? [`ValueMap ${list(numbers)}`, `Values ${list(names)}`] : []),
    ...(bits.length > 0 ? [`BitMap ${list(bits)}`, `BitValues ${list(row.bits ?? [])}`] : []),
    ...limits.filter((text) => text !== undefined),
  ];
}

const qualifierList = (qualifiers: readonly string[]) =>
  qualifiers.length === 0 ? '' : `[${qualifiers.join(', ')}]\n`;
const limit = (name: string, value: number | undefined) =>
  value === undefined ? undefined : `${name}(${value})`;
const list = (items: readonly string[]) => `{ ${items.map(quoted).join(', ')} }`;
const quoted = (text: string) => `"${text.replace(/["\\]/g, '\\$&')}"`;
const literal = (value: string | number | boolean) =>
  typeof value === 'string' ? quoted(value) : String(value);
const indented = (text: string) => text.replace(/^(?=.)/gm, '  ');
