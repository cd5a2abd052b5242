/** Guessing passwords: slowed by user and by address, without keeping out who knows them. */
import { describe, expect, it } from 'vitest';
import { Attempts } from '../../src/server/attempts.js';
import { basic, CLASS, envelope, LIST_KEYS, post, run, WXF } from './running.js';

const GET = envelope({ action: `${WXF}/Get`, resource: `${CLASS}NWG_FilterList`, selectors: LIST_KEYS });

function clocked() {
  const clock = { now: 1_000_000 };
  return { clock, attempts: new Attempts(() => clock.now) };
}

/** How many passwords are looked at within a time, by who tries ten times a second. */
function guesses(
  { clock, attempts }: ReturnType<typeof clocked>,
  milliseconds: number,
  who: (n: number) => [string, string],
) {
  const end = clock.now + milliseconds;
  let looked = 0;
  for (let n = 0; clock.now < end; n += 1, clock.now += 100) if (attempts.begin(...who(n)) === 0) looked += 1;
  return looked;
}

describe('attempts', () => {
  it('at one user from one address are a few, then one a minute', () => {
    const here = clocked();
    expect(guesses(here, 60_000, () => ['ann', '10.0.0.1'])).toBeLessThan(12);
    expect(guesses(here, 3_600_000, () => ['ann', '10.0.0.1'])).toBeLessThan(62);
  });

  it('at one user from many addresses are no more', () => {
    const here = clocked();
    expect(guesses(here, 3_600_000, (n) => ['ann', `10.0.${n >> 8}.${n & 255}`])).toBeLessThan(75);
  });

  it('at many users from one address are limited, a whole IPv6 network being one address', () => {
    const here = clocked();
    expect(guesses(here, 3_600_000, (n) => [`user${n}`, '10.0.0.1'])).toBeLessThan(90);
    const other = clocked();
    expect(guesses(other, 3_600_000, (n) => [`user${n}`, `2001:db8:0:1::${n.toString(16)}`])).toBeLessThan(
      90,
    );
    expect(other.attempts.begin('ann', '2001:db8:0:2::1')).toBe(0);
  });

  it('cost nothing when they succeed', () => {
    const { attempts } = clocked();
    for (let n = 0; n < 1000; n += 1) {
      expect(attempts.begin('ann', '10.0.0.1')).toBe(0);
      attempts.succeeded('ann', '10.0.0.1');
    }
  });

  it('are forgotten after a quarter of an hour', () => {
    const here = clocked();
    guesses(here, 60_000, () => ['ann', '10.0.0.1']);
    here.clock.now += 15 * 60_000;
    expect(here.attempts.begin('ann', '10.0.0.1')).toBe(0);
    expect(here.attempts.failuresOf('ann')).toBe(1);
  });

  it('do not fill the memory', () => {
    const { attempts } = clocked();
    for (let n = 0; n < 50_000; n += 1) {
      attempts.begin(`user${n}`, `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`);
      attempts.succeeded(`user${n}`, `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`);
      attempts.begin(`other${n}`, `11.${n >> 16}.${(n >> 8) & 255}.${n & 255}`);
    }
    expect(attempts.size).toBeLessThanOrEqual(10_000);
  });
});

describe('the server', () => {
  it('answers 429 with the time to wait and looks at no password meanwhile', async () => {
    let now = 0;
    const server = await run({ clock: () => now });
    const statuses: number[] = [];
    for (let n = 0; n < 10; n += 1)
      statuses.push((await post(server, GET, { Authorization: basic('ann', `guess ${n}`) })).status);
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429, 429, 429, 429]);
    expect(server.checks.count).toBe(5);
    const late = await post(server, GET, { Authorization: basic('ann', 'guess') });
    expect(late.headers.get('retry-after')).toBe('1');
    now += 1_000;
    expect((await post(server, GET)).status).toBe(200);
  });

  it('lets in who was right lately, whatever others guess, and nobody else', async () => {
    let now = 0;
    const server = await run({ clock: () => now });
    expect((await post(server, GET)).status).toBe(200);
    now += 20_000;
    for (let n = 0; n < 30; n += 1) {
      await post(server, GET, { Authorization: basic('ann', `guess ${n}`) });
      await post(server, GET, { Authorization: basic(`user${n}`, 'guess') });
    }
    expect((await post(server, GET)).status).toBe(200);
    expect((await post(server, GET, { Authorization: basic('bob') })).status).toBe(429);
  });

  it('counts guesses that come at once', async () => {
    const server = await run({ clock: () => 0 });
    const all = Array.from({ length: 30 }, (_, n) =>
      post(server, GET, { Authorization: basic('ann', `guess ${n}`) }),
    );
    await Promise.all(all);
    expect(server.checks.count).toBe(5);
  });

  it('tells its log of each failure and never of the password', async () => {
    const lines: string[] = [];
    const warn = (fields: unknown, message: string) =>
      void lines.push(`${message} ${JSON.stringify(fields)}`);
    const server = await run({ log: { info: () => undefined, warn, error: () => undefined } });
    await post(server, GET, { Authorization: basic('ann', 'guess-one') });
    await post(server, GET, { Authorization: basic('a\nb', 'guess-two') });
    expect(lines).toEqual([
      'a login failed {"user":"ann","from":"127.0.0.1","failures":1}',
      'a login failed {"user":"a\\\\x0ab","from":"127.0.0.1","failures":1}',
    ]);
  });
});
