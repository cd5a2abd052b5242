/** Putting a filter on a port and taking it off, and what is said about bound ports. */
import type { Binding } from '../model/binding.js';
import { fail } from '../model/errors.js';
import type { BindingStatus } from './api.js';
import { checkBinding } from './check-binding.js';
import { describeWaiting } from './learning.js';
import type { NetworkInterface } from './ports.js';
import { boundPort, type Port, storedFilter, type World } from './state.js';
import { commit } from './transaction.js';

/** Errors: NAME, VALUE, EXISTS, FILTER_NOT_FOUND and those of `commit`. */
export async function bind(world: World, wanted: Binding, replace: boolean): Promise<void> {
  const binding = checkBinding(wanted);
  const { port } = binding;
  if (world.state.ports.has(port) && !replace) {
    const { filter } = boundPort(world.state, port).stored.value;
    throw fail('EXISTS', `port ${port} is bound to the filter ${filter} already`);
  }
  storedFilter(world.state, binding.filter);
  await commit(world, { bindings: new Map([[port, binding]]) });
}

/** Errors: BINDING_NOT_FOUND and those of `commit`. */
export async function unbind(world: World, port: string): Promise<void> {
  if (!world.state.brokenBindings.has(port)) boundPort(world.state, port);
  await commit(world, { bindings: new Map([[port, undefined]]) });
}

export function statusOf(world: World, port: Port): BindingStatus {
  return { ...port.stored.value, revision: port.stored.revision, ...condition(world, port) };
}

/** Every bound port, by name. */
export function allStatus(world: World): readonly BindingStatus[] {
  const all = [...world.state.ports.values()].map((port) => statusOf(world, port));
  return all.sort((a, b) => (a.port < b.port ? -1 : 1));
}

function condition(world: World, port: Port): Pick<BindingStatus, 'state' | 'reason'> {
  if (port.failure !== undefined) return { state: 'failed', reason: port.failure };
  if (world.host.kind === 'dry-run') {
    return { state: 'pending', reason: world.host.reason ?? 'the host is dry-run' };
  }
  if (world.trouble !== undefined) return { state: 'failed', reason: world.trouble };
  if (!world.interfaces.has(port.stored.value.port)) {
    return { state: 'pending', reason: 'the interface does not exist yet; its rules are in place' };
  }
  const missing = port.learning?.missing ?? [];
  if (missing.length > 0)
    return { state: 'pending', reason: describeWaiting(missing, world.learning.trouble) };
  return { state: 'applied', reason: undefined };
}

/** Asks the host which interfaces it has, and tells of bound ports that have come or gone. */
export async function lookAround(world: World): Promise<readonly NetworkInterface[]> {
  const found = await world.host.interfaces();
  const [before, now] = [world.interfaces, new Set(found.map(({ name }) => name))];
  world.interfaces = now;
  for (const port of world.state.ports.keys()) {
    if (before.has(port) === now.has(port)) continue;
    world.log.info({ port }, now.has(port) ? 'a bound port has come' : 'a bound port has gone');
  }
  return found;
}
