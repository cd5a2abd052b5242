/** The order in which a list's members are met. */
import type { Element } from '../xml/element.js';
import { value } from './neutral.js';

/** An entry or a reference of a list. */
export interface Member {
  readonly element: Element;
  /** RuleIndex or RefIndex of its association. */
  readonly index: number | undefined;
}

/**
 * Members that say their position take their places in that order among themselves; the others stay where the document has
 * them. Names say a position only where every entry of another's class has one: `<list>:<n>`. `place`: of each element in the document.
 */
export function ordered(members: readonly Member[], place: ReadonlyMap<Element, number>): readonly Element[] {
  const asWritten = [...members].sort((a, b) => (place.get(a.element) ?? 0) - (place.get(b.element) ?? 0));
  const named = asWritten.filter(
    ({ element, index }) => index === undefined && !isOurs(element) && isEntry(element),
  );
  const inNames = new Map(named.map((member) => [member, positionInName(member.element)]));
  const byName = [...inNames.values()].every((said) => said !== undefined);
  const position = (member: Member) => member.index ?? (byName ? inNames.get(member) : undefined);
  const slots = asWritten.flatMap((member, at) => (position(member) === undefined ? [] : [at]));
  const sorted = slots.map((at) => asWritten[at]!).sort((a, b) => position(a)! - position(b)!);
  const result = [...asWritten];
  slots.forEach((at, next) => {
    result[at] = sorted[next]!;
  });
  return result.map(({ element }) => element);
}

const isOurs = ({ local }: Element) => local.startsWith('NWG_');
const isEntry = ({ local }: Element) => !local.endsWith('FilterList');

function positionInName(entry: Element): number | undefined {
  const digits = /:(\d{1,10})$/.exec(value(entry, 'Name') ?? '')?.[1];
  return digits === undefined ? undefined : Number(digits);
}
