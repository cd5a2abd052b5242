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
  const arrangement = new Arrangement(instances);
  for (const instance of instances) {
    const kind = kindOf(instance);
    if (kind === 'NestedFilterList') arrangement.nest(instance);
    if (kind === 'EntriesInFilterList') arrangement.seat(instance);
  }
  arrangement.seatByName(name);
  return arrangement.arranged();
}

/** Who sits where: lists, and what belongs to each. */
class Arrangement {
  readonly #instances: readonly Element[];
  readonly #lists = new Map<string, { readonly list: Element; readonly members: Member[] }>();
  readonly #entries: readonly Element[];
  readonly #entryOf: ReturnType<typeof named>;
  /** The list of each entry that an association has spoken of. */
  readonly #homes = new Map<Element, string>();
  readonly #faults: Fault[] = [];

  constructor(instances: readonly Element[]) {
    this.#instances = instances;
    for (const each of instances) if (!isPartOfFilter(each)) this.#refuse(each, 'is no part of a filter');
    for (const list of instances.filter((each) => kindOf(each) === 'FilterList')) {
      if (this.#lists.has(value(list, 'Name') ?? '')) this.#refuse(list, 'is there twice');
      this.#open(list);
    }
    this.#entries = instances.filter((each) => ENTRIES.includes(kindOf(each)));
    this.#entryOf = named(this.#entries);
  }

  #refuse(instance: Element, why: string): void {
    this.#faults.push({
      code: 'FORM_CANNOT_HOLD',
      message: `${instance.local} ${printable(value(instance, 'Name') ?? '')}: ${why}`.replace(' :', ':'),
      where: { ...instance.at },
    });
  }

  #open(list: Element): void {
    this.#lists.set(value(list, 'Name') ?? '', { list, members: [] });
  }

  /** False when there is no such list. */
  #add(list: string | undefined, member: Member): boolean {
    const found = list === undefined ? undefined : this.#lists.get(list);
    found?.members.push(member);
    return found !== undefined;
  }

  /** A NestedFilterList is itself the member. */
  nest(reference: Element): void {
    const owner = target(reference, isLibvirtCim(reference) ? 'Antecedent' : 'Dependent')?.name;
    if (!this.#add(owner, { element: reference, index: indexOf(reference, 'RefIndex') }))
      this.#refuse(reference, `the list ${printable(owner ?? '')} that refers is not in the document`);
  }

  /** Of an EntriesInFilterList the entry is. */
  seat(membership: Element): void {
    const owner = target(membership, 'GroupComponent')?.name;
    const entry = this.#entryOf(target(membership, 'PartComponent'));
    if (owner === undefined || !this.#lists.has(owner))
      this.#refuse(membership, `the list ${printable(owner ?? '')} is not in the document`);
    else if (!entry) this.#refuse(membership, `the entry of ${printable(owner)} is not in the document`);
    else if (this.#homes.has(entry))
      this.#refuse(entry, `belongs to ${this.#homes.get(entry)} and to ${printable(owner)}`);
    else {
      this.#homes.set(entry, owner);
      this.#add(owner, { element: entry, index: indexOf(membership, 'RuleIndex') });
    }
  }

  /** Entries no association speaks of. In a document without lists they make their own. */
  seatByName(name: string | undefined): void {
    const hasLists = this.#lists.size > 0;
    for (const entry of this.#entries.filter((each) => !this.#homes.has(each))) {
      const owner = hasLists ? prefixOf(entry) : (name ?? prefixOf(entry));
      if (owner !== undefined && !hasLists && !this.#lists.has(owner))
        this.#open(instanceOf('CIM_FilterList', { Name: owner }));
      if (!this.#add(owner, { element: entry, index: undefined }))
        this.#refuse(
          entry,
          'belongs to no list: an association, or a Name of the form <list>:<n>, says to which',
        );
    }
  }

  arranged(): readonly Arranged[] {
    throwIfAny(this.#faults);
    const place = new Map(this.#instances.map((element, at) => [element, at]));
    return [...this.#lists].map(([filter, { list, members }]) => ({
      filter,
      elements: [list, ...ordered(members, place)],
    }));
  }
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
