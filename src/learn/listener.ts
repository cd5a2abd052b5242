/** Listens on every port whose guest's addresses are wanted, as long as they are. */
import type { Lease, Listener, Wanted } from '../app/ports.js';
import type { Log } from '../app/state.js';
import { type Run, run as runProgram } from '../process/run.js';
import { type Capture, capture as captureFrames, demandCapture } from './capture.js';
import { observe, type Side } from './observe.js';

/** How long after the end of a capture the next one is tried, in milliseconds: the interface may not be there yet. */
const PAUSE = 2_000;
/** The longest a timer of Node can wait. */
const LONGEST = 2 ** 31 - 1;

/** Of both families. */
const udp = (from: number, to: number) => `(udp src port ${from} and dst port ${to})`;

/** What each mode has to hear: frames of the guest, and those that reach it. */
const CAPTURES: Readonly<Record<Wanted['mode'], readonly (readonly [Side, (mac: string) => string])[]>> = {
  any: [['out', (mac) => `ether src ${mac} and (arp or ip or ip6)`]],
  dhcp: [
    ['out', (mac) => `ether src ${mac} and (${udp(68, 67)} or ${udp(546, 547)})`],
    ['in', () => `${udp(67, 68)} or ${udp(547, 546)}`],
  ],
};

export interface ListenerOptions {
  readonly netns: string | undefined;
  readonly log: Log;
  readonly run?: Run;
  readonly capture?: Capture;
}

export interface OpenListener extends Listener {
  close(): Promise<void>;
}

type Tell = Parameters<Listener['attend']>[1];

/** A port that is listened on: `wanted` is the newest word of what is known of its guest. */
interface Ear {
  wanted: Wanted;
  readonly close: () => Promise<void>;
  /** Waits for the end of the next lease. */
  timer: NodeJS.Timeout | undefined;
}

/** Of a process that ends too soon to hear anything: it only knows whether something could be heard. */
export const deafListener: Listener = {
  demand: () => demandCapture(runProgram),
  attend: () => undefined,
};

export function openListener({
  netns,
  log,
  run = runProgram,
  capture = captureFrames,
}: ListenerOptions): OpenListener {
  const ears = new Map<string, Ear>();

  const tellNew = async (ear: Ear, leases: readonly Lease[], tell: Tell) => {
    clearTimeout(ear.timer);
    const before = ear.wanted;
    // Frames that come while the change is made are judged by what will be.
    ear.wanted = { ...before, leases };
    try {
      await tell(before.mac, leases);
    } catch (error) {
      ear.wanted = before;
      ear.timer = setTimeout(() => armTimer(ear, tell), PAUSE);
      ear.timer.unref();
      log.warn({ port: before.port, mac: before.mac, reason: String(error) }, 'an address could not be used');
    }
  };

  const open = (wanted: Wanted, tell: Tell): Ear => {
    const closing: (() => Promise<void>)[] = [];
    let closed = false;
    const ear: Ear = {
      wanted,
      timer: undefined,
      async close() {
        closed = true;
        clearTimeout(ear.timer);
        await Promise.all(closing.map((end) => end()));
      },
    };
    for (const [side, filter] of CAPTURES[wanted.mode]) {
      const request = { port: wanted.port, netns, side, filter: filter(wanted.mac) };
      const onFrame = (frame: Uint8Array) => {
        const leases = closed ? undefined : observe(ear.wanted, side, frame, Date.now());
        if (leases) void tellNew(ear, leases, tell);
      };
      closing.push(keepCapturing(() => capture(request, onFrame)));
    }
    return ear;
  };

  const armTimer = (ear: Ear, tell: Tell) => {
    clearTimeout(ear.timer);
    const ends = ear.wanted.leases.flatMap(({ expires }) => expires ?? []);
    if (ends.length === 0) return;
    const wait = Math.min(Math.max(Math.min(...ends) - Date.now(), 0), LONGEST);
    ear.timer = setTimeout(() => {
      const now = Date.now();
      const left = ear.wanted.leases.filter(({ expires }) => expires === undefined || expires > now);
      if (left.length < ear.wanted.leases.length) void tellNew(ear, left, tell);
      else armTimer(ear, tell);
    }, wait);
    ear.timer.unref();
  };

  return {
    demand: () => demandCapture(run),
    attend(all, tell) {
      const now = new Map(all.map((wanted) => [keyOf(wanted), wanted]));
      for (const [key, ear] of ears) {
        if (now.has(key)) continue;
        ears.delete(key);
        void ear.close();
      }
      for (const [key, wanted] of now) {
        const ear = ears.get(key) ?? open(wanted, tell);
        ear.wanted = wanted;
        ears.set(key, ear);
        armTimer(ear, tell);
      }
    },
    async close() {
      const open = [...ears.values()];
      ears.clear();
      await Promise.all(open.map((ear) => ear.close()));
    },
  };
}

/** Ports are listened on anew when anything but the leases has changed. */
const keyOf = ({ leases: _, ...rest }: Wanted) => JSON.stringify(rest);

function keepCapturing(start: () => ReturnType<Capture>): () => Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  let current = start();
  const again = () => {
    if (closed) return;
    timer = setTimeout(() => {
      current = start();
      void current.ended.then(again);
    }, PAUSE);
    timer.unref();
  };
  void current.ended.then(again);
  return async () => {
    closed = true;
    clearTimeout(timer);
    await current.close();
  };
}
