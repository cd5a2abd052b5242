/** Reading neutral form (docs/cim.md): instances as elements, property values as text. */
import { childrenNamed, type Element, elements, text } from '../xml/element.js';

/** Namespace of the element around the instances of a document. */
export const INSTANCES_NS = 'http://schemas.nwgate.org/wbem/wscim/1/instances';

/** Namespace of standard classes: this and the class name. */
export const DMTF_BASE = 'http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/';

/** What the instance is, whoever's class it has: `FilterList` of `NWG_FilterList`, `KVM_FilterList`, `CIM_FilterList`. */
export function kindOf({ local }: Pick<Element, 'local'>): string {
  return local.slice(local.indexOf('_') + 1);
}

/** The values of a property; its elements stand in the class's own namespace. */
export function values(instance: Element, property: string): readonly string[] {
  return elements(instance)
    .filter(({ local }) => local === property)
    .map((found) => text(found));
}

export function value(instance: Element, property: string): string | undefined {
  return values(instance, property)[0];
}

export function isTrue(instance: Element, property: string): boolean {
  return /^(?:true|1)$/i.test(value(instance, property) ?? '');
}

/** What a reference property names. */
export interface Target {
  readonly className: string;
  readonly name: string;
}

/** The class and the key `key` in a reference property; undefined when it holds no endpoint reference with both. */
export function target(instance: Element, property: string, key = 'Name'): Target | undefined {
  const reference = elements(instance).find(({ local }) => local === property);
  const parameters = reference && elements(reference).find(({ local }) => local === 'ReferenceParameters');
  if (!parameters) return undefined;
  const uri = elements(parameters).find(({ local }) => local === 'ResourceURI');
  const set = elements(parameters).find(({ local }) => local === 'SelectorSet');
  const name = (set ? childrenNamed(set, set.ns, 'Selector') : []).find((selector) =>
    selector.attributes.some((a) => a.local === 'Name' && a.value.toLowerCase() === key.toLowerCase()),
  );
  if (!uri || !name) return undefined;
  const path = text(uri).trim();
  return { className: path.slice(path.lastIndexOf('/') + 1), name: text(name) };
}
