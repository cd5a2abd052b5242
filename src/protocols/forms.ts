/** The few ways in which attributes combine into the arguments of one option. See `Form` in types.ts. */
import type { Form } from './types.js';

const one = (...args: string[]) => [{ args }];

/** `A` */
export const single: Form = ([value]) => (value === undefined ? undefined : one(value));

const NEVER: readonly [] = [];

/** A test that everything passes, or negated nothing: the tools refuse some of these and turn others into their opposite. */
const trivial = (negated: boolean) => (negated ? NEVER : 'any');

const EMPTY_MASKS = new Set(['0', '00:00:00:00:00:00']);

/** `A` or `A/M` */
export const masked: Form = ([value, mask], { negated }) => {
  if (value === undefined) return undefined;
  if (mask !== undefined && EMPTY_MASKS.has(mask)) return trivial(negated);
  return one(mask === undefined ? value : `${value}/${mask}`);
};

/** `S`, `S:E` or `0:E` */
export const range: Form = ([start, end]) =>
  start === undefined && end === undefined
    ? undefined
    : one(end === undefined || start === end ? start! : `${start ?? '0'}:${end}`);

/** As `range`, of 16-bit ports. iptables 1.8.9 compiles `! --sport 0:65535` to a match of every packet. */
export const portRange: Form = (parts, context) => {
  const [start = '0', end] = parts;
  return start === '0' && end === '65535' ? trivial(context.negated) : range(parts, context);
};

/** `F-T`; a missing end is the start. */
export const span: Form = ([from, to]) => (from === undefined ? undefined : one(`${from}-${to ?? from}`));

/** No argument: `true` asks for the test, `false` for none. */
export const flag: Form = ([value]) =>
  value === undefined ? undefined : value === 'false' ? 'any' : [{ args: [] }];

/** `T` or `T/C` */
export const typeAndCode: Form = ([type, code]) =>
  type === undefined ? undefined : one(code === undefined ? type : `${type}/${code}`);

/** As `typeAndCode`. To iptables 255 is any type, so the octets themselves are compared (iptables-extensions(8), u32). */
export const icmpTypeAndCode: Form = ([type, code], context) => {
  if (type !== '255') return typeAndCode([type, code], context);
  const octets = code === undefined ? `24=${type}` : `16=${Number(type) * 256 + Number(code)}`;
  return [{ instead: { module: 'u32', option: '--u32' }, args: [`0>>22&0x3C@0>>${octets}`] }];
};

type Bounds = readonly [first: number, last: number];

/** A missing start is 0, a missing end the start, everything where nothing is given. */
function boundsOf(start: string | undefined, end: string | undefined): Bounds {
  if (start === undefined && end === undefined) return [0, 255];
  return [Number(start ?? 0), Number(end ?? start)];
}

/** What of 0–255 lies outside. */
function outside([first, last]: Bounds): readonly Bounds[] {
  const both: readonly Bounds[] = [
    [0, first - 1],
    [last + 1, 255],
  ];
  return both.filter(([from, to]) => from <= to);
}

/**
 * `T1:T2/C1:C2`. Negated, as the ranges of what is neither the type nor the code: one `!` would stand for both, and
 * ebtables would ask for a type outside 0–255 where only a code is given.
 */
export const typeAndCodeRanges: Form = ([type, typeEnd, code, codeEnd], { negated }) => {
  const [hasType, hasCode] = [type ?? typeEnd, code ?? codeEnd].map((part) => part !== undefined);
  if (!hasType && !hasCode) return undefined;
  const [types, codes] = [boundsOf(type, typeEnd), boundsOf(code, codeEnd)];
  const typeRanges = negated && hasType ? outside(types) : [types];
  const codeRanges = negated && hasCode ? outside(codes) : [codes];
  return typeRanges.flatMap((t) => codeRanges.flatMap((c) => one(`${t.join(':')}/${c.join(':')}`)));
};

/**
 * `MASK FLAGS` as two arguments. Flags that are not looked at are never set; iptables 1.8.9 compiles an empty mask to a
 * match of every packet.
 */
export const maskAndFlags: Form = ([both], { negated }) => {
  const [mask, flags] = both?.split('/') ?? [];
  if (mask === undefined || flags === undefined) return undefined;
  if (mask !== 'NONE') return one(mask, flags);
  return trivial(flags === 'NONE' ? negated : !negated);
};

/** `NAME flags`, source and destination changing places for the other direction; no flags means `src`. */
export const setAndFlags: Form = ([name, flags], { mirrored }) => {
  if (name === undefined) return undefined;
  const turned = (flags ?? 'src')
    .split(',')
    .map((word) => (mirrored ? (word === 'src' ? 'dst' : 'src') : word));
  return one(name, turned.join(','));
};

/**
 * A DSCP as values of the whole TOS octet, which is all ebtables compares: the four settings of the ECN bits, or, negated,
 * every octet with another DSCP. libvirt hands the bare number over, which matches another DSCP (docs/differences.md).
 */
export const tosOfDscp: Form = ([dscp], { negated }) => {
  if (dscp === undefined) return undefined;
  return Array.from({ length: 256 }, (_, tos) => tos)
    .filter((tos) => (tos >> 2 === Number(dscp)) !== negated)
    .map((tos) => ({ args: [`0x${tos.toString(16).padStart(2, '0')}`] }));
};
