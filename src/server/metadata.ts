/** Classes themselves: Get and Enumerate on the two metadata URIs. Source: DSP0227 §15.4 (what PowerShell's Get-CimClass asks for). */
import { classElement } from '../cim/class-xml.js';
import type { ObjectPath } from '../cim/instance.js';
import { ANONYMOUS, keyValue, NAMESPACE_SELECTOR, pathOfSelectors, WSA, WSMAN } from '../cim/path.js';
import type { ClassRow } from '../cim/rows.js';
import { CLASSES, findClass, lineage, servedClasses } from '../cim/schema.js';
import { classXsd } from '../cim/xsd.js';
import { type Answer, fragment } from '../wsman/answer.js';
import type { Enumerate } from '../wsman/enumeration.js';
import type { Request } from '../wsman/envelope.js';
import { inVersion } from '../wsman/epr.js';
import { soapFault } from '../wsman/faults.js';
import { ACTION } from '../wsman/namespaces.js';
import { flag, type Option } from '../wsman/options.js';
import { requestedEpr } from '../wsman/transfer.js';
import { type Element, el } from '../xml/element.js';
import { serialise } from '../xml/serialise.js';

/** How classes are written, by the ResourceURI they are asked for under. */
const FORMS: ReadonlyMap<string, (row: ClassRow, options: readonly Option[]) => string> = new Map([
  ['http://schemas.dmtf.org/wbem/cim-xml/2/cim-schema/2/*', cimXml],
  [
    'http://schemas.dmtf.org/wbem/ws-cim/1/cim-schema/2/*',
    (row) =>
      classXsd(row)
        .replace(/^<\?xml[^>]*>\n/, '')
        .trimEnd(),
  ],
]);

/** Options of class metadata; all say yes or no. */
export const METADATA_OPTIONS = [
  'IncludeQualifiers',
  'IncludeClassOrigin',
  'IncludeInheritedElements',
  'IncludeInheritanceHierarchy',
  'IncludeSubClasses',
  'IncludePath',
  'ExcludeClassSpecification',
] as const;

export function isClassMetadata(resourceUri: string): boolean {
  return FORMS.has(resourceUri);
}

/** One class. Faults: InvalidSelectors/InsufficientSelectors, DestinationUnreachable. */
export function getClass(request: Request): Answer {
  const path = pathOfSelectors('', request.selectors);
  const row = classNamed(path, nameIn(path));
  if (!row)
    throw soapFault('wsman:InvalidSelectors', 'InsufficientSelectors', 'the selector ClassName is missing');
  const { ns } = request.addressing;
  return {
    action: `${ACTION.get}Response`,
    body: FORMS.get(request.resourceUri)!(row, request.options),
    headers: request.requestEpr ? [requestedEpr(referenceOf(request, path, row), ns)] : [],
  };
}

/** The classes right below one, or below the top; with IncludeSubClasses those further down too. Faults: CannotProcessFilter. */
export async function* classItems(request: Request, { mode, filter }: Enumerate): AsyncGenerator<string> {
  if (filter) throw soapFault('wsen:CannotProcessFilter', undefined, 'classes are not filtered');
  const path = pathOfSelectors('', request.selectors);
  const top = classNamed(path, nameIn(path));
  const deep = flag(request.options, 'IncludeSubClasses');
  const { ns } = request.addressing;
  for (const row of described(path.namespace)) {
    const [, above, ...further] = lineage(row);
    const below = top ? above === top || (deep && further.includes(top)) : deep || above === undefined;
    if (!below) continue;
    const object = () => itemOf(request, path, row);
    const reference = () => fragment(inVersion(referenceOf(request, path, row), ns), ns);
    if (mode === 'EnumerateObject') yield object();
    else yield mode === 'EnumerateEPR' ? reference() : `<wsman:Item>${object()}${reference()}</wsman:Item>`;
  }
}

/** Classes a namespace has instances or events of. */
function described(namespace: string): readonly ClassRow[] {
  return [...servedClasses(namespace), ...CLASSES.filter(({ indication }) => indication)];
}

function nameIn(path: ObjectPath): string {
  const name = keyValue(path, 'ClassName');
  return typeof name === 'string' ? name.trim() : '';
}

function classNamed({ namespace }: ObjectPath, name: string): ClassRow | undefined {
  if (name === '') return undefined;
  const row = findClass(name);
  if (row && described(namespace).includes(row)) return row;
  throw soapFault(
    'wsa:DestinationUnreachable',
    undefined,
    `namespace ${namespace} has no class of that name`,
  );
}

function itemOf(request: Request, path: ObjectPath, row: ClassRow): string {
  const write = FORMS.get(request.resourceUri)!;
  if (write !== cimXml) return write(row, request.options);
  const withPath = flag(request.options, 'IncludePath');
  if (!flag(request.options, 'ExcludeClassSpecification'))
    return withPath
      ? `<VALUE.OBJECTWITHPATH>${serialise(classPath(path, row))}${cimXml(row, request.options)}</VALUE.OBJECTWITHPATH>`
      : cimXml(row, request.options);
  return serialise(withPath ? classPath(path, row) : el('', 'CLASSNAME', { NAME: row.name }));
}

function cimXml(row: ClassRow, options: readonly Option[]): string {
  const detail = {
    qualifiers: flag(options, 'IncludeQualifiers', true),
    origin: flag(options, 'IncludeClassOrigin'),
    inherited: flag(options, 'IncludeInheritedElements', true),
    hierarchy: flag(options, 'IncludeInheritanceHierarchy'),
  };
  return serialise(classElement(row, detail));
}

function classPath({ namespace }: ObjectPath, row: ClassRow): Element {
  const names = namespace.split('/').map((NAME) => el('', 'NAMESPACE', { NAME }));
  const local = el('', 'LOCALNAMESPACEPATH', {}, ...names);
  return el('', 'LOCALCLASSPATH', {}, local, el('', 'CLASSNAME', { NAME: row.name }));
}

function referenceOf({ resourceUri }: Request, { namespace }: ObjectPath, row: ClassRow): Element {
  const selector = (Name: string, content: string) => el(WSMAN, 'Selector', { Name }, content);
  const set = [selector(NAMESPACE_SELECTOR, namespace), selector('ClassName', row.name)];
  return el(
    WSA,
    'EndpointReference',
    {},
    el(WSA, 'Address', {}, ANONYMOUS),
    el(
      WSA,
      'ReferenceParameters',
      {},
      el(WSMAN, 'ResourceURI', {}, resourceUri),
      el(WSMAN, 'SelectorSet', {}, ...set),
    ),
  );
}
