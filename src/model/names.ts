/** Names that become file names, CIM keys and kernel arguments. One rule for all of them. */
import { fail } from './errors.js';

export const MAX_FILTER_NAME = 128;
/** IFNAMSIZ - 1. */
export const MAX_PORT_NAME = 15;

const FILTER_NAME = /^[A-Za-z0-9_][A-Za-z0-9_.:+-]*$/;
const PORT_NAME = /^[A-Za-z0-9_][A-Za-z0-9_.:@-]*$/;

/** A filter name is safe as a file name: no slash, no leading dot or dash. */
export function isFilterName(name: string): boolean {
  return name.length <= MAX_FILTER_NAME && FILTER_NAME.test(name);
}

/** An interface name the kernel can have and a restore line can hold; a trailing `+` would be a wildcard. */
export function isPortName(name: string): boolean {
  return name.length <= MAX_PORT_NAME && PORT_NAME.test(name);
}

export function checkFilterName(name: string): string {
  if (!isFilterName(name)) throw fail('NAME', `"${printable(name)}" cannot be a filter name`);
  return name;
}

export function checkPortName(name: string): string {
  if (!isPortName(name)) throw fail('NAME', `"${printable(name)}" cannot be an interface name`);
  return name;
}

/** Text from outside made safe for a message: control characters escaped, length bounded. */
export function printable(text: string, limit = 80): string {
  const clean = text.replace(
    /[\u0000-\u001f\u007f-\u009f]/g,
    (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
  return clean.length > limit ? `${clean.slice(0, limit)}…` : clean;
}
