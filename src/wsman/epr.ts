/** Endpoint references and selectors. Sources: DSP0226 §5.1 (default addressing model), WS-Addressing 2004/08 §2 and 2005/08 §2. */
import { attribute, childrenNamed, type Element, isElement, text } from '../xml/element.js';
import { soapFault } from './faults.js';
import { type AddressingNs, ANONYMOUS, NS } from './namespaces.js';

/** More selectors than any class has keys are an attack, not a request. */
const MOST_SELECTORS = 64;
/** Characters of a selector's name and of its text; names of filters have 128. */
const LONGEST = 4096;

/**
 * Checks a wsman:SelectorSet. Faults: InvalidSelectors (without a name, a name twice), EncodingLimit/SelectorLimit.
 */
export function checkSelectors(set: Element): void {
  const found = childrenNamed(set, NS.wsman, 'Selector');
  if (found.length > MOST_SELECTORS)
    throw soapFault('wsman:EncodingLimit', 'SelectorLimit', `more than ${MOST_SELECTORS} selectors`);
  const seen = new Set<string>();
  for (const selector of found) {
    const name = attribute(selector, 'Name')?.trim() ?? '';
    if (name === '')
      throw soapFault('wsman:InvalidSelectors', 'InvalidValue', 'a selector has no attribute Name');
    if (Math.max(name.length, text(selector).length) > LONGEST)
      throw soapFault(
        'wsman:EncodingLimit',
        'SelectorLimit',
        `a selector with more than ${LONGEST} characters`,
      );
    const key = name.toLowerCase();
    if (seen.has(key))
      throw soapFault(
        'wsman:InvalidSelectors',
        'DuplicateSelectors',
        `the selector ${name} is there more than once`,
      );
    seen.add(key);
  }
}

/** The same element with its endpoint references in the version of addressing the request uses. */
export function inVersion(element: Element, addressing: AddressingNs): Element {
  if (addressing === NS.wsa) return element;
  const ns = element.ns === NS.wsa ? addressing : element.ns;
  const children = element.children.map((node) =>
    isElement(node) ? inVersion(node, addressing) : node === ANONYMOUS[NS.wsa] ? ANONYMOUS[addressing] : node,
  );
  return { ...element, ns, children };
}
