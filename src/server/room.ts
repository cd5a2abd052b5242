/**
 * Room for long answers that is used again. New memory has to be had from the system, a page at a time, which takes ten times as long as
 * what is then written into it.
 */
const SIZE = 512 * 1024;
/** So many are kept for the next answers. */
const MOST_KEPT = 8;

const free: Buffer[] = [];

/** At least so many octets, whatever was in them before. */
export function takeRoom(octets: number): Buffer {
  if (octets > SIZE) return Buffer.allocUnsafeSlow(octets);
  return free.pop() ?? Buffer.allocUnsafeSlow(SIZE);
}

/** For what nobody reads any more. */
export function giveBack(room: Buffer): void {
  if (room.length === SIZE && free.length < MOST_KEPT) free.push(room);
}
