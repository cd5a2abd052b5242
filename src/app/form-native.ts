/** The native form as it travels: one `<filter>` or `<filterbinding>`, or several of them in `<filters>`. */
import type { Binding } from '../model/binding.js';
import { type Fault, fail, NwgateError, throwIfAny } from '../model/errors.js';
import type { Filter } from '../model/filter.js';
import { printable } from '../model/names.js';
import { readBinding } from '../xml/binding-read.js';
import { bindingElement } from '../xml/binding-write.js';
import { attribute, type Element, el, elements } from '../xml/element.js';
import type { Reading } from '../xml/faults.js';
import { readFilter } from '../xml/nwfilter-read.js';
import { filterElement, writeFilter, writeNative } from '../xml/nwfilter-write.js';
import { isThreadFilter, nativeFilter } from '../xml/thread-filter.js';
import { nativeFirewall } from '../xml/thread-firewall.js';
import { describeFilter } from './describe.js';
import type { Policy, ReadRequest } from './forms.js';

const ROOTS = ['filter', 'filters', 'filterbinding', 'firewall'];

export function isNative({ ns, local }: Element): boolean {
  return ns === '' && ROOTS.includes(local);
}

/**
 * Also reads what the form was called on its way (src/xml/thread-*.ts). Errors: USAGE when a name is given that nothing can take,
 * those of the readers, of every filter at once.
 */
export function readNativePolicy(root: Element, { source, name }: ReadRequest): Policy {
  if (name !== undefined && root.local === 'filterbinding')
    throw fail('USAGE', 'a binding has no name: leave the name out');
  const faults: Fault[] = [];
  const filters: Filter[] = [];
  const bindings: Binding[] = [];
  for (const element of root.local === 'filters' ? elements(root) : [root]) {
    try {
      if (element.local === 'filterbinding') bindings.push(readBinding(element, { source }));
      else
        for (const each of today(element, root, { source, name })) filters.push(readFilter(each, { source }));
    } catch (error) {
      if (!(error instanceof NwgateError)) throw error;
      faults.push(...error.faults);
    }
  }
  throwIfAny(faults);
  return { filters, bindings, report: filters.map(describeFilter) };
}

/** The filters of an element in the form of today. */
function today(element: Element, root: Element, { source, name }: ReadRequest): readonly Element[] {
  const reading = { faults: [] as Fault[], place: source === undefined ? {} : { file: source } };
  const filters = thenOrNow(element, element === root ? name : undefined, reading);
  if (!filters)
    throw fail('SCHEMA', `<${printable(element.local)}> does not belong in <filters>`, element.at);
  if (name !== undefined && filters.every((filter) => attribute(filter, 'name') !== name))
    throw fail('USAGE', 'native filters have names of their own: leave the name out');
  throwIfAny(reading.faults);
  return filters;
}

function thenOrNow(
  element: Element,
  name: string | undefined,
  reading: Reading,
): readonly Element[] | undefined {
  if (element.local === 'firewall') return nativeFirewall(element, name, reading);
  if (element.local !== 'filter') return undefined;
  return [isThreadFilter(element) ? nativeFilter(element, name, reading) : element];
}

/** One filter stands alone, several in `<filters>`, bindings behind them. */
export function writeNativePolicy(filters: readonly Filter[], bindings: readonly Binding[] = []): string {
  const [first, ...more] = filters;
  if (first && more.length + bindings.length === 0) return writeFilter(first);
  const children = [
    ...filters.map((filter) => filterElement(filter)),
    ...bindings.map((binding) => bindingElement(binding)),
  ];
  return writeNative(el('', 'filters', {}, ...children));
}
