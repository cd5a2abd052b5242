/** Instances, references and method results as text of an answer's body. */
import { encodeInstance, encodeOutput } from '../cim/encode.js';
import type { CimValue, Instance, ObjectPath } from '../cim/instance.js';
import { endpointReference } from '../cim/path.js';
import type { MethodRow } from '../cim/rows.js';
import { fragment } from '../wsman/answer.js';
import { inVersion } from '../wsman/epr.js';
import { type AddressingNs, NS, PREFIXES_WITH } from '../wsman/namespaces.js';
import { type SerialiseOptions, serialise } from '../xml/serialise.js';

const scopes = new Map<string, SerialiseOptions>();

/** What is declared around and on an instance of a class; made once for each, as every answer needs it. */
function scopeOf(classNs: string, addressing: AddressingNs): SerialiseOptions {
  const key = `${addressing} ${classNs}`;
  let scope = scopes.get(key);
  if (!scope) {
    scope = {
      prefixes: { ...PREFIXES_WITH[addressing], [classNs]: 'p' },
      // Octet strings name their type with this prefix.
      declare: [NS.cim],
      inScope: [addressing, NS.wsman],
    };
    scopes.set(key, scope);
  }
  return scope;
}

/** The class element with the prefix `p`; `asClass` renders it as that superclass. */
export function instanceText(instance: Instance, addressing: AddressingNs, asClass?: string): string {
  const element = inVersion(encodeInstance(instance, asClass === undefined ? {} : { asClass }), addressing);
  return serialise(element, scopeOf(element.ns, addressing));
}

export function referenceText(path: ObjectPath, addressing: AddressingNs): string {
  return fragment(inVersion(endpointReference(path), addressing), addressing);
}

/** `<Method_OUTPUT>` with the prefix `n1`. */
export function outputText(
  className: string,
  method: MethodRow,
  values: ReadonlyMap<string, CimValue>,
  addressing: AddressingNs,
): string {
  const element = inVersion(encodeOutput(className, method, values), addressing);
  return fragment(element, addressing, { [element.ns]: 'n1' });
}
