/** Making neutral instances out of others: what the standard spreads over several objects, as one entry of a list. */
import { type Element, el, elements } from '../xml/element.js';
import { DMTF_BASE } from './neutral.js';

/** An instance of a class with these properties, in the order given. */
export function instanceOf(
  className: string,
  properties: Readonly<Record<string, string | undefined>>,
): Element {
  const ns = `${DMTF_BASE}${className}`;
  const given = Object.entries(properties).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  return el(ns, className, {}, ...given.map(([name, value]) => el(ns, name, {}, value)));
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
