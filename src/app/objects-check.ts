/** What a write asks for, held against the class and against what is there. */

import { GENERATION } from '../cim/generation.js';
import { type CimValue, type Instance, isObjectPath } from '../cim/instance.js';
import { sameKey } from '../cim/path.js';
import type { ClassRow } from '../cim/rows.js';
import {
  classRow,
  extentClasses,
  findProperty,
  isA,
  keysOf,
  propertiesOf,
  servedClass,
} from '../cim/schema.js';
import { hiddenConstraints } from '../cim/widening.js';
import { type Fault, fail, throwIfAny } from '../model/errors.js';

/** The order of these arrays says nothing, or is a pairing that is kept anyway. */
const UNORDERED = ['ConnectionStates', 'NegatedProperties', 'VariableProperties', 'VariableExpressions'];

/** The class that a new instance of `className` gets: itself or its only subclass with instances. Errors: CLASS_NOT_FOUND, READ_ONLY. */
export function concreteClass(namespace: string, className: string): ClassRow {
  const row = servedClass(namespace, className);
  const made = extentClasses(namespace, row);
  if (made.length > 1 && made[0] !== row)
    throw fail(
      'READ_ONLY',
      `${row.name} is not created itself: create ${made.map((c) => c.name).join(' or ')}`,
    );
  return made[0]!;
}

/** Refuses properties outside `allowed` and the keys. Errors, all at once: CIM_PROPERTY. */
export function refuseOthers(row: ClassRow, wanted: Instance, allowed: readonly string[]): void {
  const faults = [...wanted.properties.keys()]
    .filter((name) => !allowed.includes(name) && !findProperty(row, name)?.key)
    .map(
      (attribute): Fault => ({
        code: 'CIM_PROPERTY',
        message: `${row.name} does not take ${attribute}`,
        where: { attribute },
      }),
    );
  throwIfAny(faults);
}

/** Errors, all at once: CIM_PROPERTY for properties without which there is no instance. */
export function requireAll(row: ClassRow, wanted: Instance): void {
  const lacking = propertiesOf(row).filter((p) => p.required && !p.key && !wanted.properties.has(p.name));
  throwIfAny(
    lacking.map(
      ({ name }): Fault => ({
        code: 'CIM_PROPERTY',
        message: `${row.name} needs ${name}`,
        where: { attribute: name },
      }),
    ),
  );
}

/**
 * Refuses a write of what has changed since it was read; one that names no Generation is not compared. `now` is the instance
 * in the state that is about to be replaced. Errors: STALE.
 */
export function refuseStale(wanted: Instance, now: Instance | undefined): void {
  const said = wanted.properties.get(GENERATION);
  const present = now?.properties.get(GENERATION);
  if (said !== undefined && said !== present)
    throw fail('STALE', `it was changed since it was read as generation ${String(said)}: read it again`);
}

/** The instance without what no write sets. */
export function withoutMomentary({ className, properties }: Instance): Instance {
  const row = classRow(className);
  const kept = [...properties].filter(([name]) => !findProperty(row, name)?.momentary);
  return { className, properties: new Map(kept) };
}

/**
 * What `existing` becomes when `wanted` replaces it: the writable properties are those of `wanted`, absent ones null; the
 * others stay. Written through a base class, what that class does not have stays too, unless that is a constraint of a rule:
 * then the writer did not know what it matches. Errors, all at once: READ_ONLY; CIM_PROPERTY (another class), WIDENING.
 */
export function replacement(present: Instance, written: Instance, writable: readonly string[]): Instance {
  if (!isA(present.className, written.className))
    throw fail(
      'CIM_PROPERTY',
      `${written.className || 'this'} is not the class of the instance, ${present.className}`,
    );
  const [existing, wanted] = [withoutMomentary(present), withoutMomentary(written)];
  const row = classRow(existing.className);
  const view = classRow(wanted.className);
  const hidden = isA(row.name, 'CIM_FilterEntryBase') ? hiddenConstraints(existing, view) : [];
  if (hidden.length > 0)
    throw fail('WIDENING', `${view.name} does not show ${hidden.join(', ')}: write it as ${row.name}`);

  const faults: Fault[] = [];
  for (const [name, value] of wanted.properties) {
    if (writable.includes(name) || sameValue(name, value, existing.properties.get(name))) continue;
    faults.push({
      code: 'READ_ONLY',
      message: `${row.name}.${name} cannot be written`,
      where: { attribute: name },
    });
  }
  throwIfAny(faults);
  const visible = new Set(propertiesOf(view).map(({ name }) => name));
  const stays = [...existing.properties].filter(([name]) => !visible.has(name) || !writable.includes(name));
  const comes = [...wanted.properties].filter(([name]) => writable.includes(name));
  return { className: row.name, properties: new Map([...stays, ...comes]) };
}

/** Fills in what a null property of the class means. */
export function withInitials(instance: Instance): Instance {
  const initials = propertiesOf(classRow(instance.className)).flatMap(({ name, initial }) =>
    initial === undefined ? [] : [[name, initial] as const],
  );
  return { ...instance, properties: new Map([...initials, ...instance.properties]) };
}

/**
 * Refuses a write of which something got lost: `shown` is what the new state looks like. `except`: what is known to turn into
 * something else. Errors, all at once: CIM_PROPERTY.
 */
export function refuseLoss(wanted: Instance, shown: Instance, except: readonly string[] = []): void {
  const keys = keysOf(classRow(wanted.className)).map(({ name }) => name);
  const lost = [...wanted.properties].filter(
    ([name, value]) =>
      !keys.includes(name) && !except.includes(name) && !sameValue(name, value, shown.properties.get(name)),
  );
  throwIfAny(
    lost.map(
      ([attribute, value]): Fault => ({
        code: 'CIM_PROPERTY',
        message: `${attribute} "${isObjectPath(value) ? '…' : String(value)}" cannot be held beside the rest`,
        where: { attribute },
      }),
    ),
  );
}

function sameValue(name: string, a: CimValue, b: CimValue | undefined): boolean {
  if (b === undefined) return false;
  if (isObjectPath(a) || isObjectPath(b))
    return sameKey(name, isObjectPath(a) ? a : String(a), isObjectPath(b) ? b : String(b));
  return comparable(name, a) === comparable(name, b);
}

function comparable(name: string, value: CimValue): string {
  const list = Array.isArray(value) ? value.map(String) : [String(value)];
  return JSON.stringify(UNORDERED.includes(name) ? [...list].sort() : list);
}
