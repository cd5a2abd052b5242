/** The two that are compared, each as something that filters a port of a lab. */
import { compile } from '../../src/compiler/compile.js';
import type { PortRuleset } from '../../src/compiler/ruleset.js';
import { NwgateError } from '../../src/model/errors.js';
import { hostIn } from '../support/netfilter.js';
import { type Construct, lookupFor, scenariosOf } from './construct.js';
import { GUEST } from './facts.js';
import type { Scenario } from './scenario.js';
import { type Outcome, vectorOf } from './vector.js';
import { openWorld, PORT, type World } from './world.js';

export interface Side {
  readonly world: World;
  /** What becomes of the construct's frames, or why its filter is refused. */
  outcome(subject: Construct): Promise<Outcome>;
  close(): Promise<void>;
}

/** Puts a filter on the port; undefined, or why it cannot. What is put on `remove` takes off. */
export interface Filtering {
  put(subject: Construct): Promise<string | undefined>;
  remove(subject: Construct): Promise<void>;
  close(): Promise<void>;
}

export async function openSide(start: (world: World) => Promise<Filtering>): Promise<Side> {
  const world = await openWorld();
  try {
    const filtering = await start(world);
    return {
      world,
      async outcome(subject) {
        await makeSets(world, subject);
        try {
          const refused = await filtering.put(subject);
          if (refused !== undefined) return { refused };
          const scenarios: readonly Scenario[] = scenariosOf(subject);
          return { vector: vectorOf(scenarios, await world.measure(scenarios)) };
        } finally {
          await filtering.remove(subject);
          await removeSets(world, subject);
        }
      },
      async close() {
        await filtering.close();
        await world.dispose();
      },
    };
  } catch (error) {
    await world.dispose();
    throw error;
  }
}

/** nwgate's own compiler and applier. */
export async function nwgate({ lab }: World): Promise<Filtering> {
  const { host } = await hostIn(lab.host);
  return {
    async put(subject) {
      try {
        const ruleset = rulesetOf(subject);
        await host.apply(new Map([[PORT, ruleset]]));
        return undefined;
      } catch (error) {
        if (!(error instanceof NwgateError)) throw error;
        return `${error.code}: ${error.message}`;
      }
    },
    remove: () => host.apply(new Map([[PORT, undefined]])),
    close: async () => {},
  };
}

/** Errors: those of the reader and of the compiler. */
export function rulesetOf(subject: Construct): PortRuleset {
  const { parameters } = subject;
  return compile(subject.filter, lookupFor(subject), { port: PORT, mac: GUEST.mac, parameters });
}

/** No filter at all, for comparison: then every frame must arrive. */
export const unfiltered = async (): Promise<Filtering> => ({
  put: async () => undefined,
  remove: async () => {},
  close: async () => {},
});

async function makeSets({ lab }: World, { sets }: Construct): Promise<void> {
  for (const [name, members] of Object.entries(sets)) {
    const lines = [`create ${name} hash:ip`, ...members.map((member) => `add ${name} ${member}`), ''];
    const { failure, stderr } = await lab.host.exec('ipset', ['restore'], { input: lines.join('\n') });
    if (failure !== undefined) throw new Error(`ipset: ${stderr}`);
  }
}

async function removeSets({ lab }: World, { sets }: Construct): Promise<void> {
  for (const name of Object.keys(sets)) await lab.host.exec('ipset', ['destroy', name]);
}
