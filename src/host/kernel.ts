/** The host that filters: brings the kernel of one network namespace from what it holds to what it should hold. */
import { isDeepStrictEqual } from 'node:util';
import type { Host } from '../app/ports.js';
import { oneAtATime } from '../app/queue.js';
import { applyToView, emptyView, type Meanwhile, type Plan, plan, replacePlan } from '../compiler/plan.js';
import type { KernelView } from '../compiler/ruleset.js';
import type { Changes } from '../compiler/view.js';
import { NwgateError } from '../model/errors.js';
import { demandBridgeNetfilter } from './bridge-netfilter.js';
import { examiner } from './examine.js';
import { featureDemand } from './features.js';
import { feed, restore } from './feed.js';
import { readInterfaces } from './interfaces.js';
import type { Tools } from './tools.js';
import { readView } from './view.js';
import { watchKernel } from './watch.js';

/** Nothing is read or touched before the first call. `meanwhile`: of ports whose rules somebody else has taken away. */
export function kernelHost(tools: Tools, meanwhile?: Meanwhile): Host {
  const exclusively = oneAtATime();
  const examine = examiner(tools);
  const demandFeatures = featureDemand(tools);
  /** What the kernel holds, as far as we know; undefined when it must be looked at. */
  let known: KernelView | undefined;

  async function carryOut({ steps, sweep }: Plan, after: KernelView): Promise<void> {
    known = undefined;
    examine.touched();
    await feed(tools, steps);
    // Chains that are left behind do nothing, and the next plan, made from what is read then, sweeps them.
    const swept = await inTurn(sweep, (batch) => restore(tools, batch));
    if (swept.every(({ failure }) => failure === undefined)) known = after;
  }

  const applyTo = (view: KernelView, changes: Changes) =>
    carryOut(plan(view, changes), applyToView(view, changes));

  return {
    kind: 'kernel',
    reason: undefined,
    apply: (changes) =>
      exclusively(async () => {
        await demandBridgeNetfilter(tools, changes.values());
        await demandFeatures(changes.values());
        const remembered = known;
        try {
          await applyTo(remembered ?? (await readView(tools)), changes);
        } catch (error) {
          if (remembered === undefined || !(error instanceof NwgateError)) throw error;
          // Somebody else may have changed our chains since we looked: then the plan was made for another kernel.
          const found = await readView(tools);
          if (isDeepStrictEqual(found, remembered)) throw error;
          await applyTo(found, changes);
        }
      }),
    replace: (all) =>
      exclusively(async () => {
        await demandBridgeNetfilter(tools, all.values());
        await demandFeatures(all.values());
        await carryOut(replacePlan(await readView(tools), all, meanwhile), applyToView(emptyView, all));
      }),
    compare: (all) => exclusively(() => examine.compare(all)),
    drift: (all) =>
      exclusively(async () => {
        const differences = await examine.drift(all);
        if (differences.length > 0) known = undefined;
        return differences;
      }),
    watch: (events) => watchKernel(tools, events),
    interfaces: () => readInterfaces(tools.run, tools.netns),
  };
}

async function inTurn<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (const item of items) results.push(await work(item));
  return results;
}
