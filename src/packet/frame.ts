/** An Ethernet frame as a bridge sees it (IEEE 802.3, 802.1Q). */
import { fail } from '../model/errors.js';
import { ETHERTYPES } from '../protocols/datatypes.js';
import { STP_GROUP } from '../protocols/ethernet.js';
import { macText, u16 } from './octets.js';

export interface Tag {
  readonly id: number;
  readonly priority: number;
  /** EtherType behind the tag; of an 802.3 frame the number Linux has for those (ETH_P_802_3 1, ETH_P_802_2 4). */
  readonly encapsulated: number;
}

export interface Frame {
  readonly octets: Uint8Array;
  /** Canonical MAC addresses. */
  readonly destination: string;
  readonly source: string;
  /**
   * What ebtables compares with `-p`: the two octets behind the addresses, so that of a tagged frame it is the tag's.
   * Below 0x600 it is the length of an 802.3 frame.
   */
  readonly type: number;
  /** The outermost tag, which Linux takes off a frame that arrives. */
  readonly tag: Tag | undefined;
  /** What follows the type, or the tag and the type in it. */
  readonly payload: Uint8Array;
}

const HEADER = 14;
const TAG_TYPES = new Set([0x8100, 0x88a8]);
/** Below it stands a length (IEEE 802.3 §3.2.6). */
export const FIRST_TYPE = 0x600;

/** Errors: VALUE for less than an Ethernet header. */
export function decodeFrame(octets: Uint8Array): Frame {
  const type = u16(octets, 12);
  if (type === undefined) {
    throw fail('VALUE', `a frame has at least ${HEADER} octets, and here are ${octets.length}`);
  }
  const tag = TAG_TYPES.has(type) ? tagOf(octets) : undefined;
  return {
    octets,
    destination: macText(octets.subarray(0, 6)),
    source: macText(octets.subarray(6, 12)),
    type,
    tag,
    payload: octets.subarray(tag === undefined ? HEADER : HEADER + 4),
  };
}

function tagOf(octets: Uint8Array): Tag | undefined {
  const [control, inner] = [u16(octets, HEADER), u16(octets, HEADER + 2)];
  if (control === undefined || inner === undefined) return undefined;
  const raw = u16(octets, HEADER + 4) === 0xffff ? 1 : 4;
  return { id: control & 0xfff, priority: control >> 13, encapsulated: inner < FIRST_TYPE ? raw : inner };
}

/** The frame with less behind its header. */
export function withPayload(frame: Frame, payload: Uint8Array): Frame {
  const head = frame.octets.length - frame.payload.length;
  const octets = new Uint8Array(head + payload.length);
  octets.set(frame.octets.subarray(0, head));
  octets.set(payload, head);
  return { ...frame, octets, payload };
}

/** 01:80:c2:00:00:01 to …:0f: a bridge keeps them to itself (IEEE 802.1Q §8.6.3); …:00 only where it speaks STP. */
const LINK_LOCAL = new RegExp(`^${STP_GROUP.slice(0, -1)}[1-9a-f]$`);

/** What Linux reads behind the type: of a tagged frame when it comes in, of ARP when it is passed on. */
const TAG_LENGTH = 6;
const ARP_LENGTH = 8;

/** Why a bridge takes the frame from no port, whatever the rules; undefined when it does. */
export function unacceptable({ octets, type, source }: Frame): string | undefined {
  if (TAG_TYPES.has(type) && octets.length < HEADER + TAG_LENGTH) return 'it is cut off';
  const group = (Number.parseInt(source.slice(0, 2), 16) & 1) === 1;
  if (group || source === '00:00:00:00:00:00') return `${source} cannot be a source address`;
  return undefined;
}

/** Why a bridge that has taken it passes it on to no other port. */
export function unforwardable({ type, destination, payload }: Frame): string | undefined {
  if (type === ETHERTYPES.arp && payload.length < ARP_LENGTH) return 'it is cut off';
  return LINK_LOCAL.test(destination) ? `${destination} is for the bridge alone` : undefined;
}
