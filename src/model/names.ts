/** Names that become file names, CIM keys and kernel arguments. One rule for all of them. */
import { fail } from './errors.js';

export const MAX_FILTER_NAME = 128;
/** IFNAMSIZ - 1. */
export const MAX_PORT_NAME = 15;

const FILTER_NAME = /^[A-Za-z0-9_][A-Za-z0-9_.:+-]*$/;
/** Linux has no colon in the name of an interface. */
const PORT_NAME = /^[A-Za-z0-9_][A-Za-z0-9_.@-]*$/;
const CLAIM_NAME = /^(?:mac:[0-9a-f]{2}(?::[0-9a-f]{2}){5}|vm:[A-Za-z0-9_][A-Za-z0-9_.:+-]*)$/;

/** A filter name is safe as a file name: no slash, no leading dot or dash. */
export function isFilterName(name: string): boolean {
  return name.length <= MAX_FILTER_NAME && FILTER_NAME.test(name);
}

/** An interface name the kernel can have and a restore line can hold; a trailing `+` would be a wildcard. */
export function isPortName(name: string): boolean {
  return name.length <= MAX_PORT_NAME && PORT_NAME.test(name);
}

/** What a binding may name instead of a port, see Binding: `mac:` and a canonical MAC address, `vm:` and a machine's name. */
export function isClaimName(name: string): boolean {
  return name.length <= MAX_FILTER_NAME && CLAIM_NAME.test(name);
}

export function checkFilterName(name: string): string {
  if (!isFilterName(name)) throw fail('NAME', `"${printable(name)}" cannot be a filter name`);
  return name;
}

/** Of a port or a claim. */
export function checkBindingName(name: string): string {
  if (isPortName(name) || isClaimName(name)) return name;
  throw fail('NAME', `"${printable(name)}" cannot be the name of an interface, mac:MAC or vm:MACHINE`);
}

/** What ends a line, moves a cursor, or makes text run the other way (Unicode UAX #9, "Trojan Source"). */
const TREACHEROUS = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu;

/** Text from outside made safe for a message: such characters escaped, length bounded. */
export function printable(text: string, limit = 80): string {
  const clean = text.replace(TREACHEROUS, (c) => {
    const code = c.charCodeAt(0).toString(16);
    return code.length > 2 ? `\\u${code.padStart(4, '0')}` : `\\x${code.padStart(2, '0')}`;
  });
  return clean.length > limit ? `${clean.slice(0, limit)}…` : clean;
}

/** The whole text safe for a terminal, on as many lines as it has. */
export function printableLines(text: string): string {
  return text
    .split('\n')
    .map((line) => printable(line, Number.POSITIVE_INFINITY))
    .join('\n');
}
