/** The CIM object manager as its protocols see it: WS-Management today, any other beside it tomorrow. */
import type { CimValue, Instance, ObjectPath } from '../cim/instance.js';
import type { Caller } from '../model/caller.js';

export interface Objects {
  /**
   * One instance by path; a superclass with all keys finds the subclass instance. Errors: CLASS_NOT_FOUND, CIM_SELECTORS,
   * INSTANCE_NOT_FOUND.
   */
  get(path: ObjectPath): Promise<Instance>;
  /** All instances of a class and its subclasses, each in its own class. Errors: CLASS_NOT_FOUND. */
  enumerate(namespace: string, className: string): AsyncIterable<Instance>;
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
}
