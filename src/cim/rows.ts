/** The shape of the class tables. Source: DSP0004 §5.1 (classes, properties, methods, qualifiers). */

export type CimType =
  | 'string'
  | 'boolean'
  | 'uint8'
  | 'uint16'
  | 'uint32'
  | 'uint64'
  | 'sint8'
  | 'sint16'
  | 'sint32'
  | 'sint64'
  | 'datetime'
  | 'reference'
  /** A string that is an embedded instance of some class (EmbeddedObject). */
  | 'instance';

/** What the octets of a `uint8[]` with the OctetString qualifier mean; decides size and canonical text. */
export type OctetKind = 'mac' | 'macmask' | 'address' | 'mask' | 'flowlabel';

export interface PropertyRow {
  readonly name: string;
  readonly type: CimType;
  readonly array?: boolean;
  readonly key?: boolean;
  /** The value may not be null. */
  readonly required?: boolean;
  /** An OctetString: one value whose canonical text an instance holds. */
  readonly octets?: OctetKind;
  /** Names of the bits of a bit map, from bit 0. */
  readonly bits?: readonly string[];
  /** Names of the numbers of an enumeration (Values by ValueMap). */
  readonly values?: Readonly<Record<number, string>>;
  /** Neutral form writes this array as one comma list of these words, by number. */
  readonly words?: Readonly<Record<number, string>>;
  /** MinValue, MaxValue; for strings `max` is MaxLen. */
  readonly min?: number;
  readonly max?: number;
  /** Class a reference points to. */
  readonly target?: string;
  /** What is meant where the row leaves it out. */
  readonly initial?: string | number | boolean;
  /** Says how things stand and is no part of what is described: no other form has it, and no write sets it. */
  readonly momentary?: boolean;
  /** One clause for MOF and docs. */
  readonly about?: string;
}

export interface MethodRow {
  readonly name: string;
  readonly about: string;
  readonly input: readonly PropertyRow[];
  readonly output: readonly PropertyRow[];
}

export interface ClassRow {
  readonly name: string;
  readonly superclass?: string;
  readonly abstract?: boolean;
  readonly association?: boolean;
  /** A kind of event: it is sent to subscribers, and there is nothing to enumerate. */
  readonly indication?: boolean;
  /** CIM namespaces that hold instances of exactly this class; none: only its subclasses have some, or it is read from documents only. */
  readonly namespaces?: readonly string[];
  /** Properties it declares itself; one of an inherited name overrides. */
  readonly properties: readonly PropertyRow[];
  readonly methods?: readonly MethodRow[];
  readonly about: string;
}

type Extra = Omit<PropertyRow, 'name' | 'type' | 'array' | 'octets'>;

/** A property of one value. */
export function property(name: string, type: CimType, extra: Extra = {}): PropertyRow {
  return { name, type, ...extra };
}

export function array(name: string, type: CimType, extra: Extra = {}): PropertyRow {
  return { name, type, array: true, ...extra };
}

/** An OctetString. */
export function octets(name: string, kind: OctetKind, about: string): PropertyRow {
  return { name, type: 'uint8', array: true, octets: kind, about };
}

export function key(name: string, extra: Extra = {}): PropertyRow {
  return { name, type: 'string', key: true, required: true, max: 256, ...extra };
}

/** What a write must match if it names it: see generation.ts. */
export const GENERATION_ROW: PropertyRow = {
  name: 'Generation',
  type: 'uint64',
  momentary: true,
  about: 'another number when the instance is another; a write that names an old one is refused',
};

/** A key reference of an association. */
export function reference(name: string, target: string): PropertyRow {
  return { name, type: 'reference', key: true, required: true, target };
}
