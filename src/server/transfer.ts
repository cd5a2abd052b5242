/** Get, Put, Create and Delete. Sources: DSP0226 §7, DSP0227 §7. */
import { classOfElement, decodeInstance } from '../cim/decode.js';
import type { Instance, ObjectPath } from '../cim/instance.js';
import { endpointReference, referenceContent } from '../cim/path.js';
import { isA } from '../cim/schema.js';
import type { Answer } from '../wsman/answer.js';
import { soapFault } from '../wsman/faults.js';
import { ACTION } from '../wsman/namespaces.js';
import { noEpr, readRepresentation, requestedEpr, resourceCreated } from '../wsman/transfer.js';
import type { Element } from '../xml/element.js';
import type { Exchange } from './exchange.js';
import { createFragment, getFragment, putFragment, removeFragment } from './fragments.js';
import { familiarText } from './instance-text.js';
import { getClass, isClassMetadata } from './metadata.js';
import { shownBy } from './represent.js';
import { targetClass, targetInstance } from './target.js';

/**
 * The instance in its own class, also through the URI of a superclass, as Enumerate gives it: a superclass would not show
 * the action of a rule.
 */
export async function get(exchange: Exchange): Promise<Answer> {
  const { request, objects } = exchange;
  if (request.fragment) return getFragment(exchange, request.fragment);
  if (isClassMetadata(request.resourceUri)) return getClass(request);
  const { path } = targetInstance(request);
  return shown(exchange, ACTION.get, path, await objects.get(path));
}

/** Answers the instance as it is afterwards. */
export async function put(exchange: Exchange): Promise<Answer> {
  const { request, objects, caller } = exchange;
  if (request.fragment) return putFragment(exchange, request.fragment);
  const { row, path } = targetInstance(request);
  const written = representation(request.body, row.name);
  return shown(exchange, ACTION.put, path, await objects.modify(path, written, caller));
}

export async function create(exchange: Exchange): Promise<Answer> {
  const { request, objects, caller } = exchange;
  if (request.fragment) return createFragment(exchange, request.fragment);
  const { row, path } = targetClass(request);
  if (path.keys.size > 0)
    throw soapFault('wsman:InvalidSelectors', 'UnexpectedSelectors', 'a Create takes its keys from the body');
  const created = await objects.create(path.namespace, representation(request.body, row.name), caller);
  const { ns } = request.addressing;
  return {
    action: `${ACTION.create}Response`,
    body: resourceCreated(referenceContent(created), ns),
    headers: request.requestEpr ? [requestedEpr(endpointReference(created), ns)] : [],
  };
}

export async function remove(exchange: Exchange): Promise<Answer> {
  const { request, objects, caller } = exchange;
  if (request.fragment) return removeFragment(exchange, request.fragment);
  const { path } = targetInstance(request);
  await objects.remove(path, caller);
  return {
    action: `${ACTION.delete}Response`,
    body: '',
    headers: request.requestEpr ? [noEpr('EPRInvalid')] : [],
  };
}

/** An instance, and its reference where that was asked for. */
function shown(
  { request, objects }: Exchange,
  action: string,
  { namespace }: ObjectPath,
  instance: Instance,
): Answer {
  const reference = () => endpointReference(objects.pathOf(namespace, instance));
  return {
    action: `${action}Response`,
    body: familiarText(instance, shownBy(request)),
    headers: request.requestEpr ? [requestedEpr(reference(), request.addressing.ns)] : [],
  };
}

/** The instance in the body. Faults: InvalidRepresentation/InvalidNamespace when it is of another class. Errors: CIM_PROPERTY. */
function representation(body: readonly Element[], className: string): Instance {
  const element = readRepresentation(body);
  const row = classOfElement(element);
  if (!row || !isA(row.name, className))
    throw soapFault('wxf:InvalidRepresentation', 'InvalidNamespace', `the body must hold a ${className}`);
  return decodeInstance(element);
}
