/**
 * What a base class cannot show of a rule. Somebody who reads or writes an entry as CIM_IPHeadersFilter knows nothing of its
 * ICMP type or its negations: a reader must be told, a write that would lose them is refused.
 */
import type { CimValue, Instance } from './instance.js';
import type { ClassRow } from './rows.js';
import { propertiesOf } from './schema.js';

/** Of the rule, not of what it matches: losing sight of them widens no match. */
const NO_CONSTRAINT = [
  'Action',
  'Direction',
  'Priority',
  'StateMatch',
  'ProtocolElement',
  'ImpliedProperties',
];

/** Properties that narrow the match and that `base` does not have. */
export function hiddenConstraints(instance: Instance, base: ClassRow): readonly string[] {
  const visible = new Set(propertiesOf(base).map(({ name }) => name));
  return [...instance.properties.keys()].filter(
    (name) => !visible.has(name) && !NO_CONSTRAINT.includes(name),
  );
}

/** The instance as `base` shows it: OperationalStatus "Other" and a sentence when constraints are out of sight. */
export function marked(instance: Instance, base: ClassRow): Instance {
  const hidden = hiddenConstraints(instance, base);
  const isEntry = instance.properties.has('ProtocolElement') || instance.properties.has('Action');
  if (hidden.length === 0 || !isEntry) return instance;
  const mark: readonly [string, CimValue][] = [
    ['OperationalStatus', [1]],
    ['StatusDescriptions', [`matches less than ${base.name} can show: see ${hidden.join(', ')}`]],
  ];
  return { className: instance.className, properties: new Map([...instance.properties, ...mark]) };
}
