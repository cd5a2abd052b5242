/**
 * What the tools would print if the kernel held exactly what it should. The tools write a rule otherwise than they read it
 * (masks, names, the order of options), so they are asked: the rules go into a network namespace made for the purpose,
 * in which nothing is connected to anything, and are read back.
 */
import { readdir } from 'node:fs/promises';
import { emptyView, replacePlan } from '../compiler/plan.js';
import type { PortRuleset, Tool } from '../compiler/ruleset.js';
import { eachTool } from '../compiler/view.js';
import { NwgateError } from '../model/errors.js';
import { feed } from './feed.js';
import { type OurPart, oursOf } from './ours.js';
import { placeOf, type Tools } from './tools.js';
import { readAllTables, type Tables } from './view.js';

export type Parts = Readonly<Record<Tool, OurPart>>;

/** The process's number is in it, so that what a killed one left can be told from what is in use. */
const SCRATCH = /^nwgate-scratch-(\d+)-\d+$/;
let counter = 0;

/** Errors: those of the tools; HOST_LACKS where a namespace cannot be made. */
export async function expectedParts(tools: Tools, all: ReadonlyMap<string, PortRuleset>): Promise<Parts> {
  return inScratch(tools, async (scratch) => {
    await copySets(tools, scratch, all);
    await feed(scratch, replacePlan(emptyView, all).steps);
    return partsOf(await readAllTables(scratch));
  });
}

export function partsOf(tables: Tables): Parts {
  return eachTool((tool) => oursOf(tool, tables[tool]));
}

/** Does something with the tools in a namespace of its own, which is gone afterwards. Errors: HOST_LACKS. */
export async function inScratch<T>(tools: Tools, work: (scratch: Tools) => Promise<T>): Promise<T> {
  await removeStale(tools);
  counter += 1;
  const netns = `nwgate-scratch-${process.pid}-${counter}`;
  await ip(tools, ['netns', 'add', netns]);
  try {
    return await work({ ...tools, netns });
  } finally {
    await ip(tools, ['netns', 'del', netns]);
  }
}

async function ip({ run }: Tools, args: readonly string[]): Promise<void> {
  const { failure, stderr } = await run('ip', args);
  if (failure === undefined) return;
  throw new NwgateError(
    { code: 'HOST_LACKS', message: `ip ${args.join(' ')}: ${stderr.trim() || failure}` },
    { details: stderr.trim() },
  );
}

async function removeStale(tools: Tools): Promise<void> {
  const names = await readdir('/run/netns').catch(() => []);
  for (const name of names) {
    const pid = SCRATCH.exec(name)?.[1];
    if (pid !== undefined && !isRunning(Number(pid))) await tools.run('ip', ['netns', 'del', name]);
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** A rule that asks an IP set is only taken where a set of that name and kind is: it is made there, empty. */
async function copySets(tools: Tools, scratch: Tools, all: ReadonlyMap<string, PortRuleset>): Promise<void> {
  const asks = [...all.values()].some(({ tools: each }) =>
    [each.iptables, each.ip6tables].some(({ chains }) =>
      chains.some(({ rules }) => rules.some(({ tests }) => tests.some(({ module }) => module === 'set'))),
    ),
  );
  if (!asks) return;
  const { stdout } = await tools.run('ipset', ['save'], placeOf(tools.netns));
  const input = stdout.split('\n').filter((line) => line.startsWith('create '));
  await scratch.run('ipset', ['restore'], { ...placeOf(scratch.netns), input: `${input.join('\n')}\n` });
}
