/** The native form as it travels: one `<filter>` or `<filterbinding>`, or several of them in `<filters>`. */
import type { Binding } from '../model/binding.js';
import { type Fault, fail, NwgateError, throwIfAny } from '../model/errors.js';
import type { Filter } from '../model/filter.js';
import { printable } from '../model/names.js';
import { readBinding } from '../xml/binding-read.js';
import { type Element, el, elements } from '../xml/element.js';
import { readFilter } from '../xml/nwfilter-read.js';
import { filterElement, writeFilter, writeNative } from '../xml/nwfilter-write.js';
import { describeFilter } from './describe.js';
import type { Policy, ReadRequest } from './forms.js';

export const NATIVE_ROOTS = ['filter', 'filters', 'filterbinding'];

/** Errors: USAGE when a name is given, those of the readers, of every filter at once. */
export function readNativePolicy(root: Element, { source, name }: ReadRequest): Policy {
  if (name !== undefined) throw fail('USAGE', 'native filters have names of their own: leave the name out');
  const faults: Fault[] = [];
  const filters: Filter[] = [];
  const bindings: Binding[] = [];
  for (const element of root.local === 'filters' ? elements(root) : [root]) {
    try {
      if (element.local === 'filterbinding') bindings.push(readBinding(element, { source }));
      else if (element.local === 'filter') filters.push(readFilter(element, { source }));
      else throw fail('SCHEMA', `<${printable(element.local)}> does not belong in <filters>`, element.at);
    } catch (error) {
      if (!(error instanceof NwgateError)) throw error;
      faults.push(...error.faults);
    }
  }
  throwIfAny(faults);
  return { filters, bindings, report: filters.map(describeFilter) };
}

/** One filter stands alone, several in `<filters>`. */
export function writeNativePolicy(filters: readonly Filter[]): string {
  const [first, ...more] = filters;
  if (first && more.length === 0) return writeFilter(first);
  return writeNative(el('', 'filters', {}, ...filters.map((filter) => filterElement(filter))));
}
