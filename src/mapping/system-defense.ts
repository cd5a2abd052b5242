/**
 * Intel AMT's AMT_SystemDefensePolicy ↔ a list: the filters its handles name, in that order, and behind them what becomes of packets
 * that met none. A handle is the number at the end of a filter's InstanceID.
 */
import { type Fault, throwIfAny } from '../model/errors.js';
import type { Direction, Entry, Rule } from '../model/filter.js';
import { printable } from '../model/names.js';
import { type Element, elements } from '../xml/element.js';
import { instanceOf, withProperties } from './build.js';
import { onBridge } from './conjunction.js';
import { isTrue, value, values } from './neutral.js';

const isPolicy = ({ local }: Element) => local === 'AMT_SystemDefensePolicy';
const isFilter = ({ local }: Element) => local === 'AMT_Hdr8021Filter' || local === 'AMT_IPHeadersFilter';
const handleOf = (filter: Element) => /(\d+)\s*$/.exec(value(filter, 'InstanceID') ?? '')?.[1];

/** What a policy may say that a native filter cannot, when it is more than nothing. */
const REFUSED = ['TxDefaultMatchEvent', 'TxDefaultCount', 'RxDefaultMatchEvent', 'RxDefaultCount'];

const DEFAULTS = [
  { property: 'TxDefaultDrop', way: 'out', direction: '2' },
  { property: 'RxDefaultDrop', way: 'in', direction: '1' },
] as const;

/** The instances with each policy as a list. Errors: FORM_CANNOT_HOLD, all at once. */
export function systemDefenseAsLists(instances: readonly Element[]): readonly Element[] {
  const policies = instances.filter(isPolicy);
  if (policies.length === 0) return instances;
  const faults: Fault[] = [];
  const filters = instances.filter(isFilter);
  const used = new Set<Element>();
  const made = policies.flatMap((policy) => {
    const name = value(policy, 'PolicyName') ?? '';
    const refuse = (property: string, why: string) =>
      faults.push({
        code: 'FORM_CANNOT_HOLD',
        message: `AMT_SystemDefensePolicy ${printable(name)}: ${why}`,
        where: { ...policy.at, attribute: property },
      });
    for (const property of REFUSED)
      if (isTrue(policy, property)) refuse(property, 'native filters report no events and keep no counts');
    if ((value(policy, 'AntiSpoofingSupport') ?? '0') !== '0')
      refuse('AntiSpoofingSupport', 'refer to no-mac-spoofing and no-ip-spoofing instead');
    const entries = values(policy, 'FilterCreationHandles').flatMap((handle, index) => {
      const found = filters.filter((filter) => handleOf(filter) === handle.trim());
      const [filter] = found;
      if (!filter || found.length > 1) {
        refuse('FilterCreationHandles', `${found.length} filters have the handle ${printable(handle)}`);
        return [];
      }
      used.add(filter);
      const said = instanceOf(filter.local, { Name: `${name}:${index}` });
      return [withProperties(onBridge(filter), elements(said))];
    });
    const defaults = DEFAULTS.filter(({ property }) => isTrue(policy, property)).map(({ direction }, index) =>
      instanceOf('KVM_FilterEntry', {
        Name: `${name}:${entries.length + index}`,
        Action: '2',
        Direction: direction,
        Priority: '1000',
        MatchConditionType: '13',
      }),
    );
    return [instanceOf('CIM_FilterList', { Name: name }), ...entries, ...defaults];
  });
  throwIfAny(faults);
  const others = instances.filter((each) => !isPolicy(each) && !used.has(each));
  return [...others, ...made];
}

/** The filters, made of rules in order, with the policy that names them. `defaults` are directions in which the rest is dropped. */
export function systemDefenseOf(
  name: string,
  filters: readonly Element[],
  defaults: ReadonlySet<Direction>,
): readonly Element[] {
  const drops = DEFAULTS.map(({ property, way }) => [property, String(defaults.has(way))]);
  const policy = instanceOf('AMT_SystemDefensePolicy', {
    InstanceID: `Intel(r) AMT:Policy ${name}`,
    PolicyName: name,
    FilterCreationHandles: filters.map((filter) => handleOf(filter)!),
    ...Object.fromEntries(drops),
  });
  return [...filters, policy];
}

const dropsAll = ({ action, protocol }: Rule) => action === 'drop' && protocol === undefined;

/** Entries in order without the rules that drop the rest of a direction, and those directions. */
export function withoutDefaults(entries: readonly Entry[]): {
  readonly entries: readonly Entry[];
  readonly defaults: ReadonlySet<Direction>;
} {
  const defaults = new Set<Direction>();
  const open = new Set<Direction>(['in', 'out']);
  const rest: Entry[] = [];
  for (const entry of [...entries].reverse()) {
    const ways: readonly Direction[] =
      entry.kind !== 'rule' || entry.direction === 'inout' ? ['in', 'out'] : [entry.direction];
    const isLast = entry.kind === 'rule' && dropsAll(entry) && ways.every((way) => open.has(way));
    for (const way of ways) {
      if (isLast) defaults.add(way);
      open.delete(way);
    }
    if (!isLast) rest.unshift(entry);
  }
  return { entries: rest, defaults };
}
