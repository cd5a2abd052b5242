/** Qualifiers of classes, properties and parameters, from the class tables. Source: DSP0004 §5.6. */
import type { ClassRow, PropertyRow } from './rows.js';
import { classRow, propertiesOf } from './schema.js';
import { PROFILE_VERSION } from './views.js';

export interface Qualifier {
  readonly name: string;
  readonly value: boolean | string | number | readonly string[];
}

const flag = (set: unknown, name: string): readonly Qualifier[] => (set ? [{ name, value: true }] : []);
const valued = (name: string, value: Qualifier['value'] | undefined): readonly Qualifier[] =>
  value === undefined ? [] : [{ name, value }];
const listed = (name: string, list: readonly string[]): readonly Qualifier[] =>
  list.length === 0 ? [] : [{ name, value: list }];

export function classQualifiers(row: ClassRow): readonly Qualifier[] {
  return [
    ...flag(row.association, 'Association'),
    ...flag(row.indication, 'Indication'),
    ...flag(row.abstract, 'Abstract'),
    { name: 'Version', value: PROFILE_VERSION },
    { name: 'Description', value: row.about },
  ];
}

/** Of a property that `owner` declares. */
export function propertyQualifiers(owner: ClassRow, row: PropertyRow): readonly Qualifier[] {
  const inherited = owner.superclass === undefined ? [] : propertiesOf(classRow(owner.superclass));
  const overrides = inherited.some(({ name }) => name === row.name);
  return [
    ...flag(row.key, 'Key'),
    ...valued('Override', overrides ? row.name : undefined),
    ...valueQualifiers(row),
  ];
}

/** What both properties and parameters have. */
export function valueQualifiers(row: PropertyRow): readonly Qualifier[] {
  const numbers = Object.keys(row.values ?? {});
  const isText = row.type === 'string';
  return [
    ...flag(row.required && !row.key, 'Required'),
    ...flag(row.octets, 'OctetString'),
    ...flag(row.type === 'instance', 'EmbeddedObject'),
    ...valued('ArrayType', row.array && !row.octets ? 'Indexed' : undefined),
    ...valued('Description', row.about),
    ...listed('ValueMap', numbers),
    ...listed(
      'Values',
      numbers.map((number) => row.values?.[Number(number)] ?? ''),
    ),
    ...listed('BitMap', row.bits?.map((_, index) => String(index)) ?? []),
    ...listed('BitValues', row.bits ?? []),
    ...valued(isText ? 'MaxLen' : 'MinValue', row.bits ? undefined : isText ? row.max : row.min),
    ...valued('MaxValue', row.bits || isText ? undefined : row.max),
  ];
}
