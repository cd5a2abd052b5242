/** Who is told of what, as instances: there is a filter for each kind of event, and three for each subscription while it lives. */
import type { Instance } from '../cim/instance.js';
import {
  indicationFilter,
  indicationSubscription,
  listenerDestination,
  PREDEFINED,
  type SubscriptionView,
} from '../cim/subscription-views.js';
import type { Caller } from '../model/caller.js';
import { fail } from '../model/errors.js';
import type { Extent, ObjectWorld } from './objects-world.js';

export const indicationFilters: Extent = async function* (world) {
  const { systemName } = world.options;
  for (const filter of PREDEFINED) yield indicationFilter(systemName, filter);
  for (const { id, filter } of live(world))
    if (filter.name === undefined) yield indicationFilter(systemName, filter, id);
};

export const destinations: Extent = perSubscription(listenerDestination);

export const subscriptions: Extent = perSubscription(indicationSubscription);

/** Ends the subscription; what was made for it goes with it (DSP0227 R10.6-4). Errors: ACCESS_DENIED, INSTANCE_NOT_FOUND. */
export async function removeSubscription(world: ObjectWorld, existing: Instance, by: Caller): Promise<void> {
  const id = existing.properties.get('SubscriptionInfo');
  for (const subscribers of world.subscribers) {
    const found = subscribers.subscriptions().find((each) => each.id === id);
    if (found) return subscribers.end(found.id, by);
  }
  throw fail('INSTANCE_NOT_FOUND', 'the subscription has ended meanwhile');
}

function perSubscription(make: (systemName: string, view: SubscriptionView) => Instance): Extent {
  return async function* (world) {
    for (const view of live(world)) yield make(world.options.systemName, view);
  };
}

function live({ subscribers }: ObjectWorld): readonly SubscriptionView[] {
  return [...subscribers].flatMap((each) => each.subscriptions());
}
