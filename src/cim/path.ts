/** Object paths: comparison, text, and endpoint references. Source: DSP0004 §8.2, DSP0227 §5 (selectors), WS-Addressing 2004/08. */
import { fail } from '../model/errors.js';
import { printable } from '../model/names.js';
import { child, childrenNamed, type Element, el, elements, text } from '../xml/element.js';
import { type CimValue, type Instance, isObjectPath, type ObjectPath } from './instance.js';
import {
  classOfUri,
  classRow,
  classUri,
  findClass,
  findNamespace,
  isA,
  keysOf,
  namespaceName,
  namespaceOfUri,
} from './schema.js';

export const WSA = 'http://schemas.xmlsoap.org/ws/2004/08/addressing';
/** Read as well, never written. */
const WSA_2005 = 'http://www.w3.org/2005/08/addressing';
export const WSMAN = 'http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd';
export const ANONYMOUS = `${WSA}/role/anonymous`;
export const NAMESPACE_SELECTOR = '__cimnamespace';

/** Keys whose value is a class name: compared without case. */
const CLASS_NAME_KEYS = ['creationclassname', 'systemcreationclassname'];

/** The value of a key by its name in any case. */
export function keyValue(path: ObjectPath, name: string): string | ObjectPath | undefined {
  const exact = path.keys.get(name);
  if (exact !== undefined) return exact;
  const wanted = name.toLowerCase();
  for (const [key, value] of path.keys) if (key.toLowerCase() === wanted) return value;
  return undefined;
}

/** True when both name one object: equal keys, and classes of which one is or inherits from the other. */
export function sameObject(a: ObjectPath, b: ObjectPath): boolean {
  return (
    spaceOf(a.namespace) === spaceOf(b.namespace) &&
    (isA(a.className, b.className) || isA(b.className, a.className)) &&
    a.keys.size === b.keys.size &&
    [...a.keys].every(([name, value]) => sameKey(name, value, keyValue(b, name)))
  );
}

/** Compares one key of two paths. */
export function sameKey(name: string, a: string | ObjectPath, b: string | ObjectPath | undefined): boolean {
  if (b === undefined) return false;
  if (typeof a === 'string' || typeof b === 'string') {
    if (typeof a !== 'string' || typeof b !== 'string') return false;
    return CLASS_NAME_KEYS.includes(name.toLowerCase()) ? a.toLowerCase() === b.toLowerCase() : a === b;
  }
  return sameObject(a, b);
}

/** `root/nwgate:NWG_FilterList.Name="x",…`, keys sorted. For messages and logs. */
export function formatPath(path: ObjectPath): string {
  const keys = [...path.keys]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => {
      const shown = typeof value === 'string' ? value : formatPath(value);
      return `${name}="${shown.replace(/["\\]/g, '\\$&')}"`;
    });
  return `${spaceOf(path.namespace)}:${path.className}.${keys.join(',')}`;
}

/** The path of an instance: every key of its class. Errors: CIM_PROPERTY when it lacks one. */
export function pathOfInstance(namespace: string, instance: Instance): ObjectPath {
  const row = classRow(instance.className);
  const keys = new Map(
    keysOf(row).map(({ name }) => {
      const value = instance.properties.get(name);
      if (value === undefined)
        throw fail('CIM_PROPERTY', `${row.name} needs its key ${name}`, { attribute: name });
      return [name, keyText(value)] as const;
    }),
  );
  return { namespace: namespaceName(namespace), className: row.name, keys };
}

function keyText(value: CimValue): string | ObjectPath {
  return isObjectPath(value) ? value : String(value);
}

/** Children of an endpoint reference: wsa:Address and wsa:ReferenceParameters. What a reference property contains. */
export function referenceContent(path: ObjectPath): readonly Element[] {
  const selectors = [
    el(WSMAN, 'Selector', { Name: NAMESPACE_SELECTOR }, spaceOf(path.namespace)),
    ...[...path.keys].map(([name, value]) =>
      el(WSMAN, 'Selector', { Name: name }, typeof value === 'string' ? value : endpointReference(value)),
    ),
  ];
  return [
    el(WSA, 'Address', {}, ANONYMOUS),
    el(
      WSA,
      'ReferenceParameters',
      {},
      el(WSMAN, 'ResourceURI', {}, classUri(path.className)),
      el(WSMAN, 'SelectorSet', {}, ...selectors),
    ),
  ];
}

export function endpointReference(path: ObjectPath): Element {
  return el(WSA, 'EndpointReference', {}, ...referenceContent(path));
}

/**
 * The path in a wsa:EndpointReference, in an element with its content (a reference property), or in one around it. The
 * address is not looked at, and the namespace may be somebody else's: documents come from other systems. Errors:
 * CIM_SELECTORS (no resource, a selector twice), CLASS_NOT_FOUND.
 */
export function readReference(element: Element): ObjectPath {
  const inner = elements(element).find((node) => node.local === 'EndpointReference' && isAddressing(node));
  if (inner) return readReference(inner);
  const parameters = elements(element).find(
    (node) => node.local === 'ReferenceParameters' && isAddressing(node),
  );
  const uri = parameters && child(parameters, WSMAN, 'ResourceURI');
  if (!parameters || !uri)
    throw fail('CIM_SELECTORS', 'not an endpoint reference with a wsman:ResourceURI', element.at);
  const resource = text(uri).trim();
  const className = classOfUri(resource)?.name;
  if (className === undefined)
    throw fail('CLASS_NOT_FOUND', `"${printable(resource)}" names no class`, element.at);
  return readSelectors(className, child(parameters, WSMAN, 'SelectorSet'), namespaceOfUri(resource));
}

/**
 * The path of a class and a wsman:SelectorSet, in namespace `within` where the set says none. Errors: CIM_SELECTORS for a name
 * given twice, CLASS_NOT_FOUND for the namespace.
 */
export function pathOfSelectors(className: string, set: Element | undefined, within?: string): ObjectPath {
  const path = readSelectors(className, set, within);
  return { ...path, namespace: namespaceName(path.namespace) };
}

function readSelectors(className: string, set: Element | undefined, within = ''): ObjectPath {
  const keys = new Map<string, string | ObjectPath>();
  const seen = new Set<string>();
  let namespace = within;
  for (const selector of set ? childrenNamed(set, WSMAN, 'Selector') : []) {
    const name = selector.attributes.find((a) => a.local === 'Name')?.value.trim() ?? '';
    if (seen.has(name.toLowerCase()))
      throw fail('CIM_SELECTORS', `selector "${printable(name)}" is there twice`, selector.at);
    seen.add(name.toLowerCase());
    const nested = elements(selector).some(
      (node) => node.local === 'EndpointReference' && isAddressing(node),
    );
    if (name.toLowerCase() === NAMESPACE_SELECTOR) namespace = text(selector);
    else keys.set(name, nested ? readReference(selector) : text(selector));
  }
  return { namespace: spaceOf(namespace), className: findClass(className)?.name ?? className, keys };
}

/** A namespace of ours in its one spelling, any other as it is. */
function spaceOf(namespace: string): string {
  return findNamespace(namespace) ?? namespace;
}

function isAddressing({ ns }: Element): boolean {
  return ns === WSA || ns === WSA_2005;
}
