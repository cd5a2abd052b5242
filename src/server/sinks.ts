/**
 * Where events may be sent. A subscriber chooses the address, and we connect to it from within: unless somebody else allows more,
 * only this machine and the subscriber's own.
 */
import { BlockList, isIP } from 'node:net';
import { fail } from '../model/errors.js';
import { soapFault } from '../wsman/faults.js';

/** Answers the URL a subscriber at the address `from` may be sent events at. Faults: EventDeliverToUnusable/UnusableAddress. */
export type SinkCheck = (address: string, from: string) => URL;

interface Allowed {
  readonly names: ReadonlySet<string>;
  readonly addresses: BlockList;
  readonly everything: boolean;
}

/**
 * `allowed` holds host names, addresses, networks such as `10.0.0.0/8`, or `*` for all. A host name is compared as written; whom
 * it leads to is its name server's word. Errors: USAGE.
 */
export function sinkCheck(allowed: readonly string[] = []): SinkCheck {
  const configured = readAllowed(allowed);
  return (address, from) => {
    const url = parse(address);
    const host = hostOf(url);
    const mayBe =
      configured.everything ||
      host === 'localhost' ||
      configured.names.has(host) ||
      (isIP(host) !== 0 && (host === plain(from) || contains(configured.addresses, host)));
    if (!mayBe) throw unusable(`events may not be sent to ${host}: it is not in eventSinks`);
    return url;
  };
}

function readAllowed(list: readonly string[]): Allowed {
  const names = new Set<string>();
  const addresses = new BlockList();
  addresses.addSubnet('127.0.0.0', 8, 'ipv4');
  addresses.addAddress('::1', 'ipv6');
  for (const entry of list.map((each) => each.trim().toLowerCase())) {
    const [address = '', length, ...rest] = entry.split('/');
    const family = familyOf(address);
    if (entry === '*') continue;
    if (length === undefined && !family && /^[a-z0-9_]([a-z0-9._-]*[a-z0-9])?$/.test(entry)) names.add(entry);
    else if (length === undefined && family) addresses.addAddress(address, family);
    else if (family && rest.length === 0 && isLength(length ?? '', family))
      addresses.addSubnet(address, Number(length), family);
    else throw fail('USAGE', `eventSinks: "${entry}" is no host name, address or network`);
  }
  return { names, addresses, everything: list.some((entry) => entry.trim() === '*') };
}

function isLength(text: string, family: 'ipv4' | 'ipv6'): boolean {
  return /^\d{1,3}$/.test(text) && Number(text) <= (family === 'ipv4' ? 32 : 128);
}

function parse(address: string): URL {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (!url || !['http:', 'https:'].includes(url.protocol))
    throw unusable('the address is no http or https URL');
  if (url.username !== '' || url.password !== '') throw unusable('the address holds credentials');
  return url;
}

function hostOf({ hostname }: URL): string {
  return plain(
    hostname
      .replace(/^\[(.*)\]$/, '$1')
      .replace(/\.$/, '')
      .toLowerCase(),
  );
}

/** An IPv4 address also where it is written as an IPv6 one. */
function plain(address: string): string {
  const dotted = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  const words = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/i.exec(address);
  if (!words) return dotted ?? address;
  const number = (Number.parseInt(words[1]!, 16) * 0x10000 + Number.parseInt(words[2]!, 16)) >>> 0;
  return [24, 16, 8, 0].map((shift) => (number >>> shift) & 0xff).join('.');
}

function familyOf(address: string): 'ipv4' | 'ipv6' | undefined {
  const version = isIP(address);
  return version === 4 ? 'ipv4' : version === 6 ? 'ipv6' : undefined;
}

function contains(list: BlockList, address: string): boolean {
  const family = familyOf(address);
  return family !== undefined && list.check(address, family);
}

function unusable(reason: string) {
  return soapFault('wsman:EventDeliverToUnusable', 'UnusableAddress', reason);
}
