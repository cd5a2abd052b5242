/** A rule of the thread's forms → rules of the native form. */

import { type Attribute, attribute, type Element, elements } from './element.js';
import { type Reading, report } from './faults.js';
import { ACTION_NOW, ATTRIBUTE_NOW, TYPE_OF_VERSION, variableOf } from './thread-words.js';

/** Elements a rule may hold together: conditions that must all be met. */
const TOGETHER = ['mac', 'vlan', 'ip', 'arp'];

/** True when the rule says something that only the thread's forms have. */
export function isThreadRule(rule: Element): boolean {
  const parts = elements(rule);
  const kinds = new Set(parts.map(({ local }) => local));
  return (
    (attribute(rule, 'action') ?? '') in ACTION_NOW ||
    kinds.size > 1 ||
    parts.some(
      ({ local, attributes }) =>
        (local === 'ip' && attributes.some((a) => a.local === 'version')) ||
        attributes.some((a) => a.value.trim() === '' || a.local in (ATTRIBUTE_NOW[local] ?? {})),
    )
  );
}

/**
 * Several <arp> are alternatives, as the thread's own later versions of the same filters show: a rule for each. Other elements are
 * met together, so they must be one native rule. Faults, to `reading`: FORM_CANNOT_HOLD for what is none.
 */
export function nativeRules(rule: Element, reading: Reading): readonly Element[] {
  const now = { ...rule, attributes: rule.attributes.map((a) => ({ ...a, value: actionNow(a) })) };
  const parts = elements(rule).map((part) => renamed(part, reading));
  const strange = parts.filter(({ local }) => !TOGETHER.includes(local));
  if (strange.length > 0) return [{ ...now, children: parts }];
  for (const part of parts.filter((each) => negation(each).length > 0 && testsOf(each).length > 1)) {
    const message = 'match="no" on several attributes: whether each or all of them is not said';
    report(reading, 'FORM_CANNOT_HOLD', message, part.at);
  }
  const arps = parts.filter(({ local }) => local === 'arp');
  const others = parts.filter(({ local }) => local !== 'arp');
  const twice = others.find((part) => others.some((each) => each !== part && each.local === part.local));
  if (twice) {
    const message = `several <${twice.local}> in one rule: the form has one`;
    report(reading, 'FORM_CANNOT_HOLD', message, twice.at);
    return [];
  }
  const alternatives = arps.length > 1 ? arps.map((arp) => [...others, arp]) : [parts];
  return alternatives.map((together) => ({ ...now, children: joined(together, rule, reading) }));
}

const actionNow = ({ local, value }: Attribute) =>
  local === 'action' ? (ACTION_NOW[value] ?? value) : value;

function renamed(part: Element, reading: Reading): Element {
  const attributes = part.attributes.map((a) => {
    const local = ATTRIBUTE_NOW[part.local]?.[a.local] ?? a.local;
    if (a.value.trim() !== '') return { ...a, local };
    const variable = variableOf(a.local);
    if (variable === undefined)
      report(reading, 'VALUE', `${a.local} has no value, and no interface has one for it`, a.at, a.local);
    return { ...a, local, value: `$${variable}` };
  });
  return { ...part, attributes };
}

/** The protocol elements of the one native rule that all parts are, negated attributes in an element of their own. */
function joined(parts: readonly Element[], rule: Element, reading: Reading): readonly Element[] {
  const part = (local: string) => parts.find((each) => each.local === local);
  const [mac, vlan, ip, arp] = TOGETHER.map(part);
  const refuse = (message: string, at = rule.at): readonly Element[] => {
    report(reading, 'FORM_CANNOT_HOLD', message, at);
    return [];
  };
  if (arp && (vlan || ip))
    return refuse(`no native rule looks at <arp> and <${(vlan ?? ip)!.local}> at once`);
  if (vlan?.attributes.some(({ local }) => local === 'priority' || local === 'protocol'))
    return refuse('no native rule looks at the priority or protocol of <vlan>', vlan.at);
  if (ip && (vlan || isVersionOnly(ip))) {
    const type = typeOf(ip);
    if (type === undefined || !isVersionOnly(ip))
      return refuse('of an IP packet in a VLAN a native rule sees the version only', ip.at);
    const [element, name] = vlan ? ['vlan', 'encap-protocol'] : ['mac', 'protocolid'];
    const rest = [mac, vlan].filter((each) => each !== undefined);
    const asType = { ...ip, attributes: [...negation(ip), { ns: '', local: name!, value: type }] };
    return [...rest, asType].map((each) => ({ ...each, local: element! }));
  }
  const main = arp ?? vlan ?? ip ?? mac;
  if (!main) return [];
  if (main !== mac && mac?.attributes.some(({ local }) => local === 'protocolid'))
    return refuse(`protocolid beside <${main.local}>: the element says the type`, mac.at);
  if (main !== ip) return parts.map((each) => ({ ...each, local: main.local }));
  if (negation(ip).length > 0 && attribute(ip, 'version') !== undefined)
    return refuse('match="no" beside version: whether the version is negated is not said', ip.at);
  const local = typeOf(ip) === 'ipv6' || ip.attributes.some(isIpv6) ? 'ipv6' : 'ip';
  return parts.map((each) => ({
    ...each,
    local,
    attributes: each.attributes.filter((a) => each !== ip || a.local !== 'version'),
  }));
}

const isIpv6 = ({ local, value }: Attribute) => /^(?:src|dst)ipaddr$/.test(local) && value.includes(':');

const negation = (part: Element) => part.attributes.filter((a) => a.local === 'match' && a.value === 'no');

/** Attributes that are tests of their own: a mask or the end of a range belongs to another. */
const testsOf = ({ attributes }: Element) =>
  attributes.filter(({ local }) => local !== 'match' && !/(?:mask|portend)$/.test(local));

const typeOf = (ip: Element) => TYPE_OF_VERSION[attribute(ip, 'version')?.trim() ?? ''];

function isVersionOnly(ip: Element): boolean {
  const tests = testsOf(ip);
  return tests.length === 1 && tests[0]!.local === 'version';
}
