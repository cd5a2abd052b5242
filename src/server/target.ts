/** What a request is about: the class and the instance its ResourceURI and selectors name. Source: DSP0226 §5.1, DSP0227 §5. */
import type { ObjectPath } from '../cim/instance.js';
import { keyFaults } from '../cim/keys.js';
import { pathOfSelectors } from '../cim/path.js';
import type { ClassRow } from '../cim/rows.js';
import { classOfUri, keysOf, namespaceOfUri, WMI_BASE } from '../cim/schema.js';
import type { Request } from '../wsman/envelope.js';
import { soapFault } from '../wsman/faults.js';
import type { Element } from '../xml/element.js';

/** "All classes" in the spellings clients use (DSP0227 §5.2); Microsoft's has a CIM namespace before the asterisk. */
const ALL_CLASSES = [
  'http://schemas.dmtf.org/wbem/wscim/1/*',
  'http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/*',
];

export function isAllClasses(uri: string): boolean {
  return ALL_CLASSES.includes(uri) || (uri.startsWith(WMI_BASE) && uri.endsWith('/*'));
}

/** The namespace and keys a request says, of whatever class. Errors: CIM_SELECTORS, CLASS_NOT_FOUND for a namespace. */
export function pathOfTarget({ resourceUri, selectors }: Request, className = ''): ObjectPath {
  return pathOfSelectors(className, selectors, namespaceOfUri(resourceUri));
}

export interface Target {
  readonly row: ClassRow;
  /** With the keys that were sent. */
  readonly path: ObjectPath;
}

/** Errors: ActionNotSupported for all classes, DestinationUnreachable/InvalidResourceURI, CLASS_NOT_FOUND for a namespace. */
export function targetClass(request: Request): Target {
  const { resourceUri } = request;
  if (isAllClasses(resourceUri))
    throw soapFault('wsa:ActionNotSupported', undefined, 'all classes cannot be read or written at once');
  const row = classOfUri(resourceUri);
  if (!row)
    throw soapFault('wsa:DestinationUnreachable', 'InvalidResourceURI', `${resourceUri} names no class`);
  return { row, path: pathOfTarget(request, row.name) };
}

interface Known {
  readonly resourceUri: string;
  readonly target: Target;
}

/** By their selectors, which are one element each time a familiar message comes. */
const targets = new WeakMap<Element, Known>();

/** As `targetClass`, with the keys that name one instance. Faults also: InvalidSelectors. */
export function targetInstance(request: Request): Target {
  const { resourceUri, selectors } = request;
  const known = selectors && targets.get(selectors);
  if (known?.resourceUri === resourceUri) return known.target;
  const target = namedInstance(request);
  if (selectors) targets.set(selectors, { resourceUri, target });
  return target;
}

function namedInstance(request: Request): Target {
  const target = targetClass(request);
  const { row, path } = target;
  const { missing, unexpected } = keyFaults(row, path);
  // An abstract superclass may know no keys of its own; which ones are right then shows with the instance.
  const keyless = keysOf(row).length === 0;
  if (unexpected.length > 0 && !keyless) {
    const reason = `${row.name} has no key ${unexpected.join(', ')}`;
    throw soapFault('wsman:InvalidSelectors', 'UnexpectedSelectors', reason);
  }
  if (missing.length > 0 || (keyless && path.keys.size === 0)) {
    const reason = keyless ? 'the keys of the instance are missing' : `missing: ${missing.join(', ')}`;
    throw soapFault('wsman:InvalidSelectors', 'InsufficientSelectors', reason);
  }
  return target;
}
