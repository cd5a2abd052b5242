/** Instances → WS-CIM elements. Source: DSP0230 §7–8; properties sorted by name as common servers send them. */
import { type Element, el } from '../xml/element.js';
import type { SerialiseOptions } from '../xml/serialise.js';
import { XSI } from './decode.js';
import { type CimValue, type Instance, isInstance, isObjectPath, type Scalar } from './instance.js';
import { type IpVersion, octetsToBase64 } from './octets.js';
import { referenceContent, WSA, WSMAN } from './path.js';
import type { MethodRow, PropertyRow } from './rows.js';
import { formatScalar } from './scalars.js';
import { classRow, classUri, isA, perClass, sortedProperties } from './schema.js';
import { marked } from './widening.js';

/** Common types of WS-CIM (DSP8004). */
export const WSCIM_COMMON = 'http://schemas.dmtf.org/wbem/wscim/1/common';

export const WSCIM_PREFIXES: Readonly<Record<string, string>> = {
  [WSCIM_COMMON]: 'cim',
  [XSI]: 'xsi',
  [WSA]: 'wsa',
  [WSMAN]: 'wsman',
};

/**
 * How to serialise encoded instances: octet strings carry `xsi:type="cim:cimBase64Binary"`, so the prefix must be bound
 * whether or not an element uses it.
 */
export const WSCIM_OUTPUT: SerialiseOptions = { prefixes: WSCIM_PREFIXES, declare: [WSCIM_COMMON] };

export interface EncodeOptions {
  /** Render as this base class: its properties only, in its namespace (ExcludeSubClassProperties). */
  readonly asClass?: string;
  /** False: leave null properties out; by default they are there with xsi:nil. */
  readonly nil?: boolean;
}

/** The class element of an instance. Errors: CLASS_NOT_FOUND. */
export function encodeInstance(instance: Instance, { asClass, nil = true }: EncodeOptions = {}): Element {
  const row = classRow(
    asClass !== undefined && isA(instance.className, asClass) ? asClass : instance.className,
  );
  const shown = row.name === instance.className ? instance : marked(instance, row);
  const ns = classUri(row.name);
  const version = versionOf(instance);
  const children: Element[] = [];
  for (const { p, absent } of layoutOf(row)) {
    const value = shown.properties.get(p.name);
    if (value !== undefined) children.push(...encodeValue(ns, p, value, version));
    else if (nil && absent) children.push(absent);
  }
  return { ns, local: row.name, attributes: [], children };
}

/** `<Method_OUTPUT>`: out parameters in order, ReturnValue last. */
export function encodeOutput(
  className: string,
  method: MethodRow,
  values: ReadonlyMap<string, CimValue>,
): Element {
  const ns = classUri(classRow(className).name);
  const children = [...method.output, RETURN_VALUE].flatMap((row) => {
    const value = values.get(row.name);
    return value === undefined ? [] : encodeValue(ns, row, value, undefined);
  });
  return el(ns, `${method.name}_OUTPUT`, {}, ...children);
}

/** xsi:type of an octet string, as a QName with the prefix it is promised. */
export const OCTETS_TYPE = 'cim:cimBase64Binary';

export const RETURN_VALUE: PropertyRow = { name: 'ReturnValue', type: 'uint32' };

/** Elements of one property or parameter: none for an empty array. */
export function encodeValue(
  ns: string,
  row: PropertyRow,
  value: CimValue,
  version: IpVersion,
): readonly Element[] {
  if (isObjectPath(value)) return [el(ns, row.name, {}, ...referenceContent(value))];
  if (isInstance(value)) return [embedded(ns, row.name, value)];
  if (row.octets) {
    const type = { ns: XSI, local: 'type', value: OCTETS_TYPE };
    const base64 = octetsToBase64(row.octets, String(value), version);
    return [{ ns, local: row.name, attributes: [type], children: [base64] }];
  }
  const list: readonly Scalar[] = Array.isArray(value) ? value : [value as Scalar];
  return list.map((each) => {
    const written = formatScalar(each);
    if (row.type === 'datetime')
      return el(ns, row.name, {}, el(WSCIM_COMMON, dateElement(written), {}, written));
    return written === '' ? el(ns, row.name) : el(ns, row.name, {}, written);
  });
}

/** Prefix for the namespace of an embedded instance's class: its type is named by it, so it must be bound. */
export const EMBEDDED_PREFIX = 'e';

/** An embedded instance: the property's element with the type and the properties of the class; null ones left out. */
function embedded(ns: string, local: string, instance: Instance): Element {
  const { local: name, children } = encodeInstance(instance, { nil: false });
  const type = { ns: XSI, local: 'type', value: `${EMBEDDED_PREFIX}:${name}_Type` };
  return { ns, local, attributes: [type], children };
}

/** Namespace of the instances that an instance holds; undefined when it holds none. */
export function embeddedNamespace(instance: Instance): string | undefined {
  for (const value of instance.properties.values()) if (isInstance(value)) return classUri(value.className);
  return undefined;
}

/** IP version of an instance, where it says one. */
export function versionOf(instance: Instance): IpVersion {
  const version = instance.properties.get('HdrIPVersion');
  return version === 4 || version === 6 ? version : undefined;
}

interface Slot {
  readonly p: PropertyRow;
  /** What stands there for null; undefined where the property is never null. */
  readonly absent: Element | undefined;
}

/** The properties of a class in the order they are sent. Most of an instance is null, so what says that is made once. */
const layoutOf = perClass((row): readonly Slot[] =>
  sortedProperties(row).map((p) => ({
    p,
    absent: p.key || p.required ? undefined : nilElement(classUri(row.name), p.name),
  })),
);

function nilElement(ns: string, local: string): Element {
  return { ns, local, attributes: [{ ns: XSI, local: 'nil', value: 'true' }], children: [] };
}

function dateElement(written: string): string {
  if (/^-?P/.test(written)) return 'Interval';
  return /^\d{4}-\d\d-\d\dT/.test(written) ? 'Datetime' : 'CIM_DateTime';
}
