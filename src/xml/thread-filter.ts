/** A `<filter>` of the thread's forms → a native one. */
import { printable } from '../model/names.js';
import { type Attribute, attribute, type Element, el, elements } from './element.js';
import { type Reading, report } from './faults.js';
import { isThreadRule, nativeRules } from './thread-rule.js';
import { ACTION_NOW, CHAIN_OF, variableOf } from './thread-words.js';

/** Attributes of `<filter>` that the native form does not have. */
const FILTER_ONLY = ['policy', 'table', 'template'];

export function isThreadFilter(filter: Element): boolean {
  return (
    filter.attributes.some(({ local }) => FILTER_ONLY.includes(local)) ||
    elements(filter).some(
      (child) =>
        child.local === 'include' ||
        (child.local === 'filterref' && attribute(child, 'ref') !== undefined) ||
        (child.local === 'rule' && isThreadRule(child)),
    )
  );
}

/**
 * The native filter. `name` is that of the template around it, or one given from outside: the filter's own name may then be that of
 * a chain (`ARP`), and says where it stands. Its policy is what becomes of frames that met no rule.
 */
export function nativeFilter(filter: Element, name: string | undefined, reading: Reading): Element {
  const own = attribute(filter, 'name');
  const chain = attribute(filter, 'chain') ?? CHAIN_OF[own?.toLowerCase() ?? ''];
  if (name !== undefined && own !== undefined && own !== name && CHAIN_OF[own.toLowerCase()] === undefined)
    report(reading, 'FORM_CANNOT_HOLD', `"${printable(own)}" names no chain`, filter.at, 'name');
  const kept = filter.attributes.filter(({ local }) => local === 'priority');
  const known = ['name', 'chain', 'priority', 'policy', 'table'];
  for (const a of filter.attributes.filter(({ local }) => !known.includes(local)))
    report(reading, 'SCHEMA', `<filter> has no attribute ${printable(a.local)} here`, a.at, a.local);
  const table = attribute(filter, 'table');
  if (table !== undefined && table !== 'filter')
    report(reading, 'FORM_CANNOT_HOLD', `the table ${printable(table)}: filters filter only`, filter.at);
  const { attributes } = el('', 'filter', { name: name ?? own, chain });
  return {
    ...filter,
    attributes: [...attributes, ...kept],
    children: [...elements(filter).flatMap((each) => nativeEntries(each, reading)), ...policyOf(filter)],
  };
}

/** What a rule, a reference in any of its spellings or a uuid becomes. */
export function nativeEntries(entry: Element, reading: Reading): readonly Element[] {
  if (entry.local === 'rule') return isThreadRule(entry) ? nativeRules(entry, reading) : [entry];
  const named = REFERENCES[entry.local]?.find((word) => attribute(entry, word) !== undefined);
  return named === undefined ? [entry] : [reference(entry, named, reading)];
}

/** Elements that refer to a filter, and the attributes they name it with. */
const REFERENCES: Readonly<Record<string, readonly string[]>> = {
  include: ['href', 'filter'],
  filterref: ['ref'],
  filter: ['template'],
  reference: ['profile'],
};

/** The rule behind all others: met last, whatever is written after it. */
function policyOf(filter: Element): readonly Element[] {
  const policy = attribute(filter, 'policy');
  if (policy === undefined) return [];
  const action = ACTION_NOW[policy] ?? policy;
  return [{ ...el('', 'rule', { action, direction: 'inout', priority: '1000' }), at: filter.at! }];
}

/** `att0='IP' val0='10.0.0.1'`, `srcipaddr='10.0.0.1'` and `<parameter>` say the same. `$IP` for IP is what is handed on anyhow. */
function reference(entry: Element, named: string, reading: Reading): Element {
  const given = new Map<string, string>();
  const refuse = (a: Attribute, why: string) =>
    report(reading, 'FORM_CANNOT_HOLD', `${printable(a.local)}: ${why}`, a.at, a.local);
  const add = (a: Attribute, name: string, value: string) => {
    if (value === `$${name}` || value.trim() === '') return;
    if (value.startsWith('$')) refuse(a, 'a reference hands on no variable under another name');
    else if (given.has(name) && given.get(name) !== value) refuse(a, `${name} has two values`);
    given.set(name, value);
  };
  for (const a of entry.attributes) {
    const pair = /^(att|val)(\d{1,4})$/.exec(a.local);
    if (a.local === named) continue;
    if (!pair) {
      const variable = variableOf(a.local);
      if (variable === undefined) refuse(a, 'is no attribute of a reference');
      else add(a, variable, a.value);
      continue;
    }
    const other = attribute(entry, `${pair[1] === 'att' ? 'val' : 'att'}${pair[2]}`);
    if (other === undefined) refuse(a, 'stands alone: names and values come in pairs');
    else if (pair[1] === 'att') add(a, a.value, other);
  }
  const parameters = [...given].map(([name, value]) => ({
    ...el('', 'parameter', { name, value }),
    ...(entry.at && { at: entry.at }),
  }));
  const { attributes } = el('', 'filterref', { filter: attribute(entry, named) });
  return { ...entry, local: 'filterref', attributes, children: [...parameters, ...entry.children] };
}
