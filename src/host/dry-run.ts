/** The host that touches nothing: it plans as the kernel host does against a kernel that it only imagines. */
import type { Host } from '../app/ports.js';
import { applyToView, emptyView, type Plan, plan, replacePlan } from '../compiler/plan.js';
import type { Batch } from '../compiler/ruleset.js';
import { fail, NwgateError } from '../model/errors.js';
import type { Run } from '../process/run.js';
import { readInterfaces } from './interfaces.js';

export interface DryRun {
  /** Why this host and not the kernel, for people. */
  readonly reason: string;
  /** See Host. */
  readonly fallback?: true;
  readonly netns?: string | undefined;
  readonly run: Run;
  /** Given each batch that would be fed. */
  readonly show?: ((batch: Batch) => void) | undefined;
}

export function dryRunHost({ reason, fallback, netns, run, show }: DryRun): Host {
  let view = emptyView;
  const showAll = ({ steps, sweep }: Plan) => {
    for (const batch of [...steps.map((step) => step.batch), ...sweep]) show?.(batch);
  };
  return {
    kind: 'dry-run',
    reason,
    ...(fallback && { fallback }),
    async apply(changes) {
      showAll(plan(view, changes));
      view = applyToView(view, changes);
    },
    async replace(all) {
      showAll(replacePlan(view, all));
      view = applyToView(emptyView, all);
    },
    /** Nothing here could differ from anything. */
    async compare() {
      throw fail('HOST_LACKS', `there is no kernel to compare: the host is dry-run (${reason})`);
    },
    async drift() {
      return [];
    },
    async watch() {
      return { close: async () => undefined };
    },
    /** Looking is harmless; a host without `ip`, or a namespace that is not there, has no interfaces. */
    async interfaces() {
      try {
        return await readInterfaces(run, netns);
      } catch (error) {
        if (error instanceof NwgateError) return [];
        throw error;
      }
    },
  };
}
