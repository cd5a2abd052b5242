/** Putting a filter on a port and taking it off, and what is said about bound ports. */
import type { Binding } from '../model/binding.js';
import { fail, NwgateError } from '../model/errors.js';
import { isClaimName } from '../model/names.js';
import type { BindingStatus, BindOptions } from './api.js';
import { canonicalName, checkBinding } from './check-binding.js';
import { claimedMac, UNSTORED, withClaims } from './claims.js';
import { describeWaiting, learnedOf } from './learning.js';
import type { NetworkInterface } from './ports.js';
import { close } from './resync.js';
import { boundPort, type Port, storedFilter, type World } from './state.js';
import { commit } from './transaction.js';

/** Errors: NAME, VALUE, EXISTS, STALE, FILTER_NOT_FOUND and those of `commit`. */
export async function bind(
  world: World,
  wanted: Binding,
  { replace = false, expected }: BindOptions,
): Promise<string> {
  const binding = checkBinding(wanted);
  const { port } = binding;
  refuseStale(world, port, expected);
  if (world.state.ports.has(port) && !replace) {
    const { filter, claim } = boundPort(world.state, port).stored.value;
    const by = claim === undefined ? '' : ` by ${claim}`;
    throw fail('EXISTS', `port ${port} is bound to the filter ${filter} already${by}`);
  }
  storedFilter(world.state, binding.filter);
  await lookAround(world);
  await commit(world, { bindings: withClaims(world.state, world.interfaces, new Map([[port, binding]])) });
  return port;
}

/** Errors: BINDING_NOT_FOUND, STALE, IN_USE (the port of a claim) and those of `commit`. */
export async function unbind(world: World, name: string, expected?: number): Promise<void> {
  const port = canonicalName(name);
  const claim = world.state.brokenBindings.has(port)
    ? undefined
    : boundPort(world.state, port).stored.value.claim;
  if (claim !== undefined) throw fail('IN_USE', `port ${port} is bound by ${claim}: unbind that`);
  refuseStale(world, port, expected);
  await lookAround(world);
  await commit(world, { bindings: withClaims(world.state, world.interfaces, new Map([[port, undefined]])) });
}

/** Binds what the claims mean for the interfaces that are there now, one by one: a port that fails is closed and stops no other. */
export async function settle(world: World): Promise<void> {
  await lookAround(world);
  for (const [port, binding] of withClaims(world.state, world.interfaces, new Map())) {
    const fields = { port, claim: binding?.claim };
    try {
      await commit(world, { bindings: new Map([[port, binding]]), closes: true });
      world.log.info(fields, binding ? 'a port was bound by a claim' : 'a port has left its claim');
    } catch (error) {
      if (!(error instanceof NwgateError)) throw error;
      const before = world.state.ports.get(port);
      if (binding === undefined || before?.failure === error.message) continue;
      world.log.warn({ ...fields, reason: error.message }, 'a port cannot be bound by its claim');
      const stored = before?.stored ?? { value: binding, revision: UNSTORED };
      const failed = { stored, rules: undefined, failure: error.message, learning: undefined };
      const ports = new Map(world.state.ports).set(port, await close(world.host, port, failed));
      world.state = { ...world.state, ports };
    }
  }
}

function refuseStale({ state }: World, port: string, expected: number | undefined): void {
  if (expected !== undefined && state.ports.get(port)?.stored.revision !== expected)
    throw fail('STALE', `the binding of port ${port} was changed by somebody else`);
}

export function statusOf(world: World, port: Port): BindingStatus {
  const { value, revision } = port.stored;
  const taken = portsOf(world, value.port).map(({ stored }) => stored.value.port);
  return {
    ...value,
    revision,
    ...condition(world, port),
    ports: isClaimName(value.port) ? taken.sort() : [value.port],
    learned: learnedOf(port),
  };
}

/** Every bound port, by name. */
export function allStatus(world: World): readonly BindingStatus[] {
  const all = [...world.state.ports.values()].map((port) => statusOf(world, port));
  return all.sort((a, b) => (a.port < b.port ? -1 : 1));
}

function condition(world: World, port: Port): Pick<BindingStatus, 'state' | 'reason'> {
  if (port.failure !== undefined) return { state: 'failed', reason: port.failure };
  if (isClaimName(port.stored.value.port)) return conditionOfClaim(world, port.stored.value.port);
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

/** A claim is what its ports are: failed where one is, pending as long as there is none. */
function conditionOfClaim(world: World, claim: string): ReturnType<typeof condition> {
  const all = portsOf(world, claim).map((port) => ({
    port: port.stored.value.port,
    ...condition(world, port),
  }));
  const worst = (['failed', 'pending'] as const).flatMap((state) =>
    all.filter((each) => each.state === state),
  )[0];
  if (worst) return { state: worst.state, reason: `${worst.port}: ${worst.reason}` };
  const reason = claimedMac(claim)
    ? 'there is no interface of a guest with this MAC address'
    : 'no interface of this machine is known';
  return all.length > 0 ? { state: 'applied', reason: undefined } : { state: 'pending', reason };
}

function portsOf({ state }: World, claim: string): readonly Port[] {
  return [...state.ports.values()].filter(({ stored }) => stored.value.claim === claim);
}

/** Asks the host which interfaces it has, and tells of bound ports that have come or gone. */
export async function lookAround(world: World): Promise<readonly NetworkInterface[]> {
  const found = await world.host.interfaces();
  const [before, now] = [world.interfaces, new Map(found.map((each) => [each.name, each]))];
  world.interfaces = now;
  for (const port of world.state.ports.keys()) {
    if (before.has(port) === now.has(port)) continue;
    world.log.info({ port }, now.has(port) ? 'a bound port has come' : 'a bound port has gone');
  }
  return found;
}
