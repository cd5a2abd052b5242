/** Filters of an enumeration, one row per dialect. Source: DSP0226 §8.3 and annexes D and E, DSP0227 §8.2. */
import type { CimValue, Instance } from '../cim/instance.js';
import { isObjectPath } from '../cim/instance.js';
import { pathOfSelectors, sameKey } from '../cim/path.js';
import { checkNames, matcher, subjectOf } from '../cim/query-match.js';
import { parseSelect } from '../cim/query-select.js';
import { parseXPath } from '../cim/query-xpath.js';
import type { ClassRow } from '../cim/rows.js';
import type { Filter } from '../wsman/enumeration.js';
import { soapFault } from '../wsman/faults.js';
import { DIALECT, NS } from '../wsman/namespaces.js';
import { el } from '../xml/element.js';
import { readWalk, type Walk } from './association-filter.js';

/** What a filter makes of an enumeration. */
export interface Selection {
  /** The class it is over, where it says one: then it decides, whatever the ResourceURI. */
  readonly className?: string | undefined;
  /** Where the objects come from, if not from the class. */
  readonly walk?: Walk['start'];
  readonly accepts: (instance: Instance) => boolean;
  /** Names of the properties wanted; undefined: all, and whole instances. */
  readonly properties?: readonly string[] | undefined;
  /** Refuses names the class does not have. Errors: CIM_QUERY. */
  readonly check?: (row: ClassRow) => void;
}

const EVERYTHING: Selection = { accepts: () => true };

type Dialect = (content: Filter['content']) => Selection;

const DIALECTS: readonly (readonly [uri: string, read: Dialect])[] = [
  [DIALECT.selector, selectors],
  [DIALECT.wql, select],
  [DIALECT.wqlDmtf, select],
  [DIALECT.cql, select],
  [DIALECT.xpath, xpath],
  [DIALECT.xpath1, xpath],
  [DIALECT.xpath2, xpath],
  [DIALECT.association, association],
];

/** Faults: FilterDialectRequestedUnavailable with those we know, CannotProcessFilter. Errors: CIM_QUERY. */
export function selectionOf(filter: Filter | undefined): Selection {
  if (!filter) return EVERYTHING;
  const dialect = DIALECTS.find(([uri]) => uri.toLowerCase() === filter.dialect.toLowerCase());
  if (!dialect)
    throw soapFault(
      'wsen:FilterDialectRequestedUnavailable',
      undefined,
      `the filter dialect ${filter.dialect} is not supported`,
      { detail: DIALECTS.map(([uri]) => el(NS.wsen, 'SupportedDialect', {}, uri)) },
    );
  return dialect[1](filter.content);
}

function select(content: Filter['content']): Selection {
  const { className, properties, where } = parseSelect(textOf(content, 'a query'));
  return { className, properties, ...condition(where, properties) };
}

function xpath(content: Filter['content']): Selection {
  const { className, where } = parseXPath(textOf(content, 'an XPath expression'));
  return { className, ...condition(where) };
}

function condition(
  where: Parameters<typeof matcher>[0],
  properties?: readonly string[],
): Pick<Selection, 'accepts' | 'check'> {
  const matches = matcher(where);
  return {
    accepts: (instance) => matches(subjectOf(instance)),
    check: (row) => checkNames(row, where, properties),
  };
}

function association(content: Filter['content']): Selection {
  const { start, properties } = readWalk(content);
  return { ...EVERYTHING, walk: start, properties };
}

/** Instances whose properties have exactly the values of a wsman:SelectorSet. */
function selectors(content: Filter['content']): Selection {
  if (typeof content === 'string' || content.ns !== NS.wsman || content.local !== 'SelectorSet')
    throw cannot('a selector filter holds one wsman:SelectorSet');
  const { keys } = pathOfSelectors('', content);
  const accepts = (instance: Instance) =>
    [...keys].every(([name, wanted]) => {
      const value = propertyNamed(instance, name);
      if (value === undefined) return false;
      return isObjectPath(value) ? sameKey(name, value, wanted) : String(value) === wanted;
    });
  return { accepts };
}

function textOf(content: Filter['content'], what: string): string {
  if (typeof content !== 'string' || content === '') throw cannot(`the filter must be ${what}`);
  return content;
}

const cannot = (reason: string) => soapFault('wsen:CannotProcessFilter', undefined, reason);

function propertyNamed(instance: Instance, name: string): CimValue | undefined {
  for (const [property, value] of instance.properties)
    if (property.toLowerCase() === name.toLowerCase()) return value;
  return undefined;
}
