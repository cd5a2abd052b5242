/** Whether the kernel is what the store says, and making it so again when somebody else has changed it. */

import { closedPort } from '../compiler/closed.js';
import type { PortRuleset } from '../compiler/ruleset.js';
import { fail, NwgateError } from '../model/errors.js';
import { isClaimName } from '../model/names.js';
import { type Difference, formatDifference } from './difference.js';
import type { Comparison } from './ports.js';
import type { World } from './state.js';

/** The rules of every port that has some: what the kernel should hold, and nothing else of ours. */
export function wantedRules({ ports, brokenBindings }: World['state']): ReadonlyMap<string, PortRuleset> {
  const wanted = new Map([...ports].flatMap(([name, { rules }]) => (rules ? [[name, rules]] : [])));
  for (const name of brokenBindings.keys()) if (!isClaimName(name)) wanted.set(name, closedPort(name));
  return wanted;
}

export interface Verified extends Comparison {
  /** Whether the differences are gone now. */
  readonly repaired: boolean;
}

/** Errors: HOST_LACKS, NOT_APPLIED, DIFFERS. `repair` writes everything anew and looks once more. */
export async function verify(world: World, repair: boolean): Promise<Verified> {
  const wanted = wantedRules(world.state);
  const before = await world.host.compare(wanted);
  if (!repair || before.differences.length === 0) return { ...before, repaired: false };
  await world.host.replace(wanted);
  const { differences } = await world.host.compare(wanted);
  if (differences.length > 0) {
    const details = differences.map(formatDifference).join('\n');
    throw fail('DIFFERS', 'the host differs still, though all rules were written anew', undefined, {
      details,
    });
  }
  world.trouble = undefined;
  return { ...before, repaired: true };
}

/** The host was found different from what is stored, by nobody's command. */
export interface HostDiffers {
  readonly differences: readonly Difference[];
  /** Why it is still so; undefined when it has been put right. */
  readonly failure: string | undefined;
}

export type OnHostDiffers = (event: HostDiffers) => void;

/**
 * Looks, and repairs at once. Answers what was found, undefined when nothing was. Never fails: what cannot be put right stays
 * in `world.trouble`, and is tried again when it is called again.
 */
export async function reconcile(world: World): Promise<HostDiffers | undefined> {
  const { host, log } = world;
  const wanted = wantedRules(world.state);
  let differences: readonly Difference[] = [];
  try {
    differences = await host.drift(wanted);
    if (differences.length === 0) {
      world.trouble = undefined;
      return undefined;
    }
    await host.replace(wanted);
    world.trouble = undefined;
  } catch (error) {
    if (!(error instanceof NwgateError)) throw error;
    const failure = error.faults.map(({ message }) => message).join('; ');
    if (failure === world.trouble) return undefined;
    world.trouble = failure;
    log.warn(
      { reason: failure, differences: differences.map(formatDifference) },
      'the host cannot be put right',
    );
    return { differences, failure };
  }
  log.warn({ differences: differences.map(formatDifference) }, 'the host differed and was put right');
  return { differences, failure: undefined };
}
