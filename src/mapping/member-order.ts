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
 * them. Names say a position only where every entry of another's class has one: `<list>:<n>`.
 */
export function ordered(members: readonly Member[], document: readonly Element[]): readonly Element[] {
  const place = new Map(document.map((element, at) => [element, at]));
  const asWritten = [...members].sort((a, b) => (place.get(a.element) ?? 0) - (place.get(b.element) ?? 0));
  const named = asWritten.filter(
    ({ element, index }) => index === undefined && !isOurs(element) && isEntry(element),
  );
  const byName = named.every(({ element }) => positionInName(element) !== undefined);
  const position = (member: Member) =>
    member.index ?? (byName && named.includes(member) ? positionInName(member.element) : undefined);
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
