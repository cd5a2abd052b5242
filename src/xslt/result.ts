/** What an engine wrote, through the gate: an engine's slip is an error here and never a rule. */
import { fail } from '../model/errors.js';
import { type Element, isElement, type Node } from '../xml/element.js';
import { parseXml } from '../xml/parse.js';

/**
 * The document without the engine's indentation and without positions, which would say where in its output something stood.
 * Errors: INTERNAL when it is no XML document.
 */
export function readResult(engine: string, document: string): Element {
  try {
    return plain(parseXml(document));
  } catch (cause) {
    throw fail('INTERNAL', `${engine} wrote no XML document`, undefined, { cause });
  }
}

function plain({ ns, local, attributes, children }: Element): Element {
  const indented = children.some(isElement);
  return {
    ns,
    local,
    attributes: attributes.map((a) => ({ ns: a.ns, local: a.local, value: a.value })),
    children: children.flatMap((node): readonly Node[] => {
      if (isElement(node)) return [plain(node)];
      return indented && node.trim() === '' ? [] : [node];
    }),
  };
}
