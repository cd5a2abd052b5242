/** The little language of `-m u32` (iptables-extensions(8), u32). */
import { u32 } from '../packet/octets.js';

const STEP = /(&|<<|>>|@)|(0[xX][0-9a-fA-F]+|\d+)/g;

/** One `LOCATION=VALUES` over a packet from its IP header on: ranges `A` or `A:B` between commas. */
export function matchesU32(text: string, packet: Uint8Array): boolean {
  const [location = '', values = ''] = text.split('=');
  const found = valueAt(location, packet);
  if (found === undefined) return false;
  return values.split(',').some((range) => {
    const [low, high = low] = range.split(':').map(Number);
    return low !== undefined && high !== undefined && low <= found && found <= high;
  });
}

/** Undefined where it leads out of the packet. */
function valueAt(location: string, packet: Uint8Array): number | undefined {
  const words = [...location.matchAll(STEP)].map(([word]) => word);
  let start = 0;
  let value = u32(packet, Number(words[0]));
  for (let at = 1; at < words.length && value !== undefined; at += 2) {
    const operand = Number(words[at + 1]);
    if (words[at] === '&') value = (value & operand) >>> 0;
    else if (words[at] === '<<') value = (value << operand) >>> 0;
    else if (words[at] === '>>') value >>>= operand;
    else {
      start += value;
      value = u32(packet, start + operand);
    }
  }
  return value;
}
