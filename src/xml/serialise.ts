/** The one writer of XML text. */
import { type Element, isElement } from './element.js';

export interface SerialiseOptions {
  /** Prefix for each namespace that may occur; others get ns1, ns2…. The prefix '' makes it the default namespace. */
  readonly prefixes?: Readonly<Record<string, string>>;
  /** Indent children by two spaces (never inside elements that hold text). */
  readonly pretty?: boolean;
  /** Namespaces declared on the root even if unused there: content such as QNames may need them. */
  readonly declare?: readonly string[];
  /** Namespaces whose prefixes (in `prefixes`) the text around this element declares already. */
  readonly inScope?: readonly string[];
}

/** Bound to `xml` by definition, never declared. */
export const XML_NS = 'http://www.w3.org/XML/1998/namespace';

const TEXT = /[&<>\r]/g;
const ATTRIBUTE = /[&<>"\t\n\r]/g;
const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
};
const escaped = (value: string, what: RegExp) => value.replace(what, (c) => ESCAPES[c]!);

/** Text of an element without XML declaration. Namespaces are declared once, on the root, but for those in scope there. */
export function serialise(root: Element, options: SerialiseOptions = {}): string {
  const prefixOf = assignPrefixes(root, options);
  const declarations = [...prefixOf]
    .filter(([ns]) => !options.inScope?.includes(ns))
    .map(([ns, prefix]) => ` ${prefix === '' ? 'xmlns' : `xmlns:${prefix}`}="${escaped(ns, ATTRIBUTE)}"`)
    .join('');
  const qualified = (ns: string, local: string) => {
    const prefix = ns === '' ? '' : ns === XML_NS ? 'xml' : prefixOf.get(ns)!;
    return prefix === '' ? local : `${prefix}:${local}`;
  };
  const write = (element: Element, indent: string, extra: string): string => {
    const name = qualified(element.ns, element.local);
    const attributes = element.attributes
      .map((a) => ` ${qualified(a.ns, a.local)}="${escaped(a.value, ATTRIBUTE)}"`)
      .join('');
    if (element.children.length === 0) return `<${name}${extra}${attributes}/>`;
    const spread = options.pretty && element.children.every(isElement);
    const inner = `${indent}  `;
    const body = element.children
      .map((node) =>
        isElement(node) ? (spread ? `\n${inner}` : '') + write(node, inner, '') : escaped(node, TEXT),
      )
      .join('');
    return `<${name}${extra}${attributes}>${body}${spread ? `\n${indent}` : ''}</${name}>`;
  };
  return write(root, '', declarations);
}

/** Namespaces in use → prefixes. An attribute namespace never takes the default prefix. */
function assignPrefixes(
  root: Element,
  { prefixes = {}, declare = [] }: SerialiseOptions,
): Map<string, string> {
  const assigned = new Map<string, string>();
  let next = 1;
  const add = (ns: string) => {
    if (ns === '' || ns === XML_NS || assigned.has(ns)) return;
    assigned.set(ns, prefixes[ns] ?? `ns${next++}`);
  };
  const visit = (element: Element) => {
    add(element.ns);
    for (const a of element.attributes) add(a.ns);
    for (const node of element.children) if (isElement(node)) visit(node);
  };
  for (const ns of declare) add(ns);
  visit(root);
  return assigned;
}
