/**
 * A document's instances, in any order, as one sequence per filter: its list, then its entries and references as they are
 * met. What belongs where is said by the EntriesInFilterList and NestedFilterList associations, else by the entry's Name,
 * `<list>:<n>`; what comes first by RuleIndex and RefIndex, else by the n of the names (libvirt-cim's positions), else by the
 * document.
 */
import { type Fault, throwIfAny } from '../model/errors.js';
import { printable } from '../model/names.js';
import type { Element } from '../xml/element.js';
import { instanceOf } from './build.js';
import { type Member, ordered } from './member-order.js';
import { kindOf, target, value } from './neutral.js';
import { policiesAsLists } from './policy.js';
import { systemDefenseAsLists } from './system-defense.js';
import { named } from './ties.js';

export interface Arranged {
  /** Name of the list. */
  readonly filter: string;
  /** What `fromInstances` takes. */
  readonly elements: readonly Element[];
}

const ENTRIES = ['FilterEntry', 'Hdr8021Filter', 'IPHeadersFilter', 'ARPFilter', 'STPFilter', 'AnyFilter'];
/** Kinds that say where a list is hosted. */
export const HOSTING = [
  'HostedFilterList',
  'HostedFilterEntry',
  'HostedFilterEntryBase',
  'HostSystem',
  'ComputerSystem',
];
const MEMBERSHIPS = ['FilterList', 'EntriesInFilterList', 'NestedFilterList'];

/** True for what `arrange` takes; where a list is hosted says nothing about the filter and is passed over. */
export function isPartOfFilter(instance: Element): boolean {
  return [...ENTRIES, ...HOSTING, ...MEMBERSHIPS].includes(kindOf(instance));
}

/**
 * `name` is the list of entries that name none, where the document has no list. Policies become lists first. Errors: FORM_CANNOT_HOLD, all at once, for
 * instances that are no part of a filter, entries of no list or of several, and associations that lead nowhere.
 */
export function arrange(
  document: readonly Element[],
  { name }: { readonly name?: string | undefined } = {},
): readonly Arranged[] {
  const instances = policiesAsLists(systemDefenseAsLists(document), { name });
  const faults: Fault[] = [];
  const refuse = (instance: Element, why: string) =>
    faults.push({
      code: 'FORM_CANNOT_HOLD',
      message: `${instance.local} ${printable(value(instance, 'Name') ?? '')}: ${why}`.replace(' :', ':'),
      where: { ...instance.at },
    });
  for (const instance of instances) if (!isPartOfFilter(instance)) refuse(instance, 'is no part of a filter');

  const lists = new Map<string, { readonly list: Element; readonly members: Member[] }>();
  const open = (list: Element) => lists.set(value(list, 'Name') ?? '', { list, members: [] });
  for (const list of instances.filter((each) => kindOf(each) === 'FilterList')) {
    if (lists.has(value(list, 'Name') ?? '')) refuse(list, 'is there twice');
    open(list);
  }
  const hasLists = lists.size > 0;

  const entries = instances.filter((each) => ENTRIES.includes(kindOf(each)));
  const entryOf = named(entries);
  const homes = new Map<Element, string>();
  const add = (list: string, member: Member) => {
    lists.get(list)?.members.push(member);
  };

  for (const instance of instances) {
    const kind = kindOf(instance);
    if (kind === 'NestedFilterList') {
      const owner = target(instance, isLibvirtCim(instance) ? 'Antecedent' : 'Dependent')?.name;
      if (owner !== undefined && lists.has(owner))
        add(owner, { element: instance, index: indexOf(instance, 'RefIndex') });
      else refuse(instance, `the list ${printable(owner ?? '')} that refers is not in the document`);
    }
    if (kind !== 'EntriesInFilterList') continue;
    const owner = target(instance, 'GroupComponent')?.name;
    const entry = entryOf(target(instance, 'PartComponent'));
    if (owner === undefined || !lists.has(owner))
      refuse(instance, `the list ${printable(owner ?? '')} is not in the document`);
    else if (!entry) refuse(instance, `the entry of ${printable(owner)} is not in the document`);
    else if (homes.has(entry)) refuse(entry, `belongs to ${homes.get(entry)} and to ${printable(owner)}`);
    else {
      homes.set(entry, owner);
      add(owner, { element: entry, index: indexOf(instance, 'RuleIndex') });
    }
  }

  for (const entry of entries.filter((each) => !homes.has(each))) {
    const owner = hasLists ? prefixOf(entry) : (name ?? prefixOf(entry));
    if (owner !== undefined && !hasLists && !lists.has(owner))
      open(instanceOf('CIM_FilterList', { Name: owner }));
    if (owner !== undefined && lists.has(owner)) add(owner, { element: entry, index: undefined });
    else refuse(entry, 'belongs to no list: an association, or a Name of the form <list>:<n>, says to which');
  }
  throwIfAny(faults);
  const place = new Map(instances.map((element, at) => [element, at]));
  return [...lists].map(([filter, { list, members }]) => ({
    filter,
    elements: [list, ...ordered(members, place)],
  }));
}

const isLibvirtCim = ({ local }: Element) => local.startsWith('KVM_');

function indexOf(association: Element, property: string): number | undefined {
  const index = value(association, property)?.trim();
  return index !== undefined && /^\d{1,10}$/.test(index) ? Number(index) : undefined;
}

/** The list in `<list>:<n>`; ids have no colon, names of filters may. */
function prefixOf(entry: Element): string | undefined {
  const name = value(entry, 'Name') ?? '';
  return name.includes(':') ? name.slice(0, name.lastIndexOf(':')) : undefined;
}
