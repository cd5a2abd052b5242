/** Which keys must be sent to name an instance. Source: DSP0227 §5.3; what this host alone decides is not asked for. */
import type { ObjectPath } from './instance.js';
import type { ClassRow } from './rows.js';
import { extentClasses, keysOf, namespaceName, perClass } from './schema.js';

/** Equal for every instance of this host, or told by the class: AMT-style clients send one selector only. */
const IMPLIED = ['creationclassname', 'systemcreationclassname', 'systemname'];

/** Classes with one instance each: all their keys may be left out. */
const SINGLETONS = ['NWG_FilterService', 'NWG_HostSystem', 'CIM_RegisteredProfile'];

export interface KeyFaults {
  readonly missing: readonly string[];
  readonly unexpected: readonly string[];
}

/** What is wrong with a path's keys for a class; the path may hold fewer keys than the class has. */
export function keyFaults(row: ClassRow, path: ObjectPath): KeyFaults {
  const { all, needed } = namesOf(row);
  const classes = extentClasses(namespaceName(path.namespace), row);
  const single = classes.length === 1 && SINGLETONS.includes(classes[0]!.name);
  const given = [...path.keys.keys()];
  const there = new Set(given.map((name) => name.toLowerCase()));
  return {
    missing: single ? [] : needed.filter((name) => !there.has(name.toLowerCase())),
    unexpected: given.filter((name) => !all.has(name.toLowerCase())),
  };
}

/** Names of a class's keys: all of them in lower case, and those that must be sent. */
const namesOf = perClass((row) => {
  const names = keysOf(row).map(({ name }) => name);
  return {
    all: new Set(names.map((name) => name.toLowerCase())),
    needed: names.filter((name) => !IMPLIED.includes(name.toLowerCase())),
  };
});
