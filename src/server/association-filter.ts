/** The association filter: objects are found by walking from one. Source: DSP0227 §8.2.1. */
import type { AssociationQuery, Found, Objects } from '../app/objects.js';
import { NAMESPACE_SELECTOR, readReference } from '../cim/path.js';
import { namespaceOfUri } from '../cim/schema.js';
import { NwgateError } from '../model/errors.js';
import { soapFault } from '../wsman/faults.js';
import { NS } from '../wsman/namespaces.js';
import { attribute, child, childrenNamed, childText, type Element, elements, text } from '../xml/element.js';

export interface Walk {
  /** In the namespace of its object, `namespace` where the object says none. */
  readonly start: (objects: Objects, namespace: string) => AsyncIterable<Found>;
  /** Names of the properties wanted; undefined: all. */
  readonly properties: readonly string[] | undefined;
}

const cannot = (reason: string, cause?: unknown) =>
  soapFault('wsen:CannotProcessFilter', undefined, reason, { cause });

/** Faults: CannotProcessFilter. */
export function readWalk(filter: string | Element): Walk {
  if (
    typeof filter === 'string' ||
    filter.ns !== NS.wsmb ||
    !['AssociatedInstances', 'AssociationInstances'].includes(filter.local)
  )
    throw cannot('an association filter holds wsmb:AssociatedInstances or wsmb:AssociationInstances');
  const object = child(filter, NS.wsmb, 'Object');
  if (!object) throw cannot('wsmb:Object is missing');
  const said = (local: string) => childText(filter, NS.wsmb, local) || undefined;
  const result = said('ResultClassName');
  const associated = filter.local === 'AssociatedInstances';
  const query: AssociationQuery = {
    associationClass: associated ? said('AssociationClassName') : result,
    role: said('Role'),
    resultClass: associated ? result : undefined,
    resultRole: associated ? said('ResultRole') : undefined,
  };
  const wanted = childrenNamed(filter, NS.wsmb, 'IncludeResultProperty').map((each) => text(each).trim());
  return {
    properties: wanted.length === 0 ? undefined : wanted,
    start: (objects, namespace) => walk(objects, namespace, object, associated, query),
  };
}

/** The object must be one instance (R8.2.1-4). */
async function* walk(
  objects: Objects,
  namespace: string,
  object: Element,
  associated: boolean,
  query: AssociationQuery,
): AsyncGenerator<Found> {
  try {
    const path = readReference(object);
    const from = saysNamespace(object) ? path : { ...path, namespace };
    yield* associated ? objects.associators(from, query) : objects.references(from, query);
  } catch (error) {
    if (error instanceof NwgateError && NOT_ONE.includes(error.code))
      throw cannot(`wsmb:Object: ${error.message}`, error);
    throw error;
  }
}

const NOT_ONE = ['CIM_SELECTORS', 'CLASS_NOT_FOUND', 'INSTANCE_NOT_FOUND', 'CIM_QUERY'];

function saysNamespace(reference: Element): boolean {
  return elements(reference).some((each) => {
    if (each.local === 'Selector') return attribute(each, 'Name')?.toLowerCase() === NAMESPACE_SELECTOR;
    return each.local === 'ResourceURI'
      ? namespaceOfUri(text(each).trim()) !== undefined
      : saysNamespace(each);
  });
}
