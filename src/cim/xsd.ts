/**
 * XML Schema of our classes in WS-CIM form, from the class tables. Source: DSP0230 §6–9 (class and method elements), DSP8004
 * (names of the common types).
 */
import { type Element, el } from '../xml/element.js';
import { serialise } from '../xml/serialise.js';
import { RETURN_VALUE, WSCIM_COMMON } from './encode.js';
import type { CimType, ClassRow, PropertyRow } from './rows.js';
import { classUri, sortedProperties } from './schema.js';

const XS = 'http://www.w3.org/2001/XMLSchema';

/** The common type of each CIM type and what it extends. */
const COMMON: Readonly<
  Record<Exclude<CimType, 'datetime' | 'reference' | 'instance'>, readonly [string, string]>
> = {
  string: ['cimString', 'string'],
  boolean: ['cimBoolean', 'boolean'],
  uint8: ['cimUnsignedByte', 'unsignedByte'],
  uint16: ['cimUnsignedShort', 'unsignedShort'],
  uint32: ['cimUnsignedInt', 'unsignedInt'],
  uint64: ['cimUnsignedLong', 'unsignedLong'],
  sint8: ['cimByte', 'byte'],
  sint16: ['cimShort', 'short'],
  sint32: ['cimInt', 'int'],
  sint64: ['cimLong', 'long'],
};

const xs = (
  local: string,
  attributes: Readonly<Record<string, string | undefined>>,
  ...children: Element[]
) => el(XS, local, attributes, ...children);

const anyAttribute = xs('anyAttribute', { namespace: '##any', processContents: 'lax' });

function document(targetNamespace: string, ...content: Element[]): string {
  const root = xs('schema', { targetNamespace, elementFormDefault: 'qualified' }, ...content);
  const prefixes = { [XS]: 'xs', [WSCIM_COMMON]: 'cim', [targetNamespace]: 'class' };
  const bound = targetNamespace === WSCIM_COMMON ? { [XS]: 'xs', [WSCIM_COMMON]: 'cim' } : prefixes;
  const declare = Object.keys(bound);
  return `<?xml version="1.0" encoding="UTF-8"?>\n${serialise(root, { prefixes: bound, declare, pretty: true })}\n`;
}

/** The part of the common types that our classes use. */
export function commonXsd(): string {
  const simple = (name: string, base: string) =>
    xs(
      'complexType',
      { name },
      xs('simpleContent', {}, xs('extension', { base: `xs:${base}` }, anyAttribute)),
    );
  const open = (name: string, particle: Element) =>
    xs('complexType', { name }, xs('sequence', {}, particle), anyAttribute);
  const date = (name: string, type: string) => xs('element', { name, type: `xs:${type}` });
  return document(
    WSCIM_COMMON,
    ...Object.values(COMMON).map(([name, base]) => simple(name, base)),
    simple('cimBase64Binary', 'base64Binary'),
    open('cimReference', xs('any', { namespace: '##other', maxOccurs: 'unbounded', processContents: 'lax' })),
    open(
      'cimDateTime',
      xs(
        'choice',
        {},
        date('CIM_DateTime', 'string'),
        date('Interval', 'duration'),
        date('Date', 'date'),
        date('Time', 'time'),
        date('Datetime', 'dateTime'),
      ),
    ),
  );
}

/** The schema of one class with all its properties, in the order in which they are sent, and of its methods. */
export function classXsd(row: ClassRow): string {
  const methods = (row.methods ?? []).flatMap(({ name, input, output }) => [
    parameterList(`${name}_INPUT`, input),
    parameterList(`${name}_OUTPUT`, [...output, RETURN_VALUE]),
  ]);
  return document(
    classUri(row.name),
    xs('import', { namespace: WSCIM_COMMON, schemaLocation: 'common.xsd' }),
    xs('element', { name: row.name, type: `class:${row.name}_Type` }),
    xs(
      'complexType',
      { name: `${row.name}_Type` },
      xs('sequence', {}, ...sortedProperties(row).map((p) => propertyElement(p))),
      anyAttribute,
    ),
    ...methods,
  );
}

function parameterList(name: string, rows: readonly PropertyRow[]): Element {
  return xs(
    'element',
    { name },
    xs('complexType', {}, xs('sequence', {}, ...rows.map((row) => propertyElement(row)))),
  );
}

function propertyElement(row: PropertyRow): Element {
  const needed = row.key || row.required;
  return xs('element', {
    name: row.name,
    type: typeName(row),
    minOccurs: needed ? undefined : '0',
    maxOccurs: row.array && !row.octets ? 'unbounded' : undefined,
    nillable: needed ? undefined : 'true',
  });
}

function typeName(row: PropertyRow): string {
  if (row.octets) return 'cim:cimBase64Binary';
  if (row.type === 'datetime') return 'cim:cimDateTime';
  if (row.type === 'instance') return 'xs:anyType';
  return row.type === 'reference' ? 'cim:cimReference' : `cim:${COMMON[row.type][0]}`;
}
