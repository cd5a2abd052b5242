/**
 * Intel AMT's AMT_SystemDefensePolicy → a list: the filters its handles name, in that order, and behind them what becomes of packets
 * that met none. A handle is the number at the end of a filter's InstanceID.
 */
import { type Fault, throwIfAny } from '../model/errors.js';
import { printable } from '../model/names.js';
import { type Element, elements } from '../xml/element.js';
import { instanceOf, withProperties } from './build.js';
import { onBridge } from './conjunction.js';
import { value, values } from './neutral.js';

const isPolicy = ({ local }: Element) => local === 'AMT_SystemDefensePolicy';
const isFilter = ({ local }: Element) => local === 'AMT_Hdr8021Filter' || local === 'AMT_IPHeadersFilter';
const handleOf = (filter: Element) => /(\d+)\s*$/.exec(value(filter, 'InstanceID') ?? '')?.[1];
const isTrue = (policy: Element, property: string) => /^(?:true|1)$/i.test(value(policy, property) ?? '');

/** What a policy may say that a native filter cannot, when it is more than nothing. */
const REFUSED = ['TxDefaultMatchEvent', 'TxDefaultCount', 'RxDefaultMatchEvent', 'RxDefaultCount'];

const DEFAULTS = [
  { property: 'TxDefaultDrop', direction: '2' },
  { property: 'RxDefaultDrop', direction: '1' },
];

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
        message: `AMT_SystemDefensePolicy ${printable(name)}: ${property}: ${why}`,
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
