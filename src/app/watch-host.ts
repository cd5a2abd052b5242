/** Answers the host's events: one look at a time, none queued twice. */
import { settle } from './bind.js';
import type { Watch } from './ports.js';
import type { Exclusively } from './queue.js';
import { type OnHostDiffers, reconcile } from './reconcile.js';
import type { World } from './state.js';

/** `exclusively` is the queue of changes: between two of them the kernel is what the state says. */
export function watchHost(world: World, exclusively: Exclusively, tell: OnHostDiffers): Promise<Watch> {
  const { host, log } = world;
  const rules = once(async () => {
    const event = await exclusively(() => reconcile(world));
    if (event) tell(event);
  });
  const interfaces = once(async () => {
    await exclusively(() => settle(world));
  });
  const report = (error: unknown) => log.warn({ reason: String(error) }, 'looking at the host failed');
  return host.watch({
    rules: () => void rules().catch(report),
    interfaces: () => void interfaces().catch(report),
  });
}

/** A call that comes while one is under way has it done once more, however many come. */
function once(work: () => Promise<void>): () => Promise<void> {
  let [running, again] = [false, false];
  return async () => {
    again = true;
    if (running) return;
    running = true;
    try {
      while (again) {
        again = false;
        await work();
      }
    } finally {
      running = false;
    }
  };
}
