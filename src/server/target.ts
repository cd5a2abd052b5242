/** What a request is about: the class and the instance its ResourceURI and selectors name. Source: DSP0226 §5.1, DSP0227 §5. */
import type { Objects } from '../app/objects.js';
import type { ObjectPath } from '../cim/instance.js';
import { pathOfSelectors } from '../cim/path.js';
import type { ClassRow } from '../cim/rows.js';
import { classOfUri, extentClasses, keysOf } from '../cim/schema.js';
import type { Request } from '../wsman/envelope.js';
import { soapFault } from '../wsman/faults.js';

/** "All classes" in the two spellings clients use (DSP0227 §5.2). */
const ALL_CLASSES = [
  'http://schemas.dmtf.org/wbem/wscim/1/*',
  'http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/*',
];

/** Classes with one instance each: its keys may be left out. */
const SINGLETONS = ['NWG_FilterService', 'NWG_HostSystem'];

export function isAllClasses(uri: string): boolean {
  return ALL_CLASSES.includes(uri);
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
  return { row, path: pathOfSelectors(row.name, request.selectors) };
}

/** As `targetClass`, with every key of one instance. Faults also: InvalidSelectors. */
export async function targetInstance(request: Request, objects: Objects): Promise<Target> {
  const target = targetClass(request);
  const keys = keysOf(target.row).map(({ name }) => name);
  const given = [...target.path.keys.keys()];
  const has = (names: readonly string[], name: string) =>
    names.some((other) => other.toLowerCase() === name.toLowerCase());
  // An abstract superclass may know no keys of its own; which ones are right then shows with the instance.
  const extra = keys.length === 0 ? [] : given.filter((name) => !has(keys, name));
  if (extra.length > 0)
    throw soapFault(
      'wsman:InvalidSelectors',
      'UnexpectedSelectors',
      `${target.row.name} has no key ${extra.join(', ')}`,
    );
  const missing = keys.filter((name) => !has(given, name));
  if (missing.length === 0 && given.length > 0) return target;
  const only = given.length === 0 ? await onlyInstance(target, objects) : undefined;
  if (only) return { ...target, path: only };
  throw soapFault(
    'wsman:InvalidSelectors',
    'InsufficientSelectors',
    missing.length > 0 ? `missing: ${missing.join(', ')}` : 'the keys of the instance are missing',
  );
}

async function onlyInstance({ row, path }: Target, objects: Objects): Promise<ObjectPath | undefined> {
  const classes = extentClasses(path.namespace, row);
  if (classes.length !== 1 || !SINGLETONS.includes(classes[0]!.name)) return undefined;
  for await (const instance of objects.enumerate(path.namespace, row.name))
    return objects.pathOf(path.namespace, instance);
  return undefined;
}
