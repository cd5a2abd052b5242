/** The CIM object manager as its protocols see it: WS-Management today, any other beside it tomorrow. */
import type { CimValue, Instance, ObjectPath } from '../cim/instance.js';
import type { SubscriptionView } from '../cim/subscription-views.js';
import type { Caller } from '../model/caller.js';

/** Narrows a walk along associations. Every class includes its subclasses; names are compared without case. */
export interface AssociationQuery {
  readonly associationClass?: string | undefined;
  /** Role of the object started from. */
  readonly role?: string | undefined;
  /** Class and role of the objects at the other end. */
  readonly resultClass?: string | undefined;
  readonly resultRole?: string | undefined;
}

/** An instance with the path that names it: what is associated may be in another namespace. */
export interface Found {
  readonly path: ObjectPath;
  readonly instance: Instance;
}

/** Called with each indication, in the default namespace. It happens now; whoever sends it says so in it. */
export type OnIndication = (indication: Instance) => void;

/** Those behind a listener, whoever it passes the indications on to: they are shown as instances. */
export interface Subscribers {
  subscriptions(): readonly SubscriptionView[];
  /** Ends one of them. Errors: ACCESS_DENIED for one of another user, unless by an admin. */
  end(id: string, by: Caller): void;
}

export interface Objects {
  /**
   * One instance by path; a superclass with all keys finds the subclass instance. Errors: CLASS_NOT_FOUND, CIM_SELECTORS,
   * INSTANCE_NOT_FOUND.
   */
  get(path: ObjectPath): Promise<Instance>;
  /** All instances of a class and its subclasses, each in its own class. Errors: CLASS_NOT_FOUND. */
  enumerate(namespace: string, className: string): AsyncIterable<Instance>;
  /**
   * The objects at the other ends of an object's associations. What is read is proportional to what is found: one filter's
   * members touch one filter. Errors: as `get` for the object, CIM_QUERY for a class there is not.
   */
  associators(path: ObjectPath, query: AssociationQuery): AsyncIterable<Found>;
  /** The associations an object is an end of. Errors: as `associators`. */
  references(
    path: ObjectPath,
    query: Pick<AssociationQuery, 'associationClass' | 'role'>,
  ): AsyncIterable<Found>;
  /** The path that names an instance, with all keys. */
  pathOf(namespace: string, instance: Instance): ObjectPath;
  /** Replaces what may be written by `instance`; answers the instance as it is now. Errors also: READ_ONLY, WIDENING, STALE, CIM_PROPERTY. */
  modify(path: ObjectPath, instance: Instance, by: Caller): Promise<Instance>;
  /** Errors also: EXISTS, CIM_PROPERTY. */
  create(namespace: string, instance: Instance, by: Caller): Promise<ObjectPath>;
  remove(path: ObjectPath, by: Caller): Promise<void>;
  /** Calls an extrinsic method; the answer holds ReturnValue and the out parameters. Errors also: METHOD_NOT_FOUND, CIM_PARAMETER. */
  invoke(
    path: ObjectPath,
    method: string,
    parameters: ReadonlyMap<string, CimValue>,
    by: Caller,
  ): Promise<ReadonlyMap<string, CimValue>>;
  /**
   * Tells of every change from now on, in order: what is changed over WS-Management and in any other way. Answers how to end
   * it. A listener must not throw.
   */
  watch(listener: OnIndication, subscribers?: Subscribers): () => void;
}
