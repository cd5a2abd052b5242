/** Writing NWG_AppliedFilterList: a filter on a port is a binding. */
import { type Instance, isObjectPath, type ObjectPath } from '../cim/instance.js';
import { keyValue, pathOfInstance } from '../cim/path.js';
import { classRow, DEFAULT_NAMESPACE, isA } from '../cim/schema.js';
import { appliedFilterList } from '../cim/views.js';
import type { Caller } from '../model/caller.js';
import { fail } from '../model/errors.js';
import { demand } from './access.js';
import type { BindingStatus } from './api.js';
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

/** Gives a bound port other parameters. Errors: ACCESS_DENIED, READ_ONLY, CIM_PROPERTY, STALE, and those of `bind`. */
export async function modifyApplied(
  world: ObjectWorld,
  existing: Instance,
  wanted: Instance,
  by: Caller,
): Promise<void> {
  demand(by, 'bind');
  const { properties } = replacement(existing, wanted, WRITABLE);
  refuseStale(wanted, existing);
  const { port, filter, mac, owner, revision } = boundAs(world, existing);
  const parameters = parameterPairs(properties, 'CIM_PROPERTY');
  const options = { replace: true, expected: revision };
  await world.gateway.bind({ port, filter, mac, owner, parameters }, options, by);
}

/** Errors: ACCESS_DENIED, STALE and those of `unbind`. */
export async function removeApplied(world: ObjectWorld, existing: Instance, by: Caller): Promise<void> {
  const { port, revision } = boundAs(world, existing);
  await world.gateway.unbind(port, by, revision);
}

/** The binding that an association stands for, if it does still. Errors: BINDING_NOT_FOUND, STALE. */
function boundAs(world: ObjectWorld, association: Instance): BindingStatus {
  const port = keyOf(association, 'Dependent', 'CIM_NetworkPort', 'DeviceID');
  const bound = world.gateway.bindings().find((binding) => binding.port === port);
  if (!bound) throw fail('BINDING_NOT_FOUND', `nothing is bound to port ${port}`);
  refuseStale(association, appliedFilterList(world.options.systemName, bound));
  return bound;
}

function keyOf(association: Instance, role: string, target: string, key: string): string {
  const path = association.properties.get(role);
  const value = isObjectPath(path) && isA(path.className, target) ? keyValue(path, key) : undefined;
  if (typeof value !== 'string')
    throw fail('CIM_PROPERTY', `${role} must be the path of a ${target}`, { attribute: role });
  return value;
}
