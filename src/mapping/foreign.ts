/** Instances of others' classes ↔ ours, in neutral form. Meaning is the stylesheets'; here is what stands around the entries. */
import type { Fault } from '../model/errors.js';
import { type Entry, type Filter, MAX_PRIORITY, type Rule, ruleNumbers } from '../model/filter.js';
import { attribute, type Element, el, elements } from '../xml/element.js';
import { filterElement } from '../xml/nwfilter-write.js';
import { instanceOf, withProperties } from './build.js';
import { INSTANCES_NS, kindOf, target, value } from './neutral.js';
import { DIRECTION_NUMBER, type MadeRule, policyOf } from './policy-rules.js';
import { isRefused, refusedIn, throwIfRefused, withoutRefused } from './refused.js';
import { several } from './several.js';
import { systemDefenseOf, withoutDefaults } from './system-defense.js';
import type { Transform } from './transform.js';

/** Whose classes: libvirt-cim's, Intel AMT's, the standard's entries with an action, the standard's policy model. */
export const FOREIGN = ['kvm', 'amt', 'cim', 'policy'] as const;
export type ForeignClasses = (typeof FOREIGN)[number];

const isOurs = ({ local }: Element) => local.startsWith('NWG_');

/**
 * One list and what belongs to it in order (see `arrange`), each instance of another's class as one of ours. What has no form of
 * ours is refused by `fromInstances`, which takes the result.
 */
export async function fromForeign(
  parts: readonly Element[],
  transform: Transform,
): Promise<readonly Element[]> {
  if (parts.every(isOurs)) return parts;
  // The list goes along, whosever it is: entries may have its direction.
  const document = parts.filter((part) => !isOurs(part) || kindOf(part) === 'FilterList');
  const made = elements(await transform('foreign-to-wscim', el(INSTANCES_NS, 'Instances', {}, ...document)));
  const oursFor = new Map(document.map((part, index) => [part, made[index]!]));
  return parts.map((part) => (isOurs(part) ? part : oursFor.get(part)!));
}

/** Instances, and what they could not hold: rules and references of which that is something are left out whole. */
export interface Foreign {
  readonly instances: readonly Element[];
  /** FORM_CANNOT_HOLD, with filter and rule. */
  readonly leftOut: readonly Fault[];
}

/** The filters as instances of others' classes. All but libvirt-cim's have an order and no priorities: rules are put into it. */
export async function toForeign(
  filters: readonly Filter[],
  classes: ForeignClasses,
  context: ForeignContext,
): Promise<Foreign> {
  let next = 1;
  const handles = filters.map(({ entries }) => {
    next += entries.length;
    return next - entries.length;
  });
  const made = await several(filters, (filter, index) => ROWS[classes](filter, context, handles[index]!));
  return {
    instances: made.flatMap(({ instances }) => instances),
    leftOut: made.flatMap(({ leftOut }) => leftOut),
  };
}

interface ForeignContext {
  readonly transform: Transform;
  /** This host's key. */
  readonly systemName: string;
}

type Write = (filter: Filter, context: ForeignContext, firstHandle: number) => Promise<Foreign>;

const ROWS: Readonly<Record<ForeignClasses, Write>> = {
  kvm: async (filter, context) => {
    const { list, kept, leftOut } = await entriesOf('kvm', filter, filter.entries, context);
    return { instances: [list, ...kept], leftOut };
  },
  amt: async (filter, context, firstHandle) => {
    const { entries, defaults } = withoutDefaults(inOrder(filter.entries));
    const { kept, leftOut } = await entriesOf('amt', filter, entries, context, firstHandle);
    return { instances: systemDefenseOf(filter.name, kept, defaults), leftOut };
  },
  cim: async (filter, context) => {
    const { list, kept, rules, leftOut } = await entriesOf('cim', filter, inOrder(filter.entries), context);
    const direction = rules[0]?.rule.direction;
    const strays = rules.filter(({ rule }) => rule.direction !== direction);
    const stray = new Set(strays.flatMap(({ instances }) => instances));
    const said = instanceOf(list.local, { Direction: direction && DIRECTION_NUMBER[direction] });
    return {
      instances: [withProperties(list, elements(said)), ...kept.filter((each) => !stray.has(each))],
      leftOut: [...leftOut, ...strays.map(({ rule }) => strayFault(filter, rule, direction!))],
    };
  },
  policy: async (filter, context) => {
    const { list, rules, leftOut } = await entriesOf('policy', filter, inOrder(filter.entries), context);
    return { instances: policyOf(list, rules), leftOut };
  },
};

function strayFault(filter: Filter, rule: Rule, direction: string): Fault {
  const message = `the list has one direction, ${direction}, and this rule has ${rule.direction}`;
  const number = ruleNumbers(filter).get(rule)!;
  return {
    code: 'FORM_CANNOT_HOLD',
    message,
    where: { filter: filter.name, rule: number, attribute: 'direction' },
  };
}

/** By priority, as they are met; references, which no order here can hold, behind. */
function inOrder(entries: readonly Entry[]): readonly Entry[] {
  const place = (entry: Entry) => (entry.kind === 'rule' ? entry.priority : MAX_PRIORITY + 1);
  return [...entries].sort((a, b) => place(a) - place(b));
}

/** What the stylesheets make of these entries of the filter. */
async function entriesOf(
  classes: ForeignClasses,
  filter: Filter,
  entries: readonly Entry[],
  { transform, systemName }: ForeignContext,
  firstHandle = 1,
) {
  const place = { filter: filter.name };
  const ours = await transform('nwfilter-to-wscim', filterElement({ ...filter, entries }), { systemName });
  throwIfRefused(ours, place);
  const parameters = { classes, firstHandle: String(firstHandle) };
  const made = await transform('wscim-to-foreign', ours, parameters);
  const numbers = ruleNumbers(filter);
  const [list, ...rest] = elements(made);
  const gone = new Set(rest.filter(isRefused).map((each) => positionOf(each, filter.name)));
  const kept = rest.filter((each) => !isRefused(each) && !gone.has(positionOf(each, filter.name) ?? -1));
  const byEntry = new Map<Entry | undefined, Element[]>();
  for (const each of kept) {
    const entry = entries[positionOf(each, filter.name) ?? -1];
    byEntry.set(entry, [...(byEntry.get(entry) ?? []), each]);
  }
  const rules = entries.flatMap((entry): readonly MadeRule[] => {
    const instances = byEntry.get(entry);
    return entry.kind === 'rule' && instances ? [{ rule: entry, instances }] : [];
  });
  return {
    list: withoutRefused(list!),
    kept,
    rules,
    leftOut: refusedIn(made, place, (at) => numbers.get(entries[at]!)),
  };
}

/** Position, among the entries the stylesheet saw, of what an instance was made of; undefined for references. */
function positionOf(instance: Element, filter: string): number | undefined {
  const name = target(instance, 'PartComponent')?.name ?? value(instance, 'Name') ?? '';
  const said = attribute(instance, 'entry') ?? name.slice(filter.length + 1);
  const position = Number.parseInt(said, 10);
  return Number.isNaN(position) ? undefined : position;
}
