/** The only list of protocols. */
import type { Match } from '../model/filter.js';
import { ETHERNET } from './ethernet.js';
import { PACKET } from './packet.js';
import type { AttributeSpec, Layer, ProtocolSpec } from './types.js';

export const PROTOCOLS: readonly ProtocolSpec[] = [...ETHERNET, ...PACKET];

const byElement = new Map(PROTOCOLS.map((spec) => [spec.element, spec]));
const attributesOf = new Map(
  PROTOCOLS.map((spec) => [spec, new Map(spec.attributes.map((a, index) => [a.name, { ...a, index }]))]),
);

export function protocolSpec(element: string): ProtocolSpec | undefined {
  return byElement.get(element);
}

/** The row of an attribute with its position in the table. */
export function attributeSpec(
  spec: ProtocolSpec,
  name: string,
): (AttributeSpec & { readonly index: number }) | undefined {
  return attributesOf.get(spec)?.get(name);
}

/** Rules without a protocol meet every frame, on the bridge. */
export function layerOf(protocol: string | undefined): Layer {
  return protocol === undefined ? 'ethernet' : (byElement.get(protocol)?.layer ?? 'ethernet');
}

/** Matches in table order, which is their canonical order. */
export function inTableOrder(spec: ProtocolSpec, matches: readonly Match[]): readonly Match[] {
  const index = (match: Match) => attributeSpec(spec, match.attribute)?.index ?? 0;
  return [...matches].sort((a, b) => index(a) - index(b));
}
