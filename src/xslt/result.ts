/** What an engine wrote, through the gate: an engine's slip is an error here and never a rule. */
import { fail } from '../model/errors.js';
import type { Element } from '../xml/element.js';
import { parseXml } from '../xml/parse.js';

/**
 * The document without the engine's indentation and without positions, which would say where in its output something stood.
 * Errors: INTERNAL when it is no XML document.
 */
export function readResult(engine: string, document: string): Element {
  try {
    return parseXml(document, { plain: true });
  } catch (cause) {
    throw fail('INTERNAL', `${engine} wrote no XML document`, undefined, { cause });
  }
}
