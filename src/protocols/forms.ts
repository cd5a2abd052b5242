/** The few ways in which attributes combine into the arguments of one option. See `Form` in types.ts. */
import type { Form } from './types.js';

const one = (...args: string[]) => [{ args }];

/** `A` */
export const single: Form = ([value]) => (value === undefined ? undefined : one(value));

/** `A` or `A/M` */
export const masked: Form = ([value, mask]) =>
  value === undefined ? undefined : one(mask === undefined ? value : `${value}/${mask}`);

/** `S`, `S:E` or `0:E` */
export const range: Form = ([start, end]) =>
  start === undefined && end === undefined
    ? undefined
    : one(end === undefined || start === end ? start! : `${start ?? '0'}:${end}`);

/** `F-T`; a missing end is the start. */
export const span: Form = ([from, to]) => (from === undefined ? undefined : one(`${from}-${to ?? from}`));

/** No argument: `true` asks for the test, `false` for none. */
export const flag: Form = ([value]) =>
  value === undefined ? undefined : value === 'false' ? 'any' : [{ args: [] }];

/** `T` or `T/C` */
export const typeAndCode: Form = ([type, code]) =>
  type === undefined ? undefined : one(code === undefined ? type : `${type}/${code}`);

/** `T1:T2/C1:C2`: a missing start is 0, a missing end the start, 255 where nothing is given. */
export const typeAndCodeRanges: Form = ([type, typeEnd, code, codeEnd]) => {
  const bounds = (start: string | undefined, end: string | undefined) =>
    start === undefined && end === undefined ? '0:255' : `${start ?? '0'}:${end ?? start}`;
  return [type, typeEnd, code, codeEnd].every((part) => part === undefined)
    ? undefined
    : one(`${bounds(type, typeEnd)}/${bounds(code, codeEnd)}`);
};

/** `MASK FLAGS` as two arguments. */
export const maskAndFlags: Form = ([flags]) => (flags === undefined ? undefined : one(...flags.split('/')));

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
