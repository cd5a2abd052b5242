/**
 * Hears of changes: of rules from the kernel's own messages (nf_tables sends one for each transaction, whoever made it), of
 * interfaces from `ip monitor`. Where rules are not told of (the legacy tools have no messages), it is asked again and again.
 */
import type { HostEvents, Watch } from '../app/ports.js';
import { TOOLS } from '../compiler/ruleset.js';
import { type Listening, listen } from '../process/listen.js';
import type { Tools } from './tools.js';

/** A transaction is seldom alone: so long after the first message of several we speak, in milliseconds. */
const GATHER = 50;
/** At least so long between two calls: somebody who undoes what we do must not keep us busy. */
const REST = 250;
/** Between two looks where nobody tells, in milliseconds. */
const POLL = 500;
/** Between two looks though nobody has told: a message may be lost, and switches of the kernel have none. */
const PATROL = 5_000;
/** Before a listener that ended is started again. */
const PAUSE = 500;
/** A listener that was started hears by then; what happened before is looked at once. */
const DEAF = 300;

/** xtables-monitor comes with Debian's iptables, nft with its nftables. */
const MONITORS: readonly (readonly [command: string, ...args: string[]])[] = [
  ['xtables-monitor', '--event'],
  ['nft', 'monitor'],
];

/** Never fails: what cannot be heard is asked for. */
export async function watchKernel(tools: Tools, events: HostEvents): Promise<Watch> {
  const closing: (() => Promise<void> | void)[] = [];
  const rules = gathered(events.rules, closing);
  const every = (pause: number) => {
    const timer = setInterval(rules, pause);
    timer.unref();
    closing.push(() => clearInterval(timer));
  };
  const interfaces = gathered(events.interfaces, closing);
  closing.push(keepListening(['ip', '-oneline', 'monitor', 'link'], tools, interfaces));
  const monitor = TOOLS.every((tool) => tools.commands[tool].variant === 'nf_tables')
    ? await firstOnPath(tools)
    : undefined;
  if (monitor) closing.push(keepListening(monitor, tools, rules));
  every(monitor ? PATROL : POLL);
  return {
    async close() {
      for (const end of closing) await end();
    },
  };
}

async function firstOnPath({ run }: Tools): Promise<readonly [string, ...string[]] | undefined> {
  for (const monitor of MONITORS) {
    const found = await run(monitor[0], ['--version']).catch(() => undefined);
    if (found !== undefined) return monitor;
  }
  return undefined;
}

/** A call some time after the first of several; the callers wait for nothing. */
function gathered(tell: () => void, closing: (() => void)[]): () => void {
  let timer: NodeJS.Timeout | undefined;
  let last = Number.NEGATIVE_INFINITY;
  closing.push(() => clearTimeout(timer));
  return () => {
    timer ??= setTimeout(
      () => {
        timer = undefined;
        last = performance.now();
        tell();
      },
      Math.max(GATHER, last + REST - performance.now()),
    );
  };
}

/** Starts the program again when it has ended, as it does when the kernel has more to say than it can take. */
function keepListening(
  [command = '', ...args]: readonly string[],
  { netns }: Tools,
  onEvent: () => void,
): () => Promise<void> {
  let closed = false;
  let timer: NodeJS.Timeout | undefined;
  let current: Listening;
  const later = (work: () => void, milliseconds: number) => {
    timer = setTimeout(work, milliseconds);
    timer.unref();
  };
  const start = () => {
    current = listen(command, args, netns, onEvent);
    later(onEvent, DEAF);
    void current.ended.then(() => {
      if (closed) return;
      clearTimeout(timer);
      onEvent();
      later(start, PAUSE);
    });
  };
  start();
  return async () => {
    closed = true;
    clearTimeout(timer);
    await current.close();
  };
}
