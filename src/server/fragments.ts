/** Get, Put, Create and Delete of parts of an instance: nothing but the part is touched. Source: DSP0226 §7.7. */
import { decodeInstance } from '../cim/decode.js';
import { encodeInstance } from '../cim/encode.js';
import type { Instance, ObjectPath } from '../cim/instance.js';
import { endpointReference, referenceContent } from '../cim/path.js';
import type { PropertyRow } from '../cim/rows.js';
import { classRow, findProperty, isA } from '../cim/schema.js';
import { NwgateError } from '../model/errors.js';
import type { Answer } from '../wsman/answer.js';
import { soapFault } from '../wsman/faults.js';
import {
  type Fragment,
  type FragmentContent,
  type FragmentPath,
  readXmlFragment,
  xmlFragment,
} from '../wsman/fragment.js';
import { ACTION } from '../wsman/namespaces.js';
import { requestedEpr, resourceCreated } from '../wsman/transfer.js';
import { type Element, el, elements, text } from '../xml/element.js';
import type { Exchange } from './exchange.js';
import { inScopeOf, instanceElement, shownBy } from './represent.js';
import { targetInstance } from './target.js';

const bad = (reason: string) => soapFault('wxf:InvalidRepresentation', 'InvalidFragment', reason);

export async function getFragment(exchange: Exchange, fragment: Fragment): Promise<Answer> {
  const { path } = targetInstance(exchange.request);
  const instance = await exchange.objects.get(path);
  return answered(exchange, fragment, ACTION.get, instance);
}

/** Replaces what the path leads to; nil takes it away. */
export async function putFragment(exchange: Exchange, fragment: Fragment): Promise<Answer> {
  const content = readXmlFragment(exchange.request.body);
  const instance = await edit(exchange, fragment, (present, row, ns) => {
    const next = contentFor(fragment.path, row, ns, content);
    const { index } = fragment.path;
    if (index === undefined) return next;
    if (index >= present.length) throw bad(`${row.name} has ${present.length} values`);
    return present.toSpliced(index, 1, ...next);
  });
  return answered(exchange, fragment, ACTION.put, instance);
}

/** Adds a value where there is none yet, or another one to an array. Faults also: AlreadyExists. */
export async function createFragment(exchange: Exchange, fragment: Fragment): Promise<Answer> {
  const { request, objects } = exchange;
  const content = readXmlFragment(request.body);
  const instance = await edit(exchange, fragment, (present, row, ns) => {
    const next = contentFor(fragment.path, row, ns, content);
    const { index = present.length } = fragment.path;
    if (next.length === 0) throw bad('a value is created, not nil');
    if (index < present.length || (present.length > 0 && (!row.array || row.octets)))
      throw soapFault('wsman:AlreadyExists', undefined, `${row.name} has a value there`);
    if (index > present.length) throw bad(`the next value of ${row.name} is number ${present.length + 1}`);
    return [...present, ...next];
  });
  const path = objects.pathOf(targetInstance(request).path.namespace, instance);
  const { headers } = answered(exchange, fragment, ACTION.create, instance);
  return {
    action: `${ACTION.create}Response`,
    body: resourceCreated(referenceContent(path), request.addressing.ns),
    headers: headers ?? [],
  };
}

export async function removeFragment(exchange: Exchange, fragment: Fragment): Promise<Answer> {
  const instance = await edit(exchange, fragment, (present, row) => {
    const { index } = fragment.path;
    if (present.length <= (index ?? 0)) throw bad(`${row.name} has no value there`);
    return index === undefined ? [] : present.toSpliced(index, 1);
  });
  return { ...answered(exchange, fragment, ACTION.delete, instance), body: '' };
}

type Edit = (present: readonly Element[], row: PropertyRow, ns: string) => readonly Element[];

/** Somebody may write the same instance at the same time: then what is there is read again. */
const ATTEMPTS = 3;

async function edit(exchange: Exchange, { path: wanted }: Fragment, change: Edit): Promise<Instance> {
  const { objects, caller, request } = exchange;
  const { path } = targetInstance(request);
  for (let attempt = 1; ; attempt += 1) {
    const existing = await objects.get(path);
    const row = propertyOf(existing, wanted);
    const element = encodeInstance(existing, { nil: false });
    const present = elements(element).filter(({ local }) => local === row.name);
    const others = elements(element).filter(({ local }) => local !== row.name);
    const children = [...others, ...change(present, row, element.ns)];
    try {
      return await objects.modify(path, decodeInstance({ ...element, children }), caller);
    } catch (error) {
      const stale = error instanceof NwgateError && error.code === 'STALE';
      if (!stale || attempt >= ATTEMPTS) throw error;
    }
  }
}

/** Faults: InvalidRepresentation/InvalidFragment for another class's path or a property the class does not have. */
function propertyOf({ className }: Instance, path: FragmentPath): PropertyRow {
  if (path.className !== undefined && !isA(className, path.className))
    throw bad(`the instance is a ${className}, no ${path.className}`);
  const row = findProperty(classRow(className), path.property);
  if (!row) throw bad(`${className} has no property ${path.property}`);
  return row;
}

/** The property's elements that a request's fragment stands for. */
function contentFor(
  { index, asText }: FragmentPath,
  row: PropertyRow,
  ns: string,
  content: FragmentContent,
): readonly Element[] {
  if (content.text !== undefined) return [el(ns, row.name, {}, content.text)];
  if (asText && content.elements.length > 0) throw bad('the fragment of a text() path holds text');
  if (index !== undefined && content.elements.length > 1) throw bad('one value is replaced by one');
  for (const { local } of content.elements)
    if (local.toLowerCase() !== row.name.toLowerCase()) throw bad(`the fragment must hold ${row.name}`);
  return content.elements;
}

/** The header again, and the part as it is now. */
function answered(exchange: Exchange, fragment: Fragment, action: string, instance: Instance): Answer {
  const { request, objects } = exchange;
  const { path: wanted, header } = fragment;
  const row = propertyOf(instance, wanted);
  const how = { ...shownBy(request), nil: false };
  const whole = instanceElement(instance, how);
  const all = elements(whole).filter(({ local }) => local === row.name);
  const chosen = wanted.index === undefined ? all : all.slice(wanted.index, wanted.index + 1);
  if (wanted.asText && chosen.length > 1) throw bad(`${row.name} has ${all.length} values: say which`);
  const content = wanted.asText ? chosen.map(text) : chosen;
  const path = (): ObjectPath => objects.pathOf(targetInstance(request).path.namespace, instance);
  const { ns } = request.addressing;
  return {
    action: `${action}Response`,
    body: inScopeOf(instance, how, whole.ns, xmlFragment(content)),
    headers: [header, ...(request.requestEpr ? [requestedEpr(endpointReference(path()), ns)] : [])],
  };
}
