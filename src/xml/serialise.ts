/** The one writer of XML text. */
import { fail } from '../model/errors.js';
import { type Element, isElement } from './element.js';

export interface SerialiseOptions {
  /** Prefix for each namespace that may occur; others get ns1, ns2…. The prefix '' makes it the default namespace. */
  readonly prefixes?: Readonly<Record<string, string>>;
  /** Indent children by two spaces (never inside elements that hold text). */
  readonly pretty?: boolean;
  /** With `pretty`: elements below so many levels stand on one line with what holds them. All have lines of their own by default. */
  readonly levels?: number;
  /** Namespaces declared on the root even if unused there: content such as QNames may need them. */
  readonly declare?: readonly string[];
  /** Namespaces whose prefixes (in `prefixes`) the text around this element declares already. */
  readonly inScope?: readonly string[];
}

/** Bound to `xml` by definition, never declared. */
export const XML_NS = 'http://www.w3.org/XML/1998/namespace';

/** What XML 1.0 cannot carry at all (§2.2), as a part of a class of characters. */
const NO_CHARACTER = '\\0-\\x08\\x0b\\x0c\\x0e-\\x1f\\ufffe\\uffff';
const UNCARRIED = new RegExp(`[${NO_CHARACTER}]`, 'g');
const TEXT = new RegExp(`[&<>\\r${NO_CHARACTER}]`, 'g');
const ATTRIBUTE = new RegExp(`[&<>"\\t\\n\\r${NO_CHARACTER}]`, 'g');
const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
};
/** Most text needs no escape at all: looking first is cheaper. */
const escaped = (value: string, what: RegExp) =>
  value.search(what) < 0 ? value : value.replace(what, (c) => ESCAPES[c] ?? refuse(c));

function refuse(character: string): never {
  const code = character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0');
  throw fail('CHARACTER', `XML cannot carry the character U+${code}`);
}

/** The text with characters that XML cannot carry replaced by U+FFFD. */
export function withoutIllegal(text: string): string {
  return text.replaceAll(UNCARRIED, '\ufffd');
}

/** Text as it stands between tags. Errors: CHARACTER. */
export function escapeText(value: string): string {
  return escaped(value, TEXT);
}

/** Text of an element without XML declaration. Namespaces are declared once, on the root, but for those in scope there. Errors: CHARACTER. */
export function serialise(root: Element, options: SerialiseOptions = {}): string {
  const {
    prefixes = {},
    declare = [],
    inScope = [],
    pretty = false,
    levels = Number.POSITIVE_INFINITY,
  } = options;
  const assigned = new Map<string, string>();
  let next = 1;
  const prefixOf = (ns: string): string => {
    if (ns === '') return '';
    if (ns === XML_NS) return 'xml';
    const known = assigned.get(ns);
    if (known !== undefined) return known;
    const prefix = prefixes[ns] ?? `ns${next++}`;
    assigned.set(ns, prefix);
    return prefix;
  };
  const qualified = (ns: string, local: string) => {
    const prefix = prefixOf(ns);
    return prefix === '' ? local : `${prefix}:${local}`;
  };
  /** The element in two parts, as the root's declarations come between them and are known last. */
  const write = (element: Element, indent: string, level: number): readonly [name: string, rest: string] => {
    const name = qualified(element.ns, element.local);
    let rest = '';
    for (const { ns, local, value } of element.attributes)
      rest += ` ${qualified(ns, local)}="${escaped(value, ATTRIBUTE)}"`;
    if (element.children.length === 0) return [name, `${rest}/>`];
    const spread = pretty && level < levels && element.children.every(isElement);
    const inner = spread ? `${indent}  ` : indent;
    rest += '>';
    for (const node of element.children) {
      if (!isElement(node)) {
        rest += escaped(node, TEXT);
        continue;
      }
      const [childName, childRest] = write(node, inner, level + 1);
      rest += `${spread ? `\n${inner}` : ''}<${childName}${childRest}`;
    }
    return [name, `${rest}${spread ? `\n${indent}` : ''}</${name}>`];
  };
  for (const ns of declare) prefixOf(ns);
  const [name, rest] = write(root, '', 0);
  let declarations = '';
  for (const [ns, prefix] of assigned)
    if (!inScope.includes(ns))
      declarations += ` ${prefix === '' ? 'xmlns' : `xmlns:${prefix}`}="${escaped(ns, ATTRIBUTE)}"`;
  return `<${name}${declarations}${rest}`;
}
