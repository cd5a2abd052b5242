/** One `<rule>` of the native form, read by the protocol tables. */
import type { Fault } from '../model/errors.js';
import {
  type Action,
  DEFAULT_RULE_PRIORITY,
  type Direction,
  type Match,
  type Rule,
} from '../model/filter.js';
import { printable } from '../model/names.js';
import { checkMatches, checkValue } from '../protocols/check.js';
import { attributeSpec, inTableOrder, protocolSpec } from '../protocols/registry.js';
import type { ProtocolSpec } from '../protocols/types.js';
import type { Attribute, Element, Position } from './element.js';
import { nameOf, placeOf, type Reading, readChildren, readWords, report } from './faults.js';
import { MATCH_WORD, RULE_WORDS } from './vocabulary.js';

/** What one rule's protocol elements have said so far. */
interface Gathered {
  spec: ProtocolSpec | undefined;
  readonly matches: Map<string, Match>;
  readonly positions: Map<string, Position | undefined>;
}

/** Stands for a value that was at fault already, so that the combination can still be judged: any value might be meant. */
const UNREADABLE = '$_';

/** `reading.place` names the rule. Faults go to `reading`; the rule is of use only when there were none. */
export function readRule(element: Element, reading: Reading): Rule {
  const words = readWords(element, RULE_WORDS, reading);
  const gathered: Gathered = { spec: undefined, matches: new Map(), positions: new Map() };
  // What is not a protocol is never passed over: the rule would then match everything.
  readChildren(element, (child) => readProtocol(child, gathered, reading), reading);

  const { spec, positions } = gathered;
  const matches = spec ? inTableOrder(spec, [...gathered.matches.values()]) : [];
  if (spec) {
    for (const fault of checkMatches(spec, matches, placeOf(reading, element.at)))
      reading.faults.push(atAttribute(fault, positions));
  }
  return {
    kind: 'rule',
    id: words.get('id') ?? '',
    action: (words.get('action') ?? 'drop') as Action,
    direction: (words.get('direction') ?? 'inout') as Direction,
    priority: Number(words.get('priority') ?? DEFAULT_RULE_PRIORITY),
    statematch: words.get('statematch') !== 'false',
    protocol: spec?.element,
    matches,
    place: placeOf(reading, element.at),
  };
}

/** Several elements of one protocol are one list of tests, all of which must hold. */
function readProtocol(element: Element, gathered: Gathered, reading: Reading): void {
  const spec = element.ns === '' ? protocolSpec(element.local) : undefined;
  if (!spec) {
    report(reading, 'SCHEMA', `<${printable(nameOf(element))}> is not a protocol`, element.at);
    return;
  }
  if (gathered.spec && gathered.spec !== spec) {
    const message = `a rule has one protocol: <${spec.element}> cannot stand beside <${gathered.spec.element}>`;
    report(reading, 'SCHEMA', message, element.at);
    return;
  }
  gathered.spec = spec;
  readChildren(element, {}, reading);

  const isMatch = (a: Attribute) => a.ns === '' && a.local === MATCH_WORD.name;
  const tests = element.attributes.filter((a) => !isMatch(a));
  const words = readWords(
    { ...element, attributes: element.attributes.filter(isMatch) },
    [MATCH_WORD],
    reading,
  );
  const negated = words.get('match') === 'no';
  const isTest = (a: Attribute) => a.ns === '' && attributeSpec(spec, a.local)?.role !== 'comment';
  if (negated && !tests.some(isTest)) {
    report(reading, 'VALUE', `match="no" on <${spec.element}> negates nothing`, element.at, 'match');
  }
  for (const a of tests) readMatch(a, spec, negated, gathered, reading);
}

function readMatch(
  a: Attribute,
  spec: ProtocolSpec,
  negated: boolean,
  gathered: Gathered,
  reading: Reading,
): void {
  const row = a.ns === '' ? attributeSpec(spec, a.local) : undefined;
  if (!row) {
    const message = `<${spec.element}> has no attribute ${printable(nameOf(a))}`;
    report(reading, 'SCHEMA', message, a.at, a.local);
    return;
  }
  if (gathered.matches.has(a.local)) {
    report(reading, 'SCHEMA', `${a.local} is given twice in one rule`, a.at, a.local);
    return;
  }
  const checked = checkValue(row, a.value, placeOf(reading, a.at));
  if ('fault' in checked) reading.faults.push(checked.fault);
  const value = 'fault' in checked ? UNREADABLE : checked.value;
  gathered.matches.set(a.local, {
    attribute: a.local,
    value,
    negated: negated && row.role !== 'comment',
  });
  gathered.positions.set(a.local, a.at);
}

/** The fault where the attribute stands that it names. */
function atAttribute(fault: Fault, positions: Gathered['positions']): Fault {
  const at = fault.where?.attribute === undefined ? undefined : positions.get(fault.where.attribute);
  return at ? { ...fault, where: { ...fault.where, line: at.line, column: at.column } } : fault;
}
