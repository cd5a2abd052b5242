/** CIM instances and object paths as values. Source: DSP0004 §5 (types), §8.2 (object paths). */

/** uint8…uint32 and sint8…sint32 are numbers, 64-bit integers bigints, datetime and octet text strings. */
export type Scalar = string | number | bigint | boolean;

/**
 * Null properties are absent from an instance. Octet properties hold canonical text; encode.ts makes octets of it. Only
 * indications hold instances.
 */
export type CimValue = Scalar | ObjectPath | Instance | readonly Scalar[];

export interface Instance {
  readonly className: string;
  /** By name as the class declares it. */
  readonly properties: ReadonlyMap<string, CimValue>;
}

export interface ObjectPath {
  readonly namespace: string;
  readonly className: string;
  /** Key names are compared without case. */
  readonly keys: ReadonlyMap<string, string | ObjectPath>;
}

export function isObjectPath(value: CimValue | undefined): value is ObjectPath {
  return typeof value === 'object' && !Array.isArray(value) && 'keys' in value;
}

/** True for an embedded instance. */
export function isInstance(value: CimValue | undefined): value is Instance {
  return typeof value === 'object' && !Array.isArray(value) && 'properties' in value;
}
