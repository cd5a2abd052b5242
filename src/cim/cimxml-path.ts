/** Object paths in CIM-XML, both ways. Source: DSP0201 (INSTANCENAME, INSTANCEPATH, KEYBINDING), DTD of DSP0203 2.4. */
import { fail } from '../model/errors.js';
import { printable } from '../model/names.js';
import { attribute, child, childrenNamed, type Element, el, elements, text } from '../xml/element.js';
import type { ObjectPath } from './instance.js';
import { classNameOf } from './loose.js';
import { findClass, findProperty } from './schema.js';

/** INSTANCENAME, or INSTANCEPATH and LOCALINSTANCEPATH around one. The host in a path is passed over. Errors: SCHEMA. */
export function readInstancePath(element: Element): ObjectPath {
  const name = element.local === 'INSTANCENAME' ? element : child(element, '', 'INSTANCENAME');
  if (!name) throw fail('SCHEMA', `<${printable(element.local)}> names no instance`, element.at);
  const outer = child(element, '', 'NAMESPACEPATH') ?? element;
  const local = child(outer, '', 'LOCALNAMESPACEPATH');
  const parts = local ? childrenNamed(local, '', 'NAMESPACE') : [];
  return {
    namespace: parts.map((part) => attribute(part, 'NAME') ?? '').join('/'),
    className: classNameOf(attribute(name, 'CLASSNAME') ?? ''),
    keys: new Map(elements(name).map(readBinding)),
  };
}

function readBinding(binding: Element): readonly [string, string | ObjectPath] {
  const name = binding.local === 'KEYBINDING' ? attribute(binding, 'NAME') : undefined;
  const [value, ...more] = elements(binding);
  if (name === undefined || !value || more.length > 0)
    throw fail('SCHEMA', 'a key must be a KEYBINDING with NAME and one value', binding.at);
  if (value.local === 'KEYVALUE') return [name, text(value)];
  if (value.local === 'VALUE.REFERENCE') return [name, readValueReference(value)];
  throw fail('SCHEMA', `<${printable(value.local)}> is no value of a key`, value.at);
}

/** What a VALUE.REFERENCE holds. Errors: SCHEMA. */
export function readValueReference(value: Element): ObjectPath {
  const [path] = elements(value);
  if (!path) throw fail('SCHEMA', 'VALUE.REFERENCE is empty', value.at);
  return readInstancePath(path);
}

function instanceName({ className, keys }: ObjectPath): Element {
  const row = findClass(className);
  const bindings = [...keys].map(([name, value]) => {
    const type = (row && findProperty(row, name)?.type) ?? 'string';
    const content =
      typeof value === 'string'
        ? el('', 'KEYVALUE', { VALUETYPE: valueType(type), TYPE: type }, value)
        : el('', 'VALUE.REFERENCE', {}, localPath(value));
    return el('', 'KEYBINDING', { NAME: name }, content);
  });
  return el('', 'INSTANCENAME', { CLASSNAME: className }, ...bindings);
}

const valueType = (type: string) =>
  type === 'string' || type === 'datetime' ? 'string' : type === 'boolean' ? 'boolean' : 'numeric';

export function localPath(path: ObjectPath): Element {
  return el('', 'LOCALINSTANCEPATH', {}, namespacePath(path.namespace), instanceName(path));
}

export function namespacePath(namespace: string): Element {
  const parts = namespace.split('/').map((part) => el('', 'NAMESPACE', { NAME: part }));
  return el('', 'LOCALNAMESPACEPATH', {}, ...parts);
}
