/** The part of the corpus that is not one header after another: fragments, and errors about other packets. */
import { ETHERTYPES } from '../../src/protocols/datatypes.js';
import { frame, ipv4, ipv6, raw, udp } from '../support/packets.js';
import { type Facts, GUEST, hexOf, type Party, plain, token, WIRE } from './facts.js';
import type { Scenario, Step } from './scenario.js';

type Way = readonly [route: 'out' | 'in', from: Party, to: Party];
const WAYS: readonly Way[] = [
  ['out', GUEST, WIRE],
  ['in', WIRE, GUEST],
];

/** A UDP datagram in two IP packets, and a second half that has no first. */
export function fragmentScenarios(number: () => number): readonly Scenario[] {
  return WAYS.flatMap(([route, from, to]) =>
    [4, 6].flatMap((version): readonly Scenario[] => {
      const make = version === 4 ? halves4 : halves6;
      const [first, second, alone] = [number(), number(), number()];
      const group = `fragments ${route}`;
      const at = (name: string, hex: string, which: number): Step => {
        return { route, name: `IPv${version} ${name}`, hex, number: which, flow: undefined };
      };
      const whole = make(from, to, first, second);
      const [, lost] = make(from, to, alone, alone);
      return [
        { group, steps: [at('first', whole[0], first), at('second', whole[1], second)] },
        { group, steps: [at('second alone', lost, alone)] },
      ];
    }),
  );
}

/** The datagram's payload: a token in each half. Offsets count in eights. */
function datagram(first: number, second: number) {
  const data = Buffer.concat([token(first), Buffer.alloc(18), token(second), Buffer.alloc(18)]);
  return udp({ sport: 20_000 + first, dport: 10_000 + first, data });
}

function halves4(from: Party, to: Party, first: number, second: number): readonly [string, string] {
  const whole = ipv4({ src: from.ip, dst: to.ip }, datagram(first, second)).bytes.subarray(20);
  const piece = (fragment: number, bytes: Buffer) =>
    frame(
      { src: from.mac, dst: to.mac },
      ipv4({ src: from.ip, dst: to.ip, id: second, fragment }, raw(17, bytes)),
    );
  return [piece(0x2000, whole.subarray(0, 32)), piece(4, whole.subarray(32))];
}

/** Behind a fragment header (RFC 8200 §4.5). */
function halves6(from: Party, to: Party, first: number, second: number): readonly [string, string] {
  const whole = ipv6({ src: from.ip6, dst: to.ip6 }, datagram(first, second)).bytes.subarray(40);
  const piece = (offset: number, more: 0 | 1, bytes: Buffer) => {
    const head = Buffer.from([17, 0, 0, offset | more, 0, 0, second >> 8, second & 0xff]);
    return frame(
      { src: from.mac, dst: to.mac },
      ipv6({ src: from.ip6, dst: to.ip6 }, raw(44, Buffer.concat([head, bytes]))),
    );
  };
  return [piece(0, 1, whole.subarray(0, 32)), piece(32, 0, whole.subarray(32))];
}

/** A datagram, and the other end's word that nobody listens: the packet it quotes makes it RELATED. */
export function related(number: () => number): readonly Scenario[] {
  return WAYS.map(([route, from, to]): Scenario => {
    const [first, second] = [number(), number()];
    const asked: Facts = { ...plain(from, to, first), etherType: ETHERTYPES.ipv4 };
    const hex = hexOf(asked);
    // IP header and eight octets, behind the frame's fourteen (RFC 792).
    const quoted = Buffer.from(hex, 'hex').subarray(14, 14 + 28);
    const error: Facts = {
      ...plain(to, from, second),
      etherType: ETHERTYPES.ipv4,
      protocol: 1,
      icmpType: 3,
      icmpCode: 3,
      icmpId: 0,
      data: Buffer.concat([quoted, token(second)]),
    };
    const back = route === 'out' ? 'in' : 'out';
    return {
      group: `talk related ${route}`,
      steps: [
        { route, name: 'asked', hex, number: first, flow: undefined },
        { route: back, name: 'port unreachable', hex: hexOf(error), number: second, flow: undefined },
      ],
    };
  });
}
