/** Keeps what is listened for, and what is kept of it, in step with the state. */
import { NwgateError } from '../model/errors.js';
import { wantedOf } from './learning.js';
import type { Host, Lease, Leases, Listener } from './ports.js';
import type { Learner, Log, State } from './state.js';

export interface LearnerWorld {
  readonly host: Host;
  readonly log: Log;
  readonly leases?: Leases;
  readonly listener?: Listener;
}

/** `learned` makes the change that new leases of a MAC address mean. */
export function learner(
  { host, log, leases, listener }: LearnerWorld,
  learned: (mac: string, leases: readonly Lease[]) => Promise<void>,
): Learner {
  let written = '';
  let trouble: string | undefined;

  const attend = async (ears: Listener, state: State) => {
    const wanted = wantedOf(state.ports.values());
    ears.attend(wanted, learned);
    trouble = wanted.length === 0 ? undefined : await ears.demand().then(() => undefined, messageOf);
  };

  return {
    get trouble() {
      return trouble;
    },
    async demand() {
      await listener?.demand();
    },
    async follow(state) {
      // A dry run has no rules that could wait for an address.
      if (listener && host.kind === 'kernel') await attend(listener, state);
      const text = JSON.stringify(state.leases);
      if (text === written) return;
      written = text;
      try {
        await leases?.write(state.leases);
      } catch (error) {
        if (!(error instanceof NwgateError)) throw error;
        log.warn({ reason: error.message }, 'addresses learned will be forgotten at the next start');
      }
    },
  };
}

function messageOf(error: unknown): string {
  if (error instanceof NwgateError) return error.message;
  throw error;
}
