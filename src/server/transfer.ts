/** Get, Put, Create and Delete. Sources: DSP0226 §7, DSP0227 §7. */
import { classOfElement, decodeInstance } from '../cim/decode.js';
import type { Instance } from '../cim/instance.js';
import { endpointReference, referenceContent } from '../cim/path.js';
import { isA } from '../cim/schema.js';
import type { Answer } from '../wsman/answer.js';
import { soapFault } from '../wsman/faults.js';
import { ACTION } from '../wsman/namespaces.js';
import { readRepresentation, requestedEpr, resourceCreated } from '../wsman/transfer.js';
import type { Element } from '../xml/element.js';
import type { Exchange } from './exchange.js';
import { instanceText } from './represent.js';
import { targetClass, targetInstance } from './target.js';

/**
 * The instance in its own class, also through the URI of a superclass, as Enumerate gives it: a superclass would not show
 * the action of a rule.
 */
export async function get({ request, objects }: Exchange): Promise<Answer> {
  const { path } = targetInstance(request);
  const instance = await objects.get(path);
  return {
    action: `${ACTION.get}Response`,
    body: instanceText(instance, request.addressing.ns),
  };
}

/** Answers the instance as it is afterwards, and its reference where that was asked for. */
export async function put({ request, objects, caller }: Exchange): Promise<Answer> {
  const { row, path } = targetInstance(request);
  const written = representation(request.body, row.name);
  const instance = await objects.modify(path, written, caller);
  const { ns } = request.addressing;
  const reference = () => endpointReference(objects.pathOf(path.namespace, instance));
  return {
    action: `${ACTION.put}Response`,
    body: instanceText(instance, ns),
    headers: request.requestEpr ? [requestedEpr(reference(), ns)] : [],
  };
}

export async function create({ request, objects, caller }: Exchange): Promise<Answer> {
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

export async function remove({ request, objects, caller }: Exchange): Promise<Answer> {
  const { path } = targetInstance(request);
  await objects.remove(path, caller);
  return { action: `${ACTION.delete}Response`, body: '' };
}

/** The instance in the body. Faults: InvalidRepresentation/InvalidNamespace when it is of another class. Errors: CIM_PROPERTY. */
function representation(body: readonly Element[], className: string): Instance {
  const element = readRepresentation(body);
  const row = classOfElement(element);
  if (!row || !isA(row.name, className))
    throw soapFault('wxf:InvalidRepresentation', 'InvalidNamespace', `the body must hold a ${className}`);
  return decodeInstance(element);
}
