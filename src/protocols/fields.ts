/** Groups of attributes and tests that several protocols share. */
import * as type from './datatypes.js';
import * as form from './forms.js';
import type { AttributeSpec, Datatype, Mirror, TestSpec } from './types.js';

/** Attributes and the tests they make, kept together so that a row cannot lose its other half. */
export interface Fields {
  readonly attributes: readonly AttributeSpec[];
  readonly tests: readonly TestSpec[];
}

export const same: Mirror = { kind: 'same' };
export const swap = (option: string): Mirror => ({ kind: 'swap', option });

/** Joins groups; attributes and tests keep the order of the groups. */
export function fields(...groups: readonly Fields[]): Fields {
  return { attributes: groups.flatMap((g) => g.attributes), tests: groups.flatMap((g) => g.tests) };
}

/** One attribute that makes one test by itself. */
export function field(
  name: string,
  datatype: Datatype,
  option: string,
  about: string,
  mirror: Mirror = same,
): Fields {
  return {
    attributes: [{ name, type: datatype, about }],
    tests: [{ option, mirror, parts: [name], form: form.single }],
  };
}

const rangeOf = (from: string, to: string) => ({
  parts: [from, to],
  ascending: [[from, to] as const],
  form: form.range,
});

/** The fields with a value of their tests' first part that the host tools cannot be asked for. */
export function unspeakable({ attributes, tests }: Fields, value: string, why: string): Fields {
  return { attributes, tests: tests.map((test) => ({ ...test, cannot: { value, why } })) };
}

/** `NAME` and `NAME-hi` as one range, as the STP fields have them. */
export function rangeField(name: string, datatype: Datatype, option: string, about: string): Fields {
  return {
    attributes: [
      { name, type: datatype, about },
      { name: `${name}-hi`, type: datatype, about: `end of the range that ${name} starts` },
    ],
    tests: [{ option, mirror: same, ...rangeOf(name, `${name}-hi`) }],
  };
}

/** `NAME` with a mask attribute. */
export function maskedField(
  name: string,
  mask: string,
  types: readonly [Datatype, Datatype],
  option: string,
  about: string,
  mirror: Mirror = same,
): Fields {
  return {
    attributes: [
      { name, type: types[0], about },
      { name: mask, type: types[1], about: `mask of ${name}` },
    ],
    tests: [{ option, mirror, parts: [name, mask], form: form.masked }],
  };
}

const macPair = [type.mac, type.macMask] as const;

export const sourceMac = maskedField(
  'srcmacaddr',
  'srcmacmask',
  macPair,
  '-s',
  "the frame's source MAC",
  swap('-d'),
);
const destinationMac = maskedField(
  'dstmacaddr',
  'dstmacmask',
  macPair,
  '-d',
  "the frame's destination MAC",
  swap('-s'),
);

/** Both MAC addresses with masks: every Ethernet protocol but STP. */
export const macs = fields(sourceMac, destinationMac);

/** Every protocol may carry a comment; only iptables and ip6tables rules show it. */
export const comment: Fields = {
  attributes: [
    {
      name: 'comment',
      type: type.comment,
      role: 'comment',
      about: 'a note, shown in iptables and ip6tables rules',
    },
  ],
  tests: [],
};

interface PortOptions {
  readonly source: string;
  readonly destination: string;
}

/** Source and destination ports as ranges. */
export function ports({ source, destination }: PortOptions): Fields {
  const attribute = (name: string, about: string): AttributeSpec => ({ name, type: type.u16, about });
  return {
    attributes: [
      attribute('srcportstart', 'source port, or the first of a range'),
      attribute('srcportend', 'last source port of the range'),
      attribute('dstportstart', 'destination port, or the first of a range'),
      attribute('dstportend', 'last destination port of the range'),
    ],
    tests: [
      {
        option: source,
        mirror: swap(destination),
        ...rangeOf('srcportstart', 'srcportend'),
        form: form.portRange,
      },
      {
        option: destination,
        mirror: swap(source),
        ...rangeOf('dstportstart', 'dstportend'),
        form: form.portRange,
      },
    ],
  };
}
