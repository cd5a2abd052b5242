import { describe, expect, it } from 'vitest';
import { sinkCheck } from '../../src/server/sinks.js';

describe('where events may be sent', () => {
  const from = '198.51.100.9';

  it.each([
    ['http://127.0.0.1:8080/x', []],
    ['http://127.9.9.9/', []],
    ['http://localhost/', []],
    ['https://[::1]:444/', []],
    ['http://[::ffff:127.0.0.1]/', []],
    ['http://198.51.100.9/', []],
    ['http://[::ffff:198.51.100.9]/', []],
    ['http://10.1.2.3/', ['10.0.0.0/8']],
    ['http://[2001:db8::7]/', ['2001:db8::/32']],
    ['http://192.0.2.1/', ['192.0.2.1']],
    ['http://SIEM.example./', ['siem.example']],
    ['http://anywhere.example/', ['*']],
  ] as const)('%s with %j', (address, allowed) => {
    expect(sinkCheck(allowed)(address, from).href).toContain('//');
  });

  it.each([
    ['http://192.0.2.1/', []],
    ['http://[::ffff:192.0.2.1]/', []],
    // Other spellings of addresses are what the URL standard makes of them.
    ['http://0xc0000201/', []],
    ['http://0.0.0.0/', []],
    ['http://169.254.169.254/latest', []],
    ['http://other.example/', ['siem.example']],
    ['http://siem.example.evil.test/', ['siem.example']],
    ['http://127.0.0.1.evil.test/', []],
    ['http://localhost.evil.test/', []],
    ['http://user:word@127.0.0.1/', []],
    ['http://user@127.0.0.1/', []],
    ['http://:word@127.0.0.1/', []],
    ['ftp://127.0.0.1/', ['*']],
    ['file:///etc/passwd', ['*']],
    ['127.0.0.1', ['*']],
    ['', ['*']],
    ['http://11.1.2.3/', ['10.0.0.0/8']],
  ] as const)('not %s with %j', (address, allowed) => {
    expect(() => sinkCheck(allowed)(address, from)).toThrow(
      expect.objectContaining({ fault: 'wsman:EventDeliverToUnusable', detail: 'UnusableAddress' }),
    );
  });

  it("is the caller's own address also where the server speaks IPv6", () => {
    expect(sinkCheck()('http://198.51.100.9/', '::ffff:198.51.100.9').hostname).toBe('198.51.100.9');
  });

  it.each(['10.0.0.0/33', 'a b', 'http://x/', '1.2.3.4/x', '/8', '::1/129', ''])(
    'refuses "%s" in the configuration',
    (entry) => {
      expect(() => sinkCheck([entry])).toThrow(expect.objectContaining({ code: 'USAGE' }));
    },
  );
});
