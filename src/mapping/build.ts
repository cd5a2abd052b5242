/** Making neutral instances out of others: what the standard spreads over several objects, as one entry of a list, and back. */
import { type Element, el, elements, text } from '../xml/element.js';
import { DMTF_BASE } from './neutral.js';

/** Text of a property, the texts of an array, or the instance that a reference property points to. */
export type Given = string | readonly string[] | Element | undefined;

/** An instance of a class with these properties, in the order given. */
export function instanceOf(className: string, properties: Readonly<Record<string, Given>>): Element {
  const ns = `${DMTF_BASE}${className}`;
  const children = Object.entries(properties).flatMap(([name, given]) => {
    if (given === undefined) return [];
    if (isInstance(given)) return [el(ns, name, {}, ...reference(given))];
    return [given].flat().map((text) => el(ns, name, {}, text));
  });
  return el(ns, className, {}, ...children);
}

const isInstance = (given: Exclude<Given, undefined>): given is Element =>
  typeof given === 'object' && 'local' in given;

const WSA = 'http://schemas.xmlsoap.org/ws/2004/08/addressing';
const WSMAN = 'http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd';

/** Keys of every class that is referred to here: an instance has those of its own class and no others. */
const KEYS = [
  'SystemCreationClassName',
  'SystemName',
  'CreationClassName',
  'Name',
  'PolicyGroupName',
  'PolicyRuleCreationClassName',
  'PolicyRuleName',
  'PolicyConditionName',
  'PolicyActionName',
];

/** Content of a reference property: the endpoint reference of an instance. */
function reference(to: Element): readonly Element[] {
  const keys = elements(to).filter(({ local }) => KEYS.includes(local));
  const selectors = keys.map((key) => el(WSMAN, 'Selector', { Name: key.local }, text(key)));
  return [
    el(WSA, 'Address', {}, `${WSA}/role/anonymous`),
    el(
      WSA,
      'ReferenceParameters',
      {},
      el(WSMAN, 'ResourceURI', {}, to.ns),
      el(WSMAN, 'SelectorSet', {}, ...selectors),
    ),
  ];
}

/** The instance with properties of another one, or with those given in place of its own. */
export function withProperties(instance: Element, others: readonly Element[]): Element {
  const replaced = new Set(others.map(({ local }) => local));
  const kept = elements(instance).filter(({ local }) => !replaced.has(local));
  return { ...instance, children: [...kept, ...others.map((each) => ({ ...each, ns: instance.ns }))] };
}

/** The instance as one of another class with the same properties. */
export function asClass(instance: Element, className: string): Element {
  const ns = `${DMTF_BASE}${className}`;
  const children = elements(instance).map((child) => ({ ...child, ns }));
  return { ...instance, ns, local: className, children };
}
