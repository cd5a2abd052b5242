/** Pull and Release: whose contexts they are, and how they end. */
import { describe, expect, it } from 'vitest';
import { fail } from '../../src/model/errors.js';
import { faultIn } from './messages.js';
import { enumerateOf, namesIn, open, pullOf, releaseOf } from './requests.js';
import { basic, post, run } from './running.js';

describe('contexts', () => {
  it('are gone after the end, after Release, and for inventions', async () => {
    const server = await run();
    const gone = async (context: string) => faultIn((await post(server, pullOf(context))).text);
    const ended = await open(server);
    await post(server, pullOf(ended, '<e:MaxElements>99</e:MaxElements>'));
    const released = await open(server);
    expect((await post(server, releaseOf(released))).status).toBe(200);
    expect(server.objects.abandoned).toBe(1);
    for (const context of [ended, released, 'uuid:invented', '__proto__'])
      expect(await gone(context)).toBe('wsen:InvalidEnumerationContext');
    expect((await post(server, releaseOf(released))).status).toBe(500);
  });

  it('belong to the user who opened them', async () => {
    const server = await run();
    const context = await open(server);
    const bob = { Authorization: basic('bob') };
    for (const message of [pullOf(context), releaseOf(context)]) {
      const { status, text } = await post(server, message, bob);
      expect([status, faultIn(text)]).toEqual([400, 'wsman:AccessDenied']);
    }
    expect(namesIn((await post(server, pullOf(context))).text)).toEqual(['no-smtp']);
  });

  it('take one Pull at a time', async () => {
    const server = await run();
    const context = await open(server);
    let go: () => void = () => undefined;
    let reached: () => void = () => undefined;
    const waiting = new Promise<void>((resolve) => {
      reached = resolve;
    });
    server.objects.pace = () => {
      reached();
      return new Promise((resolve) => {
        go = resolve;
      });
    };
    const first = post(server, pullOf(context, '<e:MaxElements>2</e:MaxElements>'));
    await waiting;
    expect(faultIn((await post(server, pullOf(context))).text)).toBe('wsman:Concurrency');
    server.objects.pace = async () => undefined;
    go();
    expect(namesIn((await first).text)).toEqual(['no-smtp', 'no-mac-spoofing']);
  });

  it('survive a Pull that ran out of time', async () => {
    const server = await run();
    let go: () => void = () => undefined;
    const context = await open(server);
    server.objects.pace = () =>
      new Promise((resolve) => {
        go = resolve;
      });
    await post(server, pullOf(context, '', '<w:OperationTimeout>PT0.05S</w:OperationTimeout>'));
    const late = await post(server, pullOf(context, '<e:MaxTime>PT0.05S</e:MaxTime>'));
    expect([late.status, faultIn(late.text)]).toEqual([500, 'wsman:TimedOut']);
    server.objects.pace = async () => undefined;
    go();
    const { text } = await post(server, pullOf(context, '<e:MaxElements>9</e:MaxElements>'));
    expect(namesIn(text)).toEqual(['no-mac-spoofing', 'clean-traffic']);
  });

  it('expire when left alone, and at the end of the life granted', async () => {
    let now = 1_000_000;
    const server = await run({ clock: () => now });
    const idle = await open(server);
    const short = await open(server, '<e:Expires>PT5S</e:Expires>');
    now += 6000;
    expect(faultIn((await post(server, pullOf(short))).text)).toBe('wsen:InvalidEnumerationContext');
    expect((await post(server, pullOf(idle))).status).toBe(200);
    now += 10 * 60_000;
    expect(faultIn((await post(server, pullOf(idle))).text)).toBe('wsen:InvalidEnumerationContext');
  });

  it('are bounded for each user', async () => {
    const server = await run();
    for (let i = 0; i < 64; i += 1) await open(server);
    const { status, text } = await post(server, enumerateOf(''));
    expect([status, faultIn(text)]).toEqual([400, 'wsman:QuotaLimit']);
    expect((await post(server, enumerateOf(''), { Authorization: basic('bob') })).status).toBe(200);
    expect(server.objects.abandoned).toBe(1);
  });

  it('end with the failure of what they read', async () => {
    const server = await run();
    const context = await open(server);
    server.objects.pace = () => Promise.reject(fail('DISK', 'the disk is gone'));
    const { status, text } = await post(server, pullOf(context));
    expect([status, faultIn(text)]).toEqual([500, 'wsman:InternalError']);
    expect(text).toContain('the disk is gone');
    expect(faultIn((await post(server, pullOf(context))).text)).toBe('wsen:InvalidEnumerationContext');
  });
});
