/** Calls of extrinsic methods. Sources: DSP0226 §9, DSP0227 §9. */
import { decodeParameters } from '../cim/decode.js';
import { endpointReference } from '../cim/path.js';
import type { MethodRow } from '../cim/rows.js';
import { classOfUri, findMethod } from '../cim/schema.js';
import { NwgateError } from '../model/errors.js';
import type { Answer } from '../wsman/answer.js';
import { soapFault } from '../wsman/faults.js';
import { readInput, splitAction } from '../wsman/invoke.js';
import { requestedEpr } from '../wsman/transfer.js';
import { type Element, elements } from '../xml/element.js';
import type { Exchange } from './exchange.js';
import { asSoapFault } from './faults.js';
import { outputText } from './represent.js';
import { targetInstance } from './target.js';

/** True when the action is `<class URI>/<Method>` of a class we know, whatever the method. */
export function isInvocation(action: string): boolean {
  const parts = splitAction(action);
  return parts !== undefined && classOfUri(parts.classUri) !== undefined;
}

/** The action's class may be any superclass or spelling of the one in the ResourceURI; the latter decides. */
export async function invoke({ request, objects, caller }: Exchange): Promise<Answer> {
  const parts = splitAction(request.action);
  const { row, path } = targetInstance(request);
  // The method may be declared by the instance's own class, below the one in the ResourceURI.
  const owner = findMethod(row, parts?.method ?? '') ? row : classOfUri(parts?.classUri ?? '');
  const method = owner && findMethod(owner, parts?.method ?? '');
  if (!owner || !method)
    throw soapFault('wsa:ActionNotSupported', undefined, `${row.name} has no method ${parts?.method}`);
  const input = readInput(request.body, method.name);
  const named = async () => objects.pathOf(path.namespace, await objects.get(path));
  const called = async () => objects.invoke(path, method.name, decodeParameters(method, input), caller);
  const output = await called().catch((error: unknown) => {
    throw parameterFault(error, method, input);
  });
  return {
    action: `${request.action}Response`,
    body: outputText(owner.name, method, output, request.addressing.ns),
    headers: request.requestEpr
      ? [requestedEpr(endpointReference(await named()), request.addressing.ns)]
      : [],
  };
}

/** What is wrong with a parameter, told apart (DSP0226 §14.6, InvalidParameter). */
function parameterFault(error: unknown, { input }: MethodRow, given: Element | undefined): unknown {
  if (!(error instanceof NwgateError) || error.code !== 'CIM_PARAMETER') return error;
  const name = error.faults[0]?.where?.attribute?.toLowerCase();
  const row = input.find((each) => each.name.toLowerCase() === name);
  const there = given && elements(given).some(({ local }) => local.toLowerCase() === name);
  const wrong = row?.type === 'string' ? 'InvalidValue' : 'TypeMismatch';
  return asSoapFault(error, true, row ? (there ? wrong : 'MissingValues') : 'InvalidName');
}
