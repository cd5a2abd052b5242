import { describe, expect, it } from 'vitest';
import { pcapReader } from '../../src/learn/pcap.js';

function stream(magic: number, little: boolean, frames: readonly string[]): Buffer {
  const number = (value: number) => {
    const octets = Buffer.alloc(4);
    if (little) octets.writeUInt32LE(value);
    else octets.writeUInt32BE(value);
    return octets;
  };
  const packets = frames.map((hex) => {
    const octets = Buffer.from(hex, 'hex');
    return Buffer.concat([number(1), number(2), number(octets.length), number(9999), octets]);
  });
  return Buffer.concat([number(magic), Buffer.alloc(20), ...packets]);
}

const read = (octets: Buffer, piece: number): readonly string[] => {
  const frames: string[] = [];
  const reader = pcapReader((frame) => frames.push(Buffer.from(frame).toString('hex')));
  for (let at = 0; at < octets.length; at += piece) reader(octets.subarray(at, at + piece));
  return frames;
};

describe('a capture', () => {
  const frames = ['0102', 'aabbcc', ''];

  it.each([
    [0xa1b2c3d4, true],
    [0xa1b2c3d4, false],
    [0xa1b23c4d, true],
  ] as const)('gives its frames however it comes in pieces (%s, little endian: %s)', (magic, little) => {
    for (const piece of [1, 3, 17, 1000]) expect(read(stream(magic, little, frames), piece)).toEqual(frames);
  });

  it('is refused where it is none', () => {
    expect(() => read(Buffer.alloc(24), 24)).toThrow(RangeError);
    expect(() => read(Buffer.concat([stream(0xa1b2c3d4, true, []), Buffer.alloc(16, 0xff)]), 100)).toThrow(
      RangeError,
    );
  });
});
