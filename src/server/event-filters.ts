/** Which indications a subscription is about. Sources: DSP0227 §10.2 (resource and filter), DSP0226 §10.2.2 (dialects). */
import type { Objects } from '../app/objects.js';
import type { Instance } from '../cim/instance.js';
import { NAMESPACE_SELECTOR } from '../cim/path.js';
import { checkNames, matcher, subjectOf } from '../cim/query-match.js';
import { parseSelect } from '../cim/query-select.js';
import type { ClassRow } from '../cim/rows.js';
import { classOfUri, DEFAULT_NAMESPACE, findClass, isA } from '../cim/schema.js';
import { type FilterView, PREDEFINED, type QueryLanguage } from '../cim/subscription-views.js';
import type { Filter } from '../wsman/enumeration.js';
import type { Request } from '../wsman/envelope.js';
import { soapFault } from '../wsman/faults.js';
import { DIALECT, NS } from '../wsman/namespaces.js';
import { el } from '../xml/element.js';
import { isAllClasses, pathOfTarget, targetInstance } from './target.js';

/** What a subscriber gets of an indication: it, a part of it, or nothing. */
export type Interest = (indication: Instance) => Instance | undefined;

/** What a subscription is about: as the events are chosen, and as the filter it shows. */
export interface Wanted {
  readonly interest: Interest;
  readonly filter: FilterView;
}

const FILTER_CLASS = 'CIM_IndicationFilter';

/**
 * The ResourceURI is a class of indications, all classes, or the filter that is stored under it and its keys. Faults:
 * InvalidMessage (all classes and no filter), DestinationUnreachable, ActionNotSupported for a class that is no indication,
 * FilteringRequestedUnavailable with the dialects there are, EventSourceUnableToProcess where class and query differ,
 * InvalidParameter (a filter beside a stored one). Errors: CLASS_NOT_FOUND for a namespace, CIM_QUERY, those of `get`.
 */
export async function wantedBy(
  request: Request,
  filter: Filter | undefined,
  objects: Pick<Objects, 'get'>,
): Promise<Wanted> {
  const { resourceUri } = request;
  if (classOfUri(resourceUri)?.name === FILTER_CLASS) return storedFilter(request, filter, objects);
  const all = isAllClasses(resourceUri);
  const { namespace, keys } = pathOfTarget(request);
  if (keys.size > 0)
    throw soapFault(
      'wsman:InvalidSelectors',
      'UnexpectedSelectors',
      `the only selector of a subscription is ${NAMESPACE_SELECTOR}`,
    );
  if (all && !filter)
    throw soapFault('wse:InvalidMessage', undefined, 'a subscription to all classes needs a filter');
  const row = all ? undefined : indicationClass(classOfUri(resourceUri), resourceUri);
  const { query, language } = filter ? queryOf(filter) : queryFor(row!.name);
  return wanted({ name: undefined, query, language, source: namespace }, row);
}

/** A subscription through an instance of CIM_IndicationFilter (DSP0227 R10.2.2-2). That of another subscription is copied. */
async function storedFilter(
  request: Request,
  filter: Filter | undefined,
  objects: Pick<Objects, 'get'>,
): Promise<Wanted> {
  if (filter)
    throw soapFault('wsman:InvalidParameter', undefined, 'the filter is the one that the ResourceURI names');
  const { properties } = await objects.get(targetInstance(request).path);
  const text = (name: string) => String(properties.get(name) ?? '');
  const predefined = PREDEFINED.find(({ name }) => name === text('Name'));
  const [source = DEFAULT_NAMESPACE] = (properties.get('SourceNamespaces') ?? []) as readonly string[];
  const language = text('QueryLanguage') as QueryLanguage;
  return wanted(predefined ?? { name: undefined, query: text('Query'), language, source }, undefined);
}

function wanted(filter: FilterView, resource: ClassRow | undefined): Wanted {
  const interest = interestIn(filter.query, resource);
  // All there is to tell happens in one namespace.
  return { filter, interest: filter.source === DEFAULT_NAMESPACE ? interest : () => undefined };
}

function indicationClass(row: ClassRow | undefined, uri: string): ClassRow {
  if (!row) throw soapFault('wsa:DestinationUnreachable', 'InvalidResourceURI', `${uri} names no class`);
  if (!row.indication)
    throw soapFault('wsa:ActionNotSupported', 'ActionMismatch', `${row.name} is no class of indications`);
  return row;
}

const queryFor = (className: string): Pick<FilterView, 'query' | 'language'> => ({
  query: `SELECT * FROM ${className}`,
  language: 'DMTF:CQL',
});

const LANGUAGES: readonly (readonly [dialect: string, language: QueryLanguage])[] = [
  [DIALECT.wql, 'WQL'],
  [DIALECT.wqlDmtf, 'WQL'],
  [DIALECT.cql, 'DMTF:CQL'],
];

function queryOf({ dialect, content }: Filter): Pick<FilterView, 'query' | 'language'> {
  const known = LANGUAGES.find(([uri]) => uri.toLowerCase() === dialect.toLowerCase());
  if (!known)
    throw soapFault(
      'wse:FilteringRequestedUnavailable',
      undefined,
      `the filter dialect ${dialect} is not supported`,
      { detail: LANGUAGES.map(([uri]) => el(NS.wse, 'SupportedDialect', {}, uri)) },
    );
  if (typeof content !== 'string')
    throw soapFault('wsen:CannotProcessFilter', undefined, 'the filter must be a query');
  return { query: content, language: known[1] };
}

function interestIn(query: string, resource: ClassRow | undefined): Interest {
  const { className, properties, where } = parseSelect(query);
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
