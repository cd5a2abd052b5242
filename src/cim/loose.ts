/**
 * Instances as CIM-XML and MOF have them, before a class says what the values are. They become elements of WS-CIM shape, so that
 * decode.ts is the one reader of values whatever the syntax.
 */
import { type Fault, throwIfAny } from '../model/errors.js';
import { printable } from '../model/names.js';
import { type Element, el, type Node, type Position } from '../xml/element.js';
import { XSI } from './decode.js';
import type { ObjectPath } from './instance.js';
import { keyValue, referenceContent, sameKey } from './path.js';
import { classUri, findClass, findProperty } from './schema.js';

/** Null, one text, an array of texts (null: a null among them), or the path of an object. */
export type LooseValue = null | string | readonly (string | null)[] | ObjectPath;

export interface LooseProperty {
  readonly name: string;
  readonly value: LooseValue;
  readonly at?: Position | undefined;
}

export interface LooseInstance {
  readonly className: string;
  readonly properties: readonly LooseProperty[];
  /** The path that stands beside it in the document: it says the keys that the instance leaves out. */
  readonly path?: ObjectPath | undefined;
  readonly at?: Position | undefined;
}

/**
 * What `decodeInstances` takes. Errors, all at once: CIM_PROPERTY for a property given twice, a key that differs from the path,
 * a null in an array, and an array of numbers without any (a test that nothing passes must not become no test).
 */
export function instanceElements(list: readonly LooseInstance[]): readonly Element[] {
  const faults: Fault[] = [];
  const made = list.map((instance) => instanceElement(instance, faults));
  throwIfAny(faults);
  return made;
}

function instanceElement({ className, properties, path, at }: LooseInstance, faults: Fault[]): Element {
  const name = classNameOf(className);
  const ns = classUri(name);
  const report = (property: LooseProperty, message: string) =>
    faults.push({
      code: 'CIM_PROPERTY',
      message: `${printable(name)}: ${printable(property.name)} ${message}`,
      where: { ...property.at, attribute: printable(property.name) },
    });
  const seen = new Set<string>();
  for (const property of properties) {
    const lower = property.name.toLowerCase();
    if (seen.has(lower)) report(property, 'is there twice');
    else if (differs(property, path)) report(property, 'is not what the path of the instance says');
    seen.add(lower);
  }
  const missing = [...(path?.keys ?? [])]
    .filter(([key]) => !seen.has(key.toLowerCase()))
    .map(([key, value]): LooseProperty => ({ name: key, value, at }));
  const children = [...properties, ...missing].flatMap((property) =>
    propertyElements(ns, name, property, (message) => report(property, message)),
  );
  return placed(el(ns, name, {}, ...children), at);
}

function propertyElements(
  ns: string,
  className: string,
  { name, value, at }: LooseProperty,
  report: (message: string) => void,
): readonly Element[] {
  const property = (...content: readonly Node[]) => placed(el(ns, name, {}, ...content), at);
  if (value === null) return [{ ...property(), attributes: [{ ns: XSI, local: 'nil', value: 'true' }] }];
  if (typeof value === 'string') return [property(value)];
  if (!isArray(value)) return [property(...referenceContent(value))];
  const row = findClass(className);
  const type = row && findProperty(row, name)?.type;
  if (value.length === 0 && type !== undefined && type !== 'string') report('has no value in its array');
  if (value.includes(null)) report('has a null in its array');
  return value.map((each) => property(each ?? ''));
}

function differs({ name, value }: LooseProperty, path: ObjectPath | undefined): boolean {
  const key = path && keyValue(path, name);
  if (key === undefined || value === null) return false;
  return isArray(value) || !sameKey(name, value, key);
}

const isArray = (value: LooseValue): value is readonly (string | null)[] => Array.isArray(value);

const placed = (element: Element, at: Position | undefined): Element => (at ? { ...element, at } : element);

/** The schema's spelling of a class, where it knows it. */
export function classNameOf(written: string): string {
  return findClass(written)?.name ?? written;
}
