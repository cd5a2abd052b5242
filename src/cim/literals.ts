/** Typed values as the texts that CIM-XML and MOF hold: numbers decimal, octets with their length in front (DSP0004, OctetString). */
import { versionOf } from './encode.js';
import {
  type CimValue,
  type Instance,
  isInstance,
  isObjectPath,
  type ObjectPath,
  type Scalar,
} from './instance.js';
import { type IpVersion, octetsOf, octetsWithLength } from './octets.js';
import type { PropertyRow } from './rows.js';
import { formatScalar } from './scalars.js';
import { classRow, propertiesOf } from './schema.js';

/** A property that is not null. */
export interface Literal {
  readonly row: PropertyRow;
  readonly value: string | readonly string[] | ObjectPath;
}

/** Every property of the instance that has a value, inherited ones first. Errors: CLASS_NOT_FOUND. */
export function literalsOf(instance: Instance): readonly Literal[] {
  const version = versionOf(instance);
  // libvirt-cim writes octets without their length, and reads them so.
  const write = instance.className.startsWith('KVM_') ? octetsOf : octetsWithLength;
  return propertiesOf(classRow(instance.className)).flatMap((row) => {
    const value = instance.properties.get(row.name);
    return value === undefined || isInstance(value)
      ? []
      : [{ row, value: literal(row, value, version, write) }];
  });
}

function literal(
  row: PropertyRow,
  value: Exclude<CimValue, Instance>,
  version: IpVersion,
  write: typeof octetsOf,
): Literal['value'] {
  if (isObjectPath(value)) return value;
  if (row.octets) return write(row.octets, String(value), version).map(String);
  if (Array.isArray(value)) return value.map(formatScalar);
  return formatScalar(value as Scalar);
}
