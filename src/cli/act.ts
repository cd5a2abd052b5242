/** One operation: through the gateway that runs on the state directory, or alone under its lock. */

import { userInfo } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { OperationName } from '../app/operations.js';
import type { Caller } from '../model/caller.js';
import { NwgateError } from '../model/errors.js';
import { type Lock, lockState } from '../store/lock.js';
import { findGateway } from './control.js';
import { openProduct, type ProductOptions } from './product.js';

export type Act = (name: OperationName, input: unknown) => Promise<unknown>;

/** How long another command, or a gateway that is just starting, may hold the lock before we give up; milliseconds. */
const PATIENCE = 5_000;
const PAUSE = 50;

export function actor(options: Omit<ProductOptions, 'resync'>): Act {
  return async (name, input) => {
    const way = await gatewayOrLock(options.state);
    if (typeof way === 'function') return way(name, input);
    try {
      // A running gateway has them loaded already: only who acts alone needs them here.
      const { OPERATIONS, runOperation } = await import('../app/operations.js');
      const resync = OPERATIONS[name].role !== 'reader';
      const product = await openProduct({ ...options, resync });
      try {
        return await runOperation(product, name, input, atShell());
      } finally {
        await product.close();
      }
    } finally {
      await way.release();
    }
  };
}

async function gatewayOrLock(
  state: string,
): Promise<Lock | ((name: string, input: unknown) => Promise<unknown>)> {
  for (let waited = 0; ; waited += PAUSE) {
    const gateway = await findGateway(state);
    if (gateway) return gateway;
    try {
      return await lockState(state);
    } catch (error) {
      const busy = error instanceof NwgateError && error.code === 'BUSY';
      if (!busy || waited >= PATIENCE) throw error;
    }
    await sleep(PAUSE);
  }
}

/** Who may write the state directory may do everything. */
function atShell(): Caller {
  return { name: userName(), role: 'admin', from: 'shell' };
}

/** A container's user may have no name. */
export function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}
