/** MOF of our classes, from the class tables; the CIM schema they build on is DMTF's. Source: DSP0221 (syntax), DSP0004 §5 (qualifiers). */

import { indented, list, quoted } from './mof-text.js';
import { classQualifiers, propertyQualifiers, type Qualifier, valueQualifiers } from './qualifiers.js';
import type { ClassRow, MethodRow, PropertyRow } from './rows.js';

/** The classes as one file. */
export function classesMof(rows: readonly ClassRow[]): string {
  const head = [
    '// The classes of nwgate. They build on the CIM schema, 2.22 or later.',
    '// Written by scripts/generate-cim-schemas.mjs: change src/cim/classes instead.',
  ];
  return `${[head.join('\n'), ...rows.map(classMof)].join('\n\n')}\n`;
}

function classMof(row: ClassRow): string {
  const parent = row.superclass === undefined ? '' : ` : ${row.superclass}`;
  const members = [...row.properties.map((p) => propertyMof(row, p)), ...(row.methods ?? []).map(methodMof)];
  const body = members.map((member) => `\n${indented(member)}`).join('\n');
  return `${qualifierList(classQualifiers(row).map(qualifierMof))}class ${row.name}${parent} {${body}\n};`;
}

function propertyMof(owner: ClassRow, row: PropertyRow): string {
  const initial = row.initial === undefined ? '' : ` = ${literal(row.initial)}`;
  return `${qualifierList(propertyQualifiers(owner, row).map(qualifierMof))}${declaration(row)}${initial};`;
}

/** A true flag is its name alone. */
function qualifierMof({ name, value }: Qualifier): string {
  if (value === true) return name;
  return typeof value === 'object' ? `${name} ${strings(value)}` : `${name}(${literal(value)})`;
}

function methodMof({ name, about, input, output }: MethodRow): string {
  const parameters = [
    ...input.map(
      (row) => `${qualifierList(['In', ...valueQualifiers(row).map(qualifierMof)])}${declaration(row)}`,
    ),
    ...output.map(
      (row) =>
        `${qualifierList(['In(false)', 'Out', ...valueQualifiers(row).map(qualifierMof)])}${declaration(row)}`,
    ),
  ];
  const all = parameters.length === 0 ? '' : `\n${indented(parameters.join(',\n'))}`;
  return `[Description(${quoted(about)}), ValueMap { "0" }, Values { "Completed" }]\nuint32 ${name}(${all});`;
}

function declaration(row: PropertyRow): string {
  const type = row.type === 'reference' ? `${row.target} REF` : row.type === 'instance' ? 'string' : row.type;
  return `${type} ${row.name}${row.array ? '[]' : ''}`;
}

const qualifierList = (qualifiers: readonly string[]) =>
  qualifiers.length === 0 ? '' : `[${qualifiers.join(', ')}]\n`;
const strings = (items: readonly string[]) => list(items.map(quoted));
const literal = (value: string | number | boolean) =>
  typeof value === 'string' ? quoted(value) : String(value);
