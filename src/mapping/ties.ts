/** Associations of a document, looked up from the whole: read once, whatever the number of instances. */
import { type Fault, throwIfAny } from '../model/errors.js';
import { printable } from '../model/names.js';
import type { Element } from '../xml/element.js';
import { kindOf, type Target, target, value } from './neutral.js';

/** One kind of association: the two references with the key that tells their instances apart, and what the parts are. */
export interface TieRow {
  readonly tie: string;
  readonly whole: readonly [role: string, key: string];
  readonly part: readonly [role: string, key: string];
  readonly kinds: readonly string[];
}

/** A part with the association that ties it. */
export interface Tied {
  readonly part: Element;
  readonly tie: Element;
}

export interface Ties {
  /**
   * The parts of an instance, in the order of the document. Errors: FORM_CANNOT_HOLD for those that the document lacks; where
   * `faults` are given, they go there, and the others are answered.
   */
  of(whole: Element, faults?: Fault[]): readonly Tied[];
  /** Every part and association that `of` has answered. */
  readonly taken: ReadonlySet<Element>;
}

export function ties(instances: readonly Element[], row: TieRow): Ties {
  const [wholeRole, wholeKey] = row.whole;
  const [partRole, partKey] = row.part;
  const parts = named(
    instances.filter((each) => row.kinds.includes(kindOf(each))),
    partKey,
  );
  const byWhole = grouped(
    instances.filter((each) => kindOf(each) === row.tie),
    (each) => target(each, wholeRole, wholeKey)?.name ?? '',
  );
  const taken = new Set<Element>();
  return {
    of: (whole, faults) => {
      const owner = value(whole, wholeKey) ?? '';
      const missing: Fault[] = [];
      const found = (byWhole.get(owner) ?? []).flatMap((tie): readonly Tied[] => {
        const part = parts(target(tie, partRole, partKey));
        if (part) return [{ part, tie }];
        const message = `${tie.local}: what it ties to ${printable(owner)} is not in the document`;
        missing.push({ code: 'FORM_CANNOT_HOLD', message, where: { ...tie.at } });
        return [];
      });
      if (faults) faults.push(...missing);
      else throwIfAny(missing);
      for (const { part, tie } of found) taken.add(part).add(tie);
      return found;
    },
    taken,
  };
}

/** Instances by a key; by the kind as well where several have it: who sent the document may say CIM_ here and KVM_ there. */
export function named(instances: readonly Element[], key = 'Name') {
  const all = grouped(instances, (each) => value(each, key) ?? '');
  return (wanted: Target | undefined): Element | undefined => {
    const found = (wanted && all.get(wanted.name)) ?? [];
    if (found.length < 2) return found[0];
    return found.find((each) => kindOf(each) === kindOf({ local: wanted!.className }));
  };
}

function grouped(list: readonly Element[], keyOf: (each: Element) => string): Map<string, Element[]> {
  const groups = new Map<string, Element[]>();
  for (const each of list) {
    const group = groups.get(keyOf(each));
    if (group) group.push(each);
    else groups.set(keyOf(each), [each]);
  }
  return groups;
}
