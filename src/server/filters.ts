/** Filters of an enumeration, one row per dialect. Source: DSP0226 §8.3 and annex E (selector filter). */
import type { CimValue, Instance } from '../cim/instance.js';
import { isObjectPath } from '../cim/instance.js';
import { pathOfSelectors, sameKey } from '../cim/path.js';
import type { Filter } from '../wsman/enumeration.js';
import { soapFault } from '../wsman/faults.js';
import { DIALECT, NS } from '../wsman/namespaces.js';
import { el } from '../xml/element.js';

export type Accepts = (instance: Instance) => boolean;

/** By dialect in lower case. */
const DIALECTS: ReadonlyMap<string, (filter: Filter) => Accepts> = new Map([
  [DIALECT.selector.toLowerCase(), selectorFilter],
]);

/** Faults: FilterDialectRequestedUnavailable with those we know, CannotProcessFilter. */
export function acceptance(filter: Filter | undefined): Accepts {
  if (!filter) return () => true;
  const dialect = DIALECTS.get(filter.dialect.toLowerCase());
  if (!dialect)
    throw soapFault(
      'wsen:FilterDialectRequestedUnavailable',
      undefined,
      `the filter dialect ${filter.dialect} is not supported`,
      { detail: [el(NS.wsen, 'SupportedDialect', {}, DIALECT.selector)] },
    );
  return dialect(filter);
}

/** Instances whose properties have exactly the values of a wsman:SelectorSet. */
function selectorFilter({ content }: Filter): Accepts {
  if (typeof content === 'string' || content.ns !== NS.wsman || content.local !== 'SelectorSet')
    throw soapFault('wsen:CannotProcessFilter', undefined, 'a selector filter holds one wsman:SelectorSet');
  const { keys } = pathOfSelectors('', content);
  return (instance) =>
    [...keys].every(([name, wanted]) => {
      const value = propertyNamed(instance, name);
      if (value === undefined) return false;
      return isObjectPath(value) ? sameKey(name, value, wanted) : String(value) === wanted;
    });
}

function propertyNamed(instance: Instance, name: string): CimValue | undefined {
  for (const [property, value] of instance.properties)
    if (property.toLowerCase() === name.toLowerCase()) return value;
  return undefined;
}
