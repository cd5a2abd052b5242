import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatDuration, parseDuration, parseExpiration } from '../../src/wsman/duration.js';

describe('durations', () => {
  it.each([
    ['PT60.000000S', 60_000],
    ['PT0.5S', 500],
    ['PT.5S', 500],
    ['P1DT1H1M1S', 90_061_000],
    ['P1Y2M', 365 * 86_400_000 + 60 * 86_400_000],
    ['-PT1S', -1000],
    [' PT1M ', 60_000],
    ['PT0S', 0],
  ])('reads %s', (text, milliseconds) => {
    expect(parseDuration(text)).toBe(milliseconds);
  });

  it.each([
    '',
    'P',
    'PT',
    'P1DT',
    '60',
    'PT1X',
    'P1H',
    'PT1S2M',
    'pt1s',
    'P-1D',
    'PT1,5S',
    `P${'9'.repeat(400)}Y`,
  ])('refuses %j', (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });

  it('comes back as it was written', () => {
    fc.assert(
      fc.property(fc.integer({ min: -(10 ** 11), max: 10 ** 11 }), (milliseconds) => {
        expect(parseDuration(formatDuration(milliseconds))).toBe(milliseconds);
      }),
    );
  });

  it.each([
    [600_000, 'PT10M'],
    [90_061_500, 'P1DT1H1M1.5S'],
    [0, 'PT0S'],
    [-1000, '-PT1S'],
  ])('writes %d as %s', (milliseconds, text) => {
    expect(formatDuration(milliseconds)).toBe(text);
  });

  it('takes a moment for an expiration', () => {
    const moment = Date.UTC(2030, 0, 2, 3, 4, 5);
    expect(parseExpiration('2030-01-02T03:04:05Z')).toEqual({ kind: 'at', moment });
    expect(parseExpiration('2030-01-02T05:04:05+02:00')).toEqual({ kind: 'at', moment });
    expect(parseExpiration('2030-01-02T03:04:05')).toEqual({ kind: 'at', moment });
    expect(parseExpiration('PT5S')).toEqual({ kind: 'after', milliseconds: 5000 });
    expect(parseExpiration('tomorrow')).toBeUndefined();
    expect(parseExpiration('2030-13-02T03:04:05Z')).toBeUndefined();
  });
});
