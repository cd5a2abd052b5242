/**
 * Generation of an instance: a number that is another one when the instance is, so that a write can say which state it was
 * read in. Source: CIM schema 2.42, CIM_ManagedElement.Generation. It is made of the content: two states that are equal share
 * it, and nothing has to be stored.
 */
import { createHash } from 'node:crypto';
import { type CimValue, type Instance, isInstance, isObjectPath } from './instance.js';
import { formatPath } from './path.js';

export const GENERATION = 'Generation';

/** As many octets of the hash as every client's numbers hold exactly. */
const OCTETS = 6;

/** The instance with its Generation. */
export function withGeneration(instance: Instance): Instance {
  const properties = new Map(instance.properties).set(GENERATION, generationOf(instance));
  return { ...instance, properties };
}

/** Of the instance without any Generation in it. */
export function generationOf({ className, properties }: Instance): bigint {
  const content = [...properties]
    .filter(([name]) => name !== GENERATION)
    .map(([name, value]) => `${name}=${contentOf(value)}`)
    .sort();
  const hash = createHash('sha256')
    .update(JSON.stringify([className, ...content]))
    .digest();
  return BigInt(hash.readUIntBE(0, OCTETS));
}

function contentOf(value: CimValue): string {
  if (isObjectPath(value)) return formatPath(value);
  if (isInstance(value)) return String(generationOf(value));
  return typeof value === 'object' ? JSON.stringify(value.map(String)) : String(value);
}
