/** The host's network interfaces, as `ip -details -json link show` tells them (iproute2). */
import type { NetworkInterface } from '../app/ports.js';
import { fail } from '../model/errors.js';
import type { Run } from '../process/run.js';
import { placeOf } from './tools.js';

interface Link {
  readonly ifname: string;
  readonly address?: string;
  readonly link_type?: string;
  readonly mtu?: number;
  readonly flags?: readonly string[];
  readonly master?: string;
  readonly linkinfo?: { readonly info_kind?: string; readonly info_slave_kind?: string };
  readonly ifalias?: string;
}

/** Errors: HOST_LACKS without `ip`, or when it fails. */
export async function readInterfaces(
  run: Run,
  netns: string | undefined,
): Promise<readonly NetworkInterface[]> {
  const args = ['-details', '-json', 'link', 'show'];
  const { stdout, stderr, failure } = await run('ip', args, placeOf(netns));
  if (failure !== undefined)
    throw fail('HOST_LACKS', `ip ${args.join(' ')}: ${failure}`, undefined, { details: stderr.trim() });
  return parseLinks(stdout);
}

/** Pure. An empty answer (no interface at all) is an empty text. */
export function parseLinks(text: string): readonly NetworkInterface[] {
  const links = (text.trim() === '' ? [] : JSON.parse(text)) as readonly Link[];
  return links.map(({ ifname, address, link_type, mtu = 0, flags = [], master, linkinfo, ifalias }) => ({
    name: ifname,
    // Tunnels have an IP address or nothing in this place, the loopback interface zeros.
    mac: link_type === 'ether' ? address : undefined,
    mtu,
    up: flags.includes('UP'),
    bridge: linkinfo?.info_slave_kind === 'bridge' ? master : undefined,
    kind: linkinfo?.info_kind,
    alias: ifalias,
  }));
}
