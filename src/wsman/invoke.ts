/** Calls of extrinsic methods. Sources: DSP0226 §9, DSP0227 §9, DSP0230 §9.3. */
import type { Element } from '../xml/element.js';
import { soapFault } from './faults.js';

/** `<class URI>/<Method>`, split at the last slash; undefined when there is nothing to split. */
export function splitAction(
  action: string,
): { readonly classUri: string; readonly method: string } | undefined {
  const slash = action.lastIndexOf('/');
  const method = action.slice(slash + 1);
  return slash > 0 && method !== '' ? { classUri: action.slice(0, slash), method } : undefined;
}

/** The `<Method>_INPUT` element; undefined for an empty body, as methods without parameters are called. Faults: SchemaValidationError. */
export function readInput(body: readonly Element[], method: string): Element | undefined {
  const [input, ...others] = body;
  if (!input) return undefined;
  if (others.length > 0 || input.local.toLowerCase() !== `${method}_INPUT`.toLowerCase())
    throw soapFault('wsman:SchemaValidationError', undefined, `the body must hold one ${method}_INPUT`);
  return input;
}
