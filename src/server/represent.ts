/** Instances, references and method results as text of an answer's body. */

import { classOfElement } from '../cim/decode.js';
import { EMBEDDED_PREFIX, embeddedNamespace, encodeInstance, encodeOutput } from '../cim/encode.js';
import type { CimValue, Instance, ObjectPath } from '../cim/instance.js';
import { endpointReference } from '../cim/path.js';
import type { MethodRow } from '../cim/rows.js';
import { findProperty } from '../cim/schema.js';
import { fragment } from '../wsman/answer.js';
import type { Request } from '../wsman/envelope.js';
import { inVersion } from '../wsman/epr.js';
import { type AddressingNs, NS, PREFIXES_WITH } from '../wsman/namespaces.js';
import { flag } from '../wsman/options.js';
import { type Element, el, isElement } from '../xml/element.js';
import { type SerialiseOptions, serialise } from '../xml/serialise.js';

const scopes = new Map<string, SerialiseOptions>();

/** What is declared around and on an instance of a class; made once for each, as every answer needs it. */
function scopeOf(
  classNs: string,
  addressing: AddressingNs,
  embeddedNs: string | undefined,
): SerialiseOptions {
  const key = `${addressing} ${classNs} ${embeddedNs}`;
  let scope = scopes.get(key);
  if (!scope) {
    scope = {
      prefixes: {
        ...PREFIXES_WITH[addressing],
        ...(embeddedNs !== undefined && { [embeddedNs]: EMBEDDED_PREFIX }),
        [classNs]: 'p',
      },
      // Octet strings and embedded instances name their type with these prefixes.
      declare: embeddedNs === undefined ? [NS.cim] : [NS.cim, embeddedNs],
      inScope: [addressing, NS.wsman],
    };
    scopes.set(key, scope);
  }
  return scope;
}

/** How instances are shown to one client. */
export interface Shown {
  readonly addressing: AddressingNs;
  /** Render as this superclass. */
  readonly asClass?: string | undefined;
  /** False: null properties are left out (openwsman's option ExcludeNilProperties). */
  readonly nil?: boolean;
  /** Mark the elements of keys (openwsman's option ShowExtensions). */
  readonly keys?: boolean;
  /** Names of the properties wanted, in any case. */
  readonly properties?: readonly string[] | undefined;
}

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

/** The class element with the prefix `p`. */
export function instanceText(instance: Instance, how: Shown): string {
  const element = instanceElement(instance, how);
  return serialise(element, scopeOf(element.ns, how.addressing, embeddedNamespace(instance)));
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
  return serialise(element, scopeOf(ns, how.addressing, embeddedNamespace(instance)));
}

function withKeys(element: Element): Element {
  const row = classOfElement(element);
  const mark = { ns: NS.cim, local: 'Key', value: 'true' };
  const children = element.children.map((node) =>
    isElement(node) && row && findProperty(row, node.local)?.key
      ? { ...node, attributes: [...node.attributes, mark] }
      : node,
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
