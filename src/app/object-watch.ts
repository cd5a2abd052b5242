/** Tells of changes as indications, in the order of the changes, while somebody listens. */
import { hostAlert, lifecycleIndication } from '../cim/indications.js';
import { type Changed, joined } from './changes.js';
import { formatDifference } from './difference.js';
import { objectChanges } from './object-changes.js';
import type { Objects, OnIndication } from './objects.js';
import type { ObjectWorld } from './objects-world.js';
import type { HostDiffers } from './reconcile.js';

/** Changes that wait for the stylesheets each by itself; what comes on top is joined to the last, so nothing grows. */
const MOST_WAITING = 256;

/**
 * `failed` is told what kept a change from becoming indications; the listeners get none for it then.
 */
export function watchObjects(world: ObjectWorld, failed: (error: unknown) => void): Objects['watch'] {
  const { gateway, options, subscribers } = world;
  const listeners = new Set<OnIndication>();
  const waiting: Changed[] = [];
  let busy = false;
  let stop: (() => void) | undefined;
  let hostIsWatched = false;

  const tell: OnIndication = (indication) => {
    for (const listener of [...listeners]) listener(indication);
  };
  const drain = async () => {
    busy = true;
    for (let change = waiting.shift(); change; change = waiting.shift()) {
      try {
        for (const each of await objectChanges(world, change))
          tell(lifecycleIndication(each, options.systemName));
      } catch (error) {
        failed(error);
      }
    }
    busy = false;
  };
  const onChange = (change: Changed) => {
    const last = waiting.length >= MOST_WAITING ? waiting.pop() : undefined;
    waiting.push(last ? joined(last, change) : change);
    if (!busy) void drain();
  };
  const onHostDiffers = ({ differences, failure }: HostDiffers) =>
    tell(hostAlert(differences.map(formatDifference), failure, options.systemName));

  return (listener, behind) => {
    listeners.add(listener);
    if (behind) subscribers.add(behind);
    stop ??= gateway.onChange(onChange);
    if (!hostIsWatched) gateway.onHostDiffers(onHostDiffers);
    hostIsWatched = true;
    return () => {
      listeners.delete(listener);
      if (behind) subscribers.delete(behind);
      if (listeners.size > 0) return;
      stop?.();
      stop = undefined;
      waiting.length = 0;
    };
  };
}
