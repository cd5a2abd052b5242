import { expect, it } from 'vitest';
import { formatAddress, parseListen } from '../../src/cli/listen.js';

it.each([
  ['127.0.0.1:5985', '127.0.0.1', 5985],
  ['[::1]:5985', '::1', 5985],
  ['host.example:0', 'host.example', 0],
])('%s is an address, and is written back so', (text, host, port) => {
  expect(parseListen(text)).toEqual({ host, port });
  expect(formatAddress({ host, port })).toBe(text);
});

it.each(['', 'host', ':5985', '5985', '::1:5985', 'host:65536', 'host:-1', 'host:5985x'])(
  '%j is none',
  (text) => {
    expect(() => parseListen(text)).toThrow(expect.objectContaining({ code: 'USAGE' }));
  },
);
