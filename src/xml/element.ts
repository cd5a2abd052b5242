/**
 * An immutable XML tree: what the parser hands out and the serialiser takes. Names are (namespace URI, local name);
 * prefixes are the serialiser's affair. Comments and processing instructions are not kept.
 */

/** Line and column from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

export interface Attribute {
  readonly ns: string;
  readonly local: string;
  readonly value: string;
  readonly at?: Position;
}

export type Node = Element | string;

export interface Element {
  readonly ns: string;
  readonly local: string;
  readonly attributes: readonly Attribute[];
  readonly children: readonly Node[];
  readonly at?: Position;
}

/** Most elements have none. */
export const NONE: readonly Attribute[] = [];

/** `el('ns', 'name', { a: 'v' }, child, 'text')`; attributes without namespace, undefined ones left out. */
export function el(
  ns: string,
  local: string,
  attributes: Readonly<Record<string, string | undefined>> = {},
  ...children: readonly Node[]
): Element {
  const list = Object.entries(attributes).flatMap(([name, value]) =>
    value === undefined ? [] : [{ ns: '', local: name, value }],
  );
  return { ns, local, attributes: list.length === 0 ? NONE : list, children };
}

export function isElement(node: Node): node is Element {
  return typeof node !== 'string';
}

export function elements(parent: Element): readonly Element[] {
  return parent.children.filter(isElement);
}

/** The first child of that name. */
export function child(parent: Element, ns: string, local: string): Element | undefined {
  return elements(parent).find((node) => node.ns === ns && node.local === local);
}

export function childrenNamed(parent: Element, ns: string, local: string): readonly Element[] {
  return elements(parent).filter((node) => node.ns === ns && node.local === local);
}

/** Value of an attribute; without a namespace unless one is given. */
export function attribute(element: Element, local: string, ns = ''): string | undefined {
  return element.attributes.find((a) => a.local === local && a.ns === ns)?.value;
}

/** All text below the element, in document order. */
export function text(element: Element): string {
  let all = '';
  for (const node of element.children) all += isElement(node) ? text(node) : node;
  return all;
}

/** Text of a child element, trimmed; undefined when there is no such child. */
export function childText(parent: Element, ns: string, local: string): string | undefined {
  const found = child(parent, ns, local);
  return found && text(found).trim();
}
