/** Classes as DSP0201 has them: `<CLASS>` with qualifiers, properties and methods. Source: DSP0201 §5 (CIM-XML elements of declarations). */
import { type Element, el } from '../xml/element.js';
import { classQualifiers, propertyQualifiers, type Qualifier, valueQualifiers } from './qualifiers.js';
import type { ClassRow, MethodRow, PropertyRow } from './rows.js';
import { lineage } from './schema.js';

/** What of a class is shown (DSP0227 §15.4). */
export interface ClassDetail {
  readonly qualifiers: boolean;
  /** Say of each member which class declares it. */
  readonly origin: boolean;
  /** Members of superclasses too. */
  readonly inherited: boolean;
  /** Name all superclasses, as OMI does: the attribute DERIVATION, nearest first. */
  readonly hierarchy: boolean;
}

/** An element without namespace. */
export function classElement(row: ClassRow, detail: ClassDetail): Element {
  const levels = detail.inherited ? [...lineage(row)].reverse() : [row];
  const properties = new Map<string, readonly [ClassRow, PropertyRow]>();
  const methods = new Map<string, readonly [ClassRow, MethodRow]>();
  for (const level of levels) {
    for (const p of level.properties) properties.set(p.name, [level, p]);
    for (const m of level.methods ?? []) methods.set(m.name, [level, m]);
  }
  return el(
    '',
    'CLASS',
    {
      NAME: row.name,
      SUPERCLASS: row.superclass,
      DERIVATION: detail.hierarchy ? derivation(row) : undefined,
    },
    ...list(classQualifiers(row), detail),
    ...[...properties.values()].map(([owner, p]) =>
      el(
        '',
        elementFor('PROPERTY', p),
        { NAME: p.name, ...typeOf(p), ...placeOf(owner, row, detail) },
        ...list(propertyQualifiers(owner, p), detail),
        ...(p.initial === undefined ? [] : [value(p.initial)]),
      ),
    ),
    ...[...methods.values()].map(([owner, m]) =>
      el(
        '',
        'METHOD',
        { NAME: m.name, TYPE: 'uint32', ...placeOf(owner, row, detail) },
        ...list([{ name: 'Description', value: m.about }], detail),
        ...m.input.map((p) => parameter(p, [{ name: 'In', value: true }], detail)),
        ...m.output.map((p) => parameter(p, OUT, detail)),
      ),
    ),
  );
}

function derivation(row: ClassRow): string {
  const [, ...above] = lineage(row);
  return above.map(({ name }) => name).join(',');
}

const OUT: readonly Qualifier[] = [
  { name: 'In', value: false },
  { name: 'Out', value: true },
];

function parameter(row: PropertyRow, way: readonly Qualifier[], detail: ClassDetail): Element {
  return el(
    '',
    elementFor('PARAMETER', row),
    { NAME: row.name, ...typeOf(row) },
    ...list([...way, ...valueQualifiers(row)], detail),
  );
}

function elementFor(kind: 'PROPERTY' | 'PARAMETER', row: PropertyRow): string {
  if (row.type === 'reference') return `${kind}.REFERENCE`;
  return row.array ? `${kind}.ARRAY` : kind;
}

function typeOf(row: PropertyRow): Readonly<Record<string, string | undefined>> {
  if (row.type === 'reference') return { REFERENCECLASS: row.target };
  return { TYPE: row.type === 'instance' ? 'string' : row.type };
}

function placeOf(
  owner: ClassRow,
  shown: ClassRow,
  { origin }: ClassDetail,
): Readonly<Record<string, string | undefined>> {
  return {
    CLASSORIGIN: origin ? owner.name : undefined,
    PROPAGATED: owner === shown ? undefined : 'true',
  };
}

function list(qualifiers: readonly Qualifier[], { qualifiers: wanted }: ClassDetail): readonly Element[] {
  if (!wanted) return [];
  return qualifiers.map(({ name, value: content }) => {
    const type = typeof content === 'number' ? 'sint64' : typeof content === 'boolean' ? 'boolean' : 'string';
    const inside =
      typeof content === 'object' ? el('', 'VALUE.ARRAY', {}, ...content.map(value)) : value(content);
    return el('', 'QUALIFIER', { NAME: name, TYPE: type }, inside);
  });
}

const value = (content: string | number | boolean): Element => el('', 'VALUE', {}, String(content));
