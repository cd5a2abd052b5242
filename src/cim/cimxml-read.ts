/** CIM-XML in: declarations, responses to enumerations, CreateInstance, or single values. Source: DSP0201, DTD of DSP0203 2.4. */
import { type Fault, fail, NwgateError, throwIfAny } from '../model/errors.js';
import { printable } from '../model/names.js';
import { attribute, child, type Element, elements, text } from '../xml/element.js';
import { readInstancePath, readValueReference } from './cimxml-path.js';
import type { ObjectPath } from './instance.js';
import { instanceElements, type LooseInstance, type LooseProperty, type LooseValue } from './loose.js';

/** Elements around instances, which say nothing about them. */
const AROUND = [
  'CIM',
  'DECLARATION',
  'DECLGROUP',
  'DECLGROUP.WITHNAME',
  'DECLGROUP.WITHPATH',
  'MESSAGE',
  'SIMPLERSP',
  'MULTIRSP',
  'IMETHODRESPONSE',
  'IRETURNVALUE',
  'SIMPLEREQ',
  'MULTIREQ',
];

/** An instance with or without its path beside it. */
const VALUES = [
  'VALUE.OBJECT',
  'VALUE.NAMEDOBJECT',
  'VALUE.NAMEDINSTANCE',
  'VALUE.INSTANCEWITHPATH',
  'VALUE.OBJECTWITHPATH',
  'VALUE.OBJECTWITHLOCALPATH',
];

const PATHS = ['INSTANCENAME', 'INSTANCEPATH', 'LOCALINSTANCEPATH'];

/** Where a declaration says its namespace, and declarations of qualifiers. */
const PASSED_OVER = ['NAMESPACEPATH', 'LOCALNAMESPACEPATH', 'QUALIFIER.DECLARATION'];

export function isCimxml({ ns, local }: Element): boolean {
  return ns === '' && [...AROUND, ...VALUES, 'INSTANCE'].includes(local);
}

/**
 * The instances of a document as `decodeInstances` takes them. Errors, all at once: SCHEMA for elements that hold no instance
 * (classes, errors, other requests), and those of `instanceElements`.
 */
export function cimxmlInstances(root: Element): readonly Element[] {
  const faults: Fault[] = [];
  const found = instancesBelow(root, faults);
  throwIfAny(faults);
  return instanceElements(found);
}

function instancesBelow(element: Element, faults: Fault[]): readonly LooseInstance[] {
  if (element.local === 'INSTANCE') return collected(faults, () => [readInstance(element)]);
  if (VALUES.includes(element.local)) return collected(faults, () => [readValue(element)]);
  if (AROUND.includes(element.local))
    return elements(element)
      .filter(({ local }) => !PASSED_OVER.includes(local))
      .flatMap((inner) => instancesBelow(inner, faults));
  return collected(faults, () => created(element).map((instance) => readInstance(instance)));
}

function collected<T>(faults: Fault[], read: () => readonly T[]): readonly T[] {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof NwgateError)) throw error;
    faults.push(...error.faults);
    return [];
  }
}

/** The new instance of a CreateInstance request: the one call that brings one. */
function created(call: Element): readonly Element[] {
  if (call.local !== 'IMETHODCALL' || attribute(call, 'NAME')?.toLowerCase() !== 'createinstance')
    throw fail('SCHEMA', `<${printable(call.local)}> holds no instance`, call.at);
  return elements(call)
    .filter(({ local }) => local === 'IPARAMVALUE')
    .flatMap((parameter) => elements(parameter).filter(({ local }) => local === 'INSTANCE'));
}

function readValue(value: Element): LooseInstance {
  const instance = child(value, '', 'INSTANCE');
  if (!instance) throw fail('SCHEMA', `<${printable(value.local)}> holds no INSTANCE`, value.at);
  const path = elements(value).find(({ local }) => PATHS.includes(local));
  return readInstance(instance, path && readInstancePath(path));
}

function readInstance(instance: Element, path?: ObjectPath): LooseInstance {
  const properties = elements(instance)
    .filter(({ local }) => local !== 'QUALIFIER')
    .map(readProperty);
  return { className: attribute(instance, 'CLASSNAME') ?? '', properties, path, at: instance.at };
}

function readProperty(element: Element): LooseProperty {
  const read = PROPERTIES[element.local];
  const name = attribute(element, 'NAME');
  if (!read || name === undefined)
    throw fail('SCHEMA', `<${printable(element.local)}> is no property with a NAME`, element.at);
  return { name, value: read(element), at: element.at };
}

/** Null is a property without value. */
const PROPERTIES: Readonly<Record<string, (property: Element) => LooseValue>> = {
  PROPERTY: (property) => {
    const value = child(property, '', 'VALUE');
    return value ? text(value) : null;
  },
  'PROPERTY.ARRAY': (property) => {
    const array = child(property, '', 'VALUE.ARRAY');
    return array ? elements(array).map(arrayItem) : null;
  },
  'PROPERTY.REFERENCE': (property) => {
    const value = child(property, '', 'VALUE.REFERENCE');
    return value ? readValueReference(value) : null;
  },
};

function arrayItem(item: Element): string | null {
  if (item.local === 'VALUE') return text(item);
  if (item.local === 'VALUE.NULL') return null;
  throw fail('SCHEMA', `<${printable(item.local)}> is no value of an array`, item.at);
}
