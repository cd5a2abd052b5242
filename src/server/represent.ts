/** Parts of instances, references and method results as text of an answer's body. */

import { classOfElement } from '../cim/decode.js';
import { embeddedNamespace, encodeInstance, encodeOutput } from '../cim/encode.js';
import type { CimValue, Instance, ObjectPath } from '../cim/instance.js';
import { endpointReference } from '../cim/path.js';
import type { MethodRow } from '../cim/rows.js';
import { findProperty } from '../cim/schema.js';
import { fragment } from '../wsman/answer.js';
import type { Request } from '../wsman/envelope.js';
import { inVersion } from '../wsman/epr.js';
import { type AddressingNs, NS } from '../wsman/namespaces.js';
import { flag } from '../wsman/options.js';
import { type Element, el, isElement } from '../xml/element.js';
import { serialise } from '../xml/serialise.js';
import { type Shown, scopesOf, withMark } from './instance-text.js';

/** Options of every operation that answers instances. */
export const SHOWING = ['ShowExtensions', 'ExcludeNilProperties'] as const;

/** Faults: InvalidOptions/InvalidValue. */
export function shownBy({ addressing, options }: Pick<Request, 'addressing' | 'options'>): Shown {
  return {
    addressing: addressing.ns,
    nil: !flag(options, 'ExcludeNilProperties'),
    keys: flag(options, 'ShowExtensions'),
  };
}

/** The class element. */
export function instanceElement(instance: Instance, how: Shown): Element {
  const { asClass, nil = true } = how;
  const element = encodeInstance(instance, { nil, ...(asClass !== undefined && { asClass }) });
  return inVersion(how.keys ? withKeys(element) : element, how.addressing);
}

/** A wsman:XmlFragment with some of the properties; names the class does not have are passed over (DSP0227 R8.2.1-10). */
export function fragmentText(instance: Instance, how: Shown): string {
  const { ns, children } = instanceElement(instance, how);
  const wanted = new Set(how.properties?.map((name) => name.toLowerCase()));
  const chosen = children.filter((node) => isElement(node) && wanted.has(node.local.toLowerCase()));
  return inScopeOf(instance, how, ns, el(NS.wsman, 'XmlFragment', {}, ...chosen));
}

/** Text of an element that holds parts of an instance, of a class in namespace `ns`. */
export function inScopeOf(instance: Instance, how: Shown, ns: string, element: Element): string {
  return serialise(element, scopesOf(ns, how.addressing, embeddedNamespace(instance)).alone);
}

function withKeys(element: Element): Element {
  const row = classOfElement(element);
  const children = element.children.map((node) =>
    isElement(node) && row && findProperty(row, node.local)?.key ? withMark(node) : node,
  );
  return { ...element, children };
}

export function referenceText(path: ObjectPath, addressing: AddressingNs): string {
  return fragment(inVersion(endpointReference(path), addressing), addressing);
}

/** `<Method_OUTPUT>` with the prefix `n1`. */
export function outputText(
  className: string,
  method: MethodRow,
  values: ReadonlyMap<string, CimValue>,
  addressing: AddressingNs,
): string {
  const element = inVersion(encodeOutput(className, method, values), addressing);
  return fragment(element, addressing, { [element.ns]: 'n1' });
}
