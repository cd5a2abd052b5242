import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Lease, Wanted } from '../../src/app/ports.js';
import { type CaptureRequest, demandCapture } from '../../src/learn/capture.js';
import { openListener } from '../../src/learn/listener.js';
import { fail } from '../../src/model/errors.js';
import { answer } from '../support/dhcp.js';

const MAC = '52:54:00:00:00:01';
const SERVER = { mac: '52:54:00:00:00:fe', ip: '10.0.0.1' };

/** A capture that the test feeds and ends. */
interface Fake {
  readonly request: CaptureRequest;
  frame(hex: string): void;
  end(): void;
  closed: boolean;
}

const captures: Fake[] = [];
const warnings: string[] = [];
const told: (readonly string[])[] = [];
let refuses = false;
let listener: ReturnType<typeof openListener>;

beforeEach(() => {
  vi.useFakeTimers();
  for (const list of [captures, warnings, told]) list.length = 0;
  refuses = false;
  listener = openListener({
    netns: 'place',
    log: { info: () => undefined, warn: (_, message) => void warnings.push(message) },
    capture(request, onFrame) {
      let end: () => void = () => undefined;
      const ended = new Promise<string>((resolve) => {
        end = () => resolve('it ended');
      });
      const fake = { request, frame: (hex: string) => onFrame(Buffer.from(hex, 'hex')), end, closed: false };
      captures.push(fake);
      const close = async () => {
        fake.closed = true;
        end();
      };
      return { ended, close };
    },
  });
});
afterEach(async () => {
  await listener.close();
  vi.useRealTimers();
});

const wants = (more: Partial<Wanted> = {}): Wanted => ({
  port: 'vnet0',
  mac: MAC,
  mode: 'dhcp',
  variables: ['IP'],
  servers: [],
  leases: [],
  ...more,
});
const tell = async (_: string, leases: readonly Lease[]) => {
  told.push(leases.map(({ address }) => address));
  if (refuses) throw fail('NOT_APPLIED', 'refused');
};
const ack = (your: string, lease = 60) => answer(SERVER, { type: 5, mac: MAC, your, lease });
const soon = (milliseconds = 0) => vi.advanceTimersByTimeAsync(milliseconds);

describe('the listener', () => {
  it('hears both sides of DHCP, and only the guest where packets are enough', () => {
    listener.attend([wants(), wants({ port: 'vnet1', mode: 'any' })], tell);
    expect(captures.map(({ request }) => request)).toEqual([
      {
        port: 'vnet0',
        netns: 'place',
        side: 'out',
        filter: `ether src ${MAC} and ((udp src port 68 and dst port 67) or (udp src port 546 and dst port 547))`,
      },
      {
        port: 'vnet0',
        netns: 'place',
        side: 'in',
        filter: '(udp src port 67 and dst port 68) or (udp src port 547 and dst port 546)',
      },
      { port: 'vnet1', netns: 'place', side: 'out', filter: `ether src ${MAC} and (arp or ip or ip6)` },
    ]);
  });

  it('goes on with what is known, and stops when nobody wants it any more', async () => {
    listener.attend([wants()], tell);
    captures[1]!.frame(ack('10.0.0.5'));
    captures[1]!.frame(ack('10.0.0.6'));
    listener.attend([wants({ leases: [] })], tell);
    expect(captures).toHaveLength(2);
    listener.attend([], tell);
    await soon();
    expect(captures.every(({ closed }) => closed)).toBe(true);
    captures[1]!.frame(ack('10.0.0.7'));
    await soon(10_000);
    expect(told).toEqual([['10.0.0.5'], ['10.0.0.5', '10.0.0.6']]);
    expect(captures).toHaveLength(2);
  });

  it('tries again when a capture has ended: the interface may come', async () => {
    listener.attend([wants({ mode: 'any' })], tell);
    captures[0]!.end();
    await soon(1_000);
    expect(captures).toHaveLength(1);
    await soon(1_500);
    expect(captures).toHaveLength(2);
    captures[1]!.end();
    await soon(2_500);
    expect(captures).toHaveLength(3);
  });

  it('tells of the end of a lease, again where that could not be done', async () => {
    const ends = (address: string, seconds: number): Lease => ({
      mac: MAC,
      variable: 'IP',
      address,
      from: 'dhcp',
      expires: Date.now() + seconds * 1000,
    });
    listener.attend([wants({ leases: [ends('10.0.0.5', 3), ends('10.0.0.6', 9)] })], tell);
    await soon(2_900);
    expect(told).toEqual([]);
    refuses = true;
    await soon(200);
    expect(told).toEqual([['10.0.0.6']]);
    expect(warnings).toEqual(['an address could not be used']);
    refuses = false;
    await soon(2_500);
    expect(told).toEqual([['10.0.0.6'], ['10.0.0.6']]);
  });

  it('takes an address that was refused when it is heard again', async () => {
    listener.attend([wants()], tell);
    refuses = true;
    captures[1]!.frame(ack('10.0.0.5'));
    await soon();
    refuses = false;
    captures[1]!.frame(ack('10.0.0.5'));
    await soon();
    expect(told).toEqual([['10.0.0.5'], ['10.0.0.5']]);
  });
});

describe('capturing', () => {
  it('needs tcpdump, and says where it comes from', async () => {
    const without = () => Promise.reject(fail('HOST_LACKS', 'tcpdump is not installed'));
    await expect(demandCapture(without)).rejects.toMatchObject({
      code: 'HOST_LACKS',
      message: expect.stringContaining('apt-get install tcpdump'),
    });
  });
});
