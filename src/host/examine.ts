/** Finds out how the kernel differs from what it should hold. */
import { isDeepStrictEqual } from 'node:util';
import type { Difference } from '../app/difference.js';
import type { Comparison } from '../app/ports.js';
import { type PortRuleset, TOOLS } from '../compiler/ruleset.js';
import { applyToView, eachTool, emptyView } from '../compiler/view.js';
import { NwgateError } from '../model/errors.js';
import { IP_TOOLS, readSwitches, SWITCHES } from './bridge-netfilter.js';
import { compareTool, countedPart } from './compare.js';
import { expectedParts, type Parts, partsOf } from './expected.js';
import type { Tools } from './tools.js';
import { readAllTables, type Tables, viewOf } from './view.js';

type All = ReadonlyMap<string, PortRuleset>;

export interface Examiner {
  /** See Host.compare. */
  compare(all: All): Promise<Comparison>;
  /** See Host.drift. */
  drift(all: All): Promise<readonly Difference[]>;
  /** To be called whenever we have changed the kernel, or tried. */
  touched(): void;
}

export function examiner(tools: Tools): Examiner {
  /** What the tools printed when all was right. */
  let good: Parts | undefined;
  /** We have changed something since. */
  let stale = true;

  const accept = (parts: Parts) => {
    good = parts;
    stale = false;
  };
  const compareTo = async (tables: Tables, all: All): Promise<Comparison> => {
    const found = partsOf(tables);
    const switches = await switchDifferences(tools, all);
    try {
      const differences = compareParts(await expectedParts(tools, all), found, all);
      if (differences.length === 0) accept(found);
      return { differences: [...switches, ...differences], by: 'rules' };
    } catch (error) {
      if (!(error instanceof NwgateError)) throw error;
      // No namespaces here, or rules that are only taken in the real one.
      return { differences: [...switches, ...compareCounts(found, all)], by: 'counts' };
    }
  };

  return {
    touched() {
      stale = true;
    },
    compare: async (all) => compareTo(await readAllTables(tools), all),
    async drift(all) {
      const tables = await readAllTables(tools);
      const found = partsOf(tables);
      if (good !== undefined && !stale) {
        return [...(await switchDifferences(tools, all)), ...compareParts(good, found, all)];
      }
      if (!agrees(tables, found, all, good)) return (await compareTo(tables, all)).differences;
      accept(found);
      return switchDifferences(tools, all);
    },
  };
}

function compareParts(expected: Parts, found: Parts, all: All): readonly Difference[] {
  return TOOLS.flatMap((tool) => compareTool(tool, expected[tool], found[tool], all));
}

function compareCounts(found: Parts, all: All): readonly Difference[] {
  return TOOLS.flatMap((tool) => compareTool(tool, countedPart(tool, all), found[tool], all, 'counts'));
}

/** After a change of ours: names, numbers and the ways to the ports are right, and chains known from before are as before. */
function agrees(tables: Tables, found: Parts, all: All, before: Parts | undefined): boolean {
  const wanted = applyToView(emptyView, all);
  const seen = eachTool((tool) => viewOf(tool, tables[tool]));
  if (!isDeepStrictEqual(seen, wanted) || compareCounts(found, all).length > 0) return false;
  return TOOLS.every((tool) =>
    [...found[tool].chains].every(([name, { lines }]) => {
      const known = name.startsWith('nwg-') ? before?.[tool].chains.get(name) : undefined;
      return known === undefined || isDeepStrictEqual(known.lines, lines);
    }),
  );
}

/** IP rules on a bridge are passed by while these switches are off. */
async function switchDifferences(tools: Tools, all: All): Promise<readonly Difference[]> {
  const portsOf = (tool: (typeof IP_TOOLS)[number]) =>
    [...all].filter(([, ruleset]) => ruleset.tools[tool].chains.length > 0).map(([port]) => port);
  const needed = IP_TOOLS.filter((tool) => portsOf(tool).length > 0);
  if (needed.length === 0) return [];
  const states = await readSwitches(tools.run, tools.netns);
  return needed
    .filter((tool) => states[tool] !== 'on')
    .map((tool) => ({
      kind: 'switched-off',
      tool,
      chain: `net.bridge.${SWITCHES[tool]}`,
      ports: portsOf(tool),
      expected: undefined,
      found: undefined,
      source: undefined,
    }));
}
