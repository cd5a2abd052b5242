/** MOF instances in: aliases become object paths, text paths too. Source: DSP0004 §7.7 (instances, aliases), §8.2.5 (paths). */
import { Buffer } from 'node:buffer';
import { fail } from '../model/errors.js';
import type { Element } from '../xml/element.js';
import { LIMITS } from '../xml/parse.js';
import type { ObjectPath } from './instance.js';
import {
  classNameOf,
  instanceElements,
  type LooseInstance,
  type LooseProperty,
  type LooseValue,
} from './loose.js';
import { type MofInstance, type MofValue, parseMof } from './mof-grammar.js';
import { parsePath } from './path-text.js';
import { findClass, findProperty, keysOf } from './schema.js';

/**
 * The instances of a document as `decodeInstances` takes them. Errors: MOF_MALFORMED with the place; SCHEMA for includes and
 * declarations; LIMIT; those of `instanceElements`.
 */
export function mofInstances(document: string): readonly Element[] {
  if (Buffer.byteLength(document) > LIMITS.size)
    throw fail('LIMIT', `the document has more than ${LIMITS.size} octets`);
  const found = parseMof(document.replace(/^\ufeff/, ''));
  const byAlias = new Map<string, MofInstance>();
  for (const instance of found) {
    const name = instance.alias?.toLowerCase();
    if (name === undefined) continue;
    if (byAlias.has(name)) throw fail('MOF_MALFORMED', `${instance.alias} is there twice`, instance.at);
    byAlias.set(name, instance);
  }
  const meaning = (value: MofValue): LooseValue => {
    if (value === null || typeof value === 'string' || !('alias' in value)) return value;
    const meant = byAlias.get(value.alias.toLowerCase());
    if (!meant) throw fail('MOF_MALFORMED', `no instance has the alias ${value.alias}`, value.at);
    return pathOf(meant);
  };
  const loose = found.map(({ className, properties, namespace, at }): LooseInstance => {
    const resolved = properties.map((each): LooseProperty => {
      const value = meaning(each.value);
      const row = findClass(className);
      const refers = row && findProperty(row, each.name)?.type === 'reference';
      return { ...each, value: refers && typeof value === 'string' ? parsePath(value, namespace) : value };
    });
    return { className, properties: resolved, at };
  });
  return instanceElements(loose);
}

/** Of its class's keys those that it has; the mapping says what it needs. */
function pathOf({ className, namespace, properties }: MofInstance): ObjectPath {
  const row = findClass(className);
  const keys = new Map(
    (row ? keysOf(row) : []).flatMap(({ name }) => {
      const value = properties.find((each) => each.name.toLowerCase() === name.toLowerCase())?.value;
      return typeof value === 'string' ? [[name, value] as const] : [];
    }),
  );
  return { namespace, className: classNameOf(className), keys };
}
