/**
 * Every operation by name: the role it needs, the shape of its input, what it does. The command line acts through this
 * table whether it works alone or through a running gateway's control socket, so a command means the same either way.
 * Inputs and results are JSON values.
 */
import { z } from 'zod';
import type { Caller } from '../model/caller.js';
import { fail } from '../model/errors.js';
import { printable } from '../model/names.js';
import { demandRole } from './access.js';
import type { Operation, Product } from './operation.js';
import { EXPLAIN_OPERATIONS } from './operations-explain.js';
import { FILTER_OPERATIONS } from './operations-filters.js';
import { HOST_OPERATIONS } from './operations-host.js';
import { POLICY_OPERATIONS } from './operations-policy.js';
import { PORT_OPERATIONS } from './operations-ports.js';
import { USER_OPERATIONS } from './operations-users.js';

export const OPERATIONS = {
  ...FILTER_OPERATIONS,
  ...PORT_OPERATIONS,
  ...EXPLAIN_OPERATIONS,
  ...POLICY_OPERATIONS,
  ...HOST_OPERATIONS,
  ...USER_OPERATIONS,
};

export type OperationName = keyof typeof OPERATIONS;
export type InputOf<N extends OperationName> = z.input<(typeof OPERATIONS)[N]['input']>;
export type ResultOf<N extends OperationName> = Awaited<ReturnType<(typeof OPERATIONS)[N]['run']>>;

/** Checks role and input and runs it. Errors: USAGE (no such operation, wrong input), ACCESS_DENIED, and its own. */
export async function runOperation(
  product: Product,
  name: string,
  input: unknown,
  by: Caller,
): Promise<unknown> {
  const found = Object.hasOwn(OPERATIONS, name)
    ? (OPERATIONS[name as OperationName] as Operation)
    : undefined;
  if (!found) throw fail('USAGE', `there is no operation ${printable(name)}`);
  demandRole(by, found.role, name);
  const checked = found.input.safeParse(input);
  if (!checked.success) {
    const details = z.prettifyError(checked.error);
    throw fail('USAGE', `the input of ${name} is wrong`, undefined, { details });
  }
  return found.run(product, checked.data, by);
}
