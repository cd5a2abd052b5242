/** The CIM object manager over a gateway: see Objects. */
import type { Instance, ObjectPath } from '../cim/instance.js';
import { pathOfInstance } from '../cim/path.js';
import { classRow, findMethod, namespaceName } from '../cim/schema.js';
import type { Caller } from '../model/caller.js';
import { fail } from '../model/errors.js';
import { printable } from '../model/names.js';
import type { Gateway } from './api.js';
import { watchObjects } from './object-watch.js';
import type { Objects } from './objects.js';
import { createApplied, modifyApplied, removeApplied } from './objects-applied.js';
import { associators, references } from './objects-associations.js';
import { concreteClass, withoutMomentary } from './objects-check.js';
import { createEntry, modifyEntry, removeEntry } from './objects-entries.js';
import { filterObjects, type Mapping } from './objects-filters.js';
import { createList, modifyList, removeList } from './objects-lists.js';
import {
  createMembership,
  createReference,
  modifyReference,
  moveEntry,
  removeReference,
} from './objects-members.js';
import { callMethod } from './objects-methods.js';
import { enumerate, get } from './objects-read.js';
import { removeSubscription } from './objects-subscriptions.js';
import type { ObjectOptions, ObjectWorld } from './objects-world.js';

/** What can be written of a class; what is not there is refused with READ_ONLY. */
interface Writer {
  readonly create?: (world: ObjectWorld, wanted: Instance, by: Caller) => Promise<ObjectPath>;
  readonly modify?: (world: ObjectWorld, existing: Instance, wanted: Instance, by: Caller) => Promise<void>;
  readonly remove?: (world: ObjectWorld, existing: Instance, by: Caller) => Promise<void>;
}

const entry: Writer = { create: createEntry, modify: modifyEntry, remove: removeEntry };

const WRITERS: Readonly<Record<string, Writer>> = {
  NWG_FilterList: { create: createList, modify: modifyList, remove: removeList },
  NWG_Hdr8021Filter: entry,
  NWG_IPHeadersFilter: entry,
  NWG_ARPFilter: entry,
  NWG_STPFilter: entry,
  NWG_AnyFilter: entry,
  NWG_EntriesInFilterList: { create: createMembership, modify: moveEntry },
  NWG_NestedFilterList: { create: createReference, modify: modifyReference, remove: removeReference },
  NWG_AppliedFilterList: { create: createApplied, modify: modifyApplied, remove: removeApplied },
  CIM_IndicationSubscription: { remove: removeSubscription },
};

/** The objects of a gateway. What of them is rules is made by `mapping`, once per state of a filter. */
export function objectManager(gateway: Gateway, mapping: Mapping, options: ObjectOptions): Objects {
  const objectsOf = filterObjects(mapping, options.isBuiltIn ?? (() => false));
  const world: ObjectWorld = { gateway, mapping, options, objectsOf, subscribers: new Set() };

  return {
    watch: watchObjects(world, options.unseen ?? (() => undefined)),
    get: (path) => get(world, path),
    enumerate: (namespace, className) => enumerate(world, namespace, className),
    associators: (path, query) => associators(world, path, query),
    references: (path, query) => references(world, path, query),
    pathOf: pathOfInstance,

    async modify(path, wanted, by) {
      const existing = await get(world, path);
      await may('modify', existing.className)(world, existing, wanted, by);
      return get(world, path);
    },
    async create(namespace, wanted, by) {
      const { name } = concreteClass(namespaceName(namespace), wanted.className);
      return may('create', name)(world, withoutMomentary({ ...wanted, className: name }), by);
    },
    async remove(path, by) {
      const existing = await get(world, path);
      await may('remove', existing.className)(world, existing, by);
    },

    async invoke(path, name, parameters, by) {
      const { className } = await get(world, path);
      const method = findMethod(classRow(className), name);
      if (!method) throw fail('METHOD_NOT_FOUND', `${className} has no method ${printable(name)}`);
      return callMethod(world, method, parameters, by);
    },
  };
}

const SAID = { create: 'created', modify: 'modified', remove: 'deleted' } as const;

function may<K extends keyof Writer>(what: K, className: string): NonNullable<Writer[K]> {
  const write = WRITERS[className]?.[what];
  if (!write) throw fail('READ_ONLY', `instances of ${className} cannot be ${SAID[what]}`);
  return write;
}
