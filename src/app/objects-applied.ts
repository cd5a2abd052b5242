/** Writing NWG_AppliedFilterList: a filter on a port is a binding. */
import { type Instance, isObjectPath, type ObjectPath } from '../cim/instance.js';
import { keyValue, pathOfInstance } from '../cim/path.js';
import { classRow, DEFAULT_NAMESPACE, isA } from '../cim/schema.js';
import { appliedFilterList } from '../cim/views.js';
import type { Caller } from '../model/caller.js';
import { fail } from '../model/errors.js';
import { demand } from './access.js';
import { refuseOthers, refuseStale, replacement } from './objects-check.js';
import { parameterPairs } from './objects-parameters.js';
import type { ObjectWorld } from './objects-world.js';

const WRITABLE = ['ParameterNames', 'ParameterValues'];

/** Puts a filter on a port that has none. Errors: ACCESS_DENIED, CIM_PROPERTY, and those of `bind`. */
export async function createApplied(world: ObjectWorld, wanted: Instance, by: Caller): Promise<ObjectPath> {
  demand(by, 'bind');
  refuseOthers(classRow('NWG_AppliedFilterList'), wanted, WRITABLE);
  const binding = {
    port: keyOf(wanted, 'Dependent', 'CIM_NetworkPort', 'DeviceID'),
    filter: keyOf(wanted, 'Antecedent', 'CIM_FilterList', 'Name'),
    mac: undefined,
    owner: undefined,
    parameters: parameterPairs(wanted.properties, 'CIM_PROPERTY'),
  };
  await world.gateway.bind(binding, {}, by);
  return pathOfInstance(DEFAULT_NAMESPACE, appliedFilterList(world.options.systemName, binding));
}

/** Gives a bound port other parameters. Errors: ACCESS_DENIED, READ_ONLY, CIM_PROPERTY, and those of `bind`. */
export async function modifyApplied(
  world: ObjectWorld,
  existing: Instance,
  wanted: Instance,
  by: Caller,
): Promise<void> {
  demand(by, 'bind');
  const { properties } = replacement(existing, wanted, WRITABLE);
  const port = keyOf(existing, 'Dependent', 'CIM_NetworkPort', 'DeviceID');
  const bound = world.gateway.bindings().find((binding) => binding.port === port);
  if (!bound) throw fail('BINDING_NOT_FOUND', `nothing is bound to port ${port}`);
  refuseStale(wanted, appliedFilterList(world.options.systemName, bound));
  const { filter, mac, owner } = bound;
  const parameters = parameterPairs(properties, 'CIM_PROPERTY');
  await world.gateway.bind({ port, filter, mac, owner, parameters }, { replace: true }, by);
}

/** Errors: ACCESS_DENIED and those of `unbind`. */
export async function removeApplied(world: ObjectWorld, existing: Instance, by: Caller): Promise<void> {
  await world.gateway.unbind(keyOf(existing, 'Dependent', 'CIM_NetworkPort', 'DeviceID'), by);
}

function keyOf(association: Instance, role: string, target: string, key: string): string {
  const path = association.properties.get(role);
  const value = isObjectPath(path) && isA(path.className, target) ? keyValue(path, key) : undefined;
  if (typeof value !== 'string')
    throw fail('CIM_PROPERTY', `${role} must be the path of a ${target}`, { attribute: role });
  return value;
}
