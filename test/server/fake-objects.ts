/** A small object manager in memory over the real class tables: what the server is tested against. */
import type { Objects, OnIndication } from '../../src/app/objects.js';
import { type CimValue, type Instance, isObjectPath, type ObjectPath } from '../../src/cim/instance.js';
import { pathOfInstance, sameKey, sameObject } from '../../src/cim/path.js';
import { isA, servedClass } from '../../src/cim/schema.js';
import { type Caller, mayActAs } from '../../src/model/caller.js';
import { fail } from '../../src/model/errors.js';

const SYSTEM = { SystemCreationClassName: 'NWG_HostSystem', SystemName: 'host1' };

export function instance(className: string, properties: Readonly<Record<string, CimValue>>): Instance {
  return { className, properties: new Map(Object.entries(properties)) };
}

function named(className: string, Name: string, more: Readonly<Record<string, CimValue>> = {}): Instance {
  return instance(className, { ...SYSTEM, CreationClassName: className, Name, ...more });
}

export function library(): Instance[] {
  const smtp = named('NWG_IPHeadersFilter', 'no-smtp:1a2b', {
    Action: 2,
    Direction: 2,
    Priority: 500,
    HdrIPVersion: 4,
    HdrProtocolID: 6,
    HdrSrcAddress: '10.1.2.0',
    HdrSrcMask: '24',
    HdrDestPortStart: 25,
    HdrDestPortEnd: 25,
    IsNegated: false,
    Description: 'a < b & "c"',
  });
  const spoof = named('NWG_Hdr8021Filter', 'no-mac-spoofing:77aa', {
    Action: 2,
    Direction: 3,
    HdrSrcMACAddr8021: '52:54:00:12:34:56',
  });
  const lists = ['no-smtp', 'no-mac-spoofing', 'clean-traffic'].map((name) => named('NWG_FilterList', name));
  const path = (of: Instance) => pathOfInstance('root/nwgate', of);
  const member = instance('NWG_EntriesInFilterList', {
    GroupComponent: path(lists[0]!),
    PartComponent: path(smtp),
    EntrySequence: 0,
    RuleIndex: 0,
  });
  const service = named('NWG_FilterService', 'nwgate', { Started: true });
  return [...lists, smtp, spoof, member, service];
}

export interface Call {
  readonly method: string;
  readonly parameters: ReadonlyMap<string, CimValue>;
  readonly by: Caller;
}

export interface FakeObjects extends Objects {
  readonly instances: Instance[];
  readonly calls: Call[];
  /** Set by a test: what a method answers, or throws. */
  method: (call: Call) => Promise<Record<string, CimValue>>;
  /** Set by a test: waited for before each item of an enumeration. */
  pace: () => Promise<void>;
  /** Whoever watches: call them to make something happen. */
  readonly listeners: Set<OnIndication>;
  /** Enumerations that were ended before their end. */
  abandoned: number;
}

export function fakeObjects(): FakeObjects {
  const instances = library();
  const find = (path: ObjectPath): Instance => {
    servedClass(path.namespace, path.className);
    const found = instances.find((each) => {
      const { keys } = pathOfInstance(path.namespace, each);
      return (
        isA(each.className, path.className) && [...path.keys].every(([k, v]) => sameKey(k, v, keys.get(k)))
      );
    });
    if (!found) throw fail('INSTANCE_NOT_FOUND', 'no such instance');
    return found;
  };
  const demandAdmin = (by: Caller) => {
    if (!mayActAs(by.role, 'admin')) throw fail('ACCESS_DENIED', `${by.name} may not change this`);
  };
  const fake: FakeObjects = {
    instances,
    calls: [],
    listeners: new Set(),
    method: async () => ({ ReturnValue: 0 }),
    pace: async () => undefined,
    abandoned: 0,
    get: async (path) => find(path),
    async *enumerate(namespace, className) {
      servedClass(namespace, className);
      let done = false;
      try {
        for (const each of [...instances].filter((one) => isA(one.className, className))) {
          await fake.pace();
          yield each;
        }
        done = true;
      } finally {
        if (!done) fake.abandoned += 1;
      }
    },
    async *associators(path, query) {
      const source = pathOfInstance(path.namespace, find(path));
      for await (const { instance: link } of fake.references(path, query))
        for (const value of link.properties.values())
          if (isObjectPath(value) && !sameObject(value, source)) {
            const instance = find(value);
            if (query.resultClass === undefined || isA(instance.className, query.resultClass))
              yield { path: value, instance };
          }
    },
    async *references(path, query) {
      const source = pathOfInstance(path.namespace, find(path));
      for (const each of instances) {
        const ends = [...each.properties.values()].filter(isObjectPath);
        const wanted = query.associationClass === undefined || isA(each.className, query.associationClass);
        if (wanted && ends.some((end) => sameObject(end, source)))
          yield { path: pathOfInstance(path.namespace, each), instance: each };
      }
    },
    watch(listener) {
      fake.listeners.add(listener);
      return () => void fake.listeners.delete(listener);
    },
    pathOf: pathOfInstance,
    async modify(path, written, by) {
      demandAdmin(by);
      const old = find(path);
      const next = { ...old, properties: new Map([...old.properties, ...written.properties]) };
      instances.splice(instances.indexOf(old), 1, next);
      return next;
    },
    async create(namespace, created, by) {
      demandAdmin(by);
      const path = pathOfInstance(namespace, created);
      if (instances.some((each) => sameObject(pathOfInstance(namespace, each), path)))
        throw fail('EXISTS', 'there is one already');
      instances.push(created);
      return path;
    },
    async remove(path, by) {
      demandAdmin(by);
      instances.splice(instances.indexOf(find(path)), 1);
    },
    async invoke(path, method, parameters, by) {
      find(path);
      const call = { method, parameters, by };
      fake.calls.push(call);
      return new Map(Object.entries(await fake.method(call)));
    },
  };
  return fake;
}
