/** Which indications a subscription is about. Sources: DSP0227 §10.2 (resource and filter), DSP0226 §10.2.2 (dialects). */
import type { Instance } from '../cim/instance.js';
import { NAMESPACE_SELECTOR, pathOfSelectors } from '../cim/path.js';
import { checkNames, matcher, subjectOf } from '../cim/query-match.js';
import { parseSelect } from '../cim/query-select.js';
import type { ClassRow } from '../cim/rows.js';
import { classOfUri, DEFAULT_NAMESPACE, findClass, isA } from '../cim/schema.js';
import type { Filter } from '../wsman/enumeration.js';
import type { Request } from '../wsman/envelope.js';
import { soapFault } from '../wsman/faults.js';
import { DIALECT, NS } from '../wsman/namespaces.js';
import { el } from '../xml/element.js';
import { isAllClasses } from './target.js';

/** What a subscriber gets of an indication: it, a part of it, or nothing. */
export type Interest = (indication: Instance) => Instance | undefined;

const DIALECTS: readonly string[] = [DIALECT.wql, DIALECT.wqlDmtf, DIALECT.cql];

/**
 * Faults: InvalidMessage (all classes and no filter), DestinationUnreachable, ActionNotSupported for a class that is no
 * indication, FilteringRequestedUnavailable with the dialects there are, EventSourceUnableToProcess where class and query differ.
 * Errors: CLASS_NOT_FOUND for a namespace, CIM_QUERY.
 */
export function interestOf(request: Request, filter: Filter | undefined): Interest {
  const { resourceUri, selectors } = request;
  const { namespace, keys } = pathOfSelectors('', selectors);
  if (keys.size > 0)
    throw soapFault(
      'wsman:InvalidSelectors',
      'UnexpectedSelectors',
      `the only selector of a subscription is ${NAMESPACE_SELECTOR}`,
    );
  const all = isAllClasses(resourceUri);
  if (all && !filter)
    throw soapFault('wse:InvalidMessage', undefined, 'a subscription to all classes needs a filter');
  const row = all ? undefined : indicationClass(classOfUri(resourceUri), resourceUri);
  const wanted = filter ? queried(filter, row) : ofClass(row!.name);
  // All there is to tell happens in one namespace.
  return namespace === DEFAULT_NAMESPACE ? wanted : () => undefined;
}

function indicationClass(row: ClassRow | undefined, uri: string): ClassRow {
  if (!row) throw soapFault('wsa:DestinationUnreachable', 'InvalidResourceURI', `${uri} names no class`);
  if (!row.indication)
    throw soapFault('wsa:ActionNotSupported', 'ActionMismatch', `${row.name} is no class of indications`);
  return row;
}

function ofClass(name: string): Interest {
  return (indication) => (isA(indication.className, name) ? indication : undefined);
}

function queried({ dialect, content }: Filter, resource: ClassRow | undefined): Interest {
  if (!DIALECTS.some((uri) => uri.toLowerCase() === dialect.toLowerCase()))
    throw soapFault(
      'wse:FilteringRequestedUnavailable',
      undefined,
      `the filter dialect ${dialect} is not supported`,
      { detail: DIALECTS.map((uri) => el(NS.wse, 'SupportedDialect', {}, uri)) },
    );
  if (typeof content !== 'string')
    throw soapFault('wsen:CannotProcessFilter', undefined, 'the filter must be a query');
  const { className, properties, where } = parseSelect(content);
  const row = findClass(className);
  const unable = (reason: string) => soapFault('wse:EventSourceUnableToProcess', undefined, reason);
  if (!row?.indication) throw unable(`${className} is no class of indications`);
  if (resource && resource !== row) throw unable(`the filter asks for ${row.name}, not ${resource.name}`);
  checkNames(row, where, properties);
  const matches = matcher(where);
  const names = properties?.map((name) => name.toLowerCase());
  return (indication) => {
    if (!isA(indication.className, row.name) || !matches(subjectOf(indication))) return undefined;
    return names ? only(indication, names) : indication;
  };
}

function only({ className, properties }: Instance, names: readonly string[]): Instance {
  const wanted = [...properties].filter(([name]) => names.includes(name.toLowerCase()));
  return { className, properties: new Map(wanted) };
}
