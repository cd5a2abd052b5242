/**
 * Subscriptions as instances of root/interop: the filter, the destination, and the association of both. Source: CIM schema
 * 2.42, Event; DSP0227 §10.6.
 */
import type { Instance, ObjectPath } from './instance.js';
import { ANONYMOUS, pathOfInstance } from './path.js';
import { DEFAULT_NAMESPACE, INTEROP_NAMESPACE } from './schema.js';
import { hostKeys, instance } from './views.js';

/** The QueryLanguage of a filter; both are read as the same language. */
export type QueryLanguage = 'WQL' | 'DMTF:CQL';

export interface FilterView {
  /** Undefined: it is the subscription's own, comes and goes with it, and is named like it. */
  readonly name: string | undefined;
  readonly query: string;
  readonly language: QueryLanguage;
  /** CIM namespace whose indications are meant. */
  readonly source: string;
}

const DELIVERY_MODES = { push: 2, pushWithAck: 3, events: 4, pull: 5 } as const;

/** A subscription as whoever delivers its indications knows it. Times are in milliseconds. */
export interface SubscriptionView {
  readonly id: string;
  readonly owner: string;
  readonly filter: FilterView;
  readonly mode: keyof typeof DELIVERY_MODES;
  /** Address of NotifyTo; undefined for Pull. */
  readonly destination: string | undefined;
  readonly endTo: string | undefined;
  readonly encoding: string;
  readonly heartbeat: number | undefined;
  readonly maxTime: number | undefined;
  /** An xs:dateTime. */
  readonly started: string;
  /** Granted, and what is left of it. */
  readonly duration: number;
  readonly remaining: number;
}

const PREFIX = 'nwgate:';

/** Filters that are always there: one for each class of indication that is sent. */
export const PREDEFINED: readonly FilterView[] = [
  'CIM_InstCreation',
  'CIM_InstModification',
  'CIM_InstDeletion',
  'NWG_HostAlert',
].map((className) => ({
  name: PREFIX + className,
  query: `SELECT * FROM ${className}`,
  language: 'DMTF:CQL',
  source: DEFAULT_NAMESPACE,
}));

const WS_MANAGEMENT = 4;
const TRANSIENT = 3;
const INCLUDE_SUBCLASSES = 2;
const ENABLED = 2;
const REMOVE = 4;

/** `name`: of the subscription it belongs to, where it has no name of its own. */
export function indicationFilter(systemName: string, filter: FilterView, name = ''): Instance {
  return instance('CIM_IndicationFilter', {
    ...hostKeys(systemName, 'CIM_IndicationFilter'),
    Name: filter.name ?? name,
    ElementName: filter.name,
    IndividualSubscriptionSupported: true,
    Query: filter.query,
    QueryLanguage: filter.language,
    SourceNamespaces: [filter.source],
  });
}

export function listenerDestination(systemName: string, view: SubscriptionView): Instance {
  return instance('CIM_ListenerDestinationWSManagement', {
    ...hostKeys(systemName, 'CIM_ListenerDestinationWSManagement'),
    Name: view.id,
    ElementName: view.owner,
    PersistenceType: TRANSIENT,
    Protocol: WS_MANAGEMENT,
    Destination: view.destination ?? ANONYMOUS,
    DestinationEndTo: view.endTo,
    ContentEncoding: view.encoding,
    DeliveryMode: DELIVERY_MODES[view.mode],
    Heartbeat: seconds(view.heartbeat),
    MaxTime: seconds(view.maxTime),
    SendBookmark: false,
    PolyMorphismMode: INCLUDE_SUBCLASSES,
  });
}

export function indicationSubscription(systemName: string, view: SubscriptionView): Instance {
  const path = (of: Instance): ObjectPath => pathOfInstance(INTEROP_NAMESPACE, of);
  return instance('CIM_IndicationSubscription', {
    Filter: path(indicationFilter(systemName, view.filter, view.id)),
    Handler: path(listenerDestination(systemName, view)),
    OnFatalErrorPolicy: REMOVE,
    SubscriptionState: ENABLED,
    SubscriptionDuration: seconds(view.duration),
    SubscriptionStartTime: view.started,
    SubscriptionTimeRemaining: seconds(view.remaining),
    SubscriptionInfo: view.id,
  });
}

function seconds(milliseconds: number | undefined): bigint | undefined {
  return milliseconds === undefined ? undefined : BigInt(Math.max(0, Math.ceil(milliseconds / 1000)));
}
