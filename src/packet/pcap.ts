/** Frames from capture files: pcap (draft-ietf-opsawg-pcap) and pcapng (draft-ietf-opsawg-pcapng), of Ethernet. */
import { fail } from '../model/errors.js';
import { part } from './octets.js';

const ETHERNET = 1;

/** By the first four octets: whether the numbers are little-endian. */
const PCAP: ReadonlyMap<number, boolean> = new Map([
  [0xa1b2c3d4, false],
  [0xa1b23c4d, false],
  [0xd4c3b2a1, true],
  [0x4d3cb2a1, true],
]);
const SECTION = 0x0a0d0d0a;
const INTERFACE = 1;
const SIMPLE_PACKET = 3;
const ENHANCED_PACKET = 6;
const BYTE_ORDER = 0x1a2b3c4d;

/** Every frame, in order. Errors: VALUE when it is no capture, is cut off, or is not of Ethernet. */
export function readCapture(file: Uint8Array): readonly Uint8Array[] {
  if (file.length < 24) throw fail('VALUE', 'this is no capture file: it has less than 24 octets');
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const magic = view.getUint32(0);
  const little = PCAP.get(magic);
  if (little !== undefined) return readPcap(file, view, little);
  if (magic === SECTION) return readPcapng(file, view);
  throw fail('VALUE', 'this is no capture file: neither pcap nor pcapng');
}

function readPcap(file: Uint8Array, view: DataView, little: boolean): readonly Uint8Array[] {
  refuseOther(view.getUint32(20, little) & 0xffff);
  const frames: Uint8Array[] = [];
  for (let at = 24; at < file.length; ) {
    const length = at + 16 > file.length ? undefined : view.getUint32(at + 8, little);
    const frame = length === undefined ? undefined : part(file, at + 16, length);
    if (length === undefined || frame === undefined) throw cutOff(frames.length);
    frames.push(frame);
    at += 16 + length;
  }
  return frames;
}

function readPcapng(file: Uint8Array, view: DataView): readonly Uint8Array[] {
  const frames: Uint8Array[] = [];
  let little = false;
  for (let at = 0; at < file.length; ) {
    if (at + 12 > file.length) throw cutOff(frames.length);
    if (view.getUint32(at) === SECTION) little = view.getUint32(at + 8, true) === BYTE_ORDER;
    const [type, size] = [view.getUint32(at, little), view.getUint32(at + 4, little)];
    const block = size < 12 ? undefined : part(file, at, size);
    if (block === undefined) throw cutOff(frames.length);
    if (type === INTERFACE) refuseOther(view.getUint16(at + 8, little));
    const frame = frameOf(type, block, little);
    if (frame !== undefined) frames.push(frame);
    at += size;
  }
  return frames;
}

function frameOf(type: number, block: Uint8Array, little: boolean): Uint8Array | undefined {
  const start = type === ENHANCED_PACKET ? 28 : type === SIMPLE_PACKET ? 12 : undefined;
  if (start === undefined || block.length < start) return undefined;
  const view = new DataView(block.buffer, block.byteOffset, block.byteLength);
  const room = block.length - start - 4;
  return part(block, start, Math.min(room, view.getUint32(type === ENHANCED_PACKET ? 20 : 8, little)));
}

function refuseOther(link: number): void {
  if (link !== ETHERNET)
    throw fail('VALUE', `the capture is of link type ${link}, and only Ethernet (1) is filtered here`);
}

function cutOff(frames: number): Error {
  return fail('VALUE', `the capture is cut off behind frame ${frames}`);
}
