import { describe, expect, it } from 'vitest';
import { toHex } from '../../src/packet/octets.js';
import { readCapture } from '../../src/packet/pcap.js';

const FRAMES = ['525400000002525400000001080601', 'ffffffffffff5254000000010800'];

/** A number in four octets. */
const word = (value: number, little: boolean, size = 4) => {
  const octets = Buffer.alloc(size);
  if (little) octets.writeUIntLE(value, 0, size);
  else octets.writeUIntBE(value, 0, size);
  return octets;
};

function pcap(little: boolean, magic = 0xa1b2c3d4, link = 1): Buffer {
  const w = (value: number) => word(value, little);
  const head = [w(magic), word(2, little, 2), word(4, little, 2), w(0), w(0), w(65535), w(link)];
  const records = FRAMES.flatMap((hex) => {
    const octets = Buffer.from(hex, 'hex');
    return [w(1), w(2), w(octets.length), w(octets.length), octets];
  });
  return Buffer.concat([...head, ...records]);
}

function pcapng(little: boolean): Buffer {
  const w = (value: number) => word(value, little);
  const block = (type: number, body: Buffer) => {
    const padded = Buffer.concat([body, Buffer.alloc((4 - (body.length % 4)) % 4)]);
    return Buffer.concat([w(type), w(12 + padded.length), padded, w(12 + padded.length)]);
  };
  const [first = '', second = ''] = FRAMES.map((hex) => hex);
  const octets = Buffer.from(first, 'hex');
  const other = Buffer.from(second, 'hex');
  return Buffer.concat([
    block(
      0x0a0d0d0a,
      Buffer.concat([w(0x1a2b3c4d), word(1, little, 2), word(0, little, 2), w(0xffffffff), w(0xffffffff)]),
    ),
    block(1, Buffer.concat([word(1, little, 2), word(0, little, 2), w(0)])),
    block(5, Buffer.alloc(12)),
    block(6, Buffer.concat([w(0), w(0), w(0), w(octets.length), w(octets.length), octets])),
    block(3, Buffer.concat([w(other.length), other])),
  ]);
}

describe('readCapture', () => {
  it.each([
    ['pcap, big-endian', pcap(false)],
    ['pcap, little-endian', pcap(true)],
    ['pcap, nanoseconds', pcap(true, 0xa1b23c4d)],
    ['pcapng, big-endian', pcapng(false)],
    ['pcapng, little-endian', pcapng(true)],
  ])('reads %s', (_, file) => expect(readCapture(file).map(toHex)).toEqual(FRAMES));

  it.each([
    ['another link type', pcap(true, undefined, 101), /link type 101/],
    ['another file', Buffer.alloc(64), /neither pcap nor pcapng/],
    ['nothing', Buffer.alloc(0), /less than 24/],
  ])('refuses %s', (_, file, message) => expect(() => readCapture(file)).toThrow(message));

  it('refuses what is cut off anywhere', () => {
    const whole = pcap(true);
    for (let length = 25; length < whole.length; length += 1) {
      const cut = whole.subarray(0, length);
      if (length === 24 + 16 + FRAMES[0]!.length / 2) expect(readCapture(cut)).toHaveLength(1);
      else expect(() => readCapture(cut)).toThrow(/cut off|less than/);
    }
    expect(() => readCapture(pcapng(true).subarray(0, 70))).toThrow(/cut off/);
  });
});
