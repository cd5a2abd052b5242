/** Walks along associations, and how much is read for them. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import type { AssociationQuery, Found } from '../../src/app/objects.js';
import type { ObjectPath } from '../../src/cim/instance.js';
import { formatPath, keyValue, pathOfInstance } from '../../src/cim/path.js';
import {
  filterService,
  hostKeys,
  hostSystem,
  instance,
  listPath,
  portPath,
  registeredProfile,
} from '../../src/cim/views.js';
import { all, bindingOf, fakeGateway, filter, HOST, reference, rule, world } from './objects-world.js';

const FILTERS = [
  filter('no-smtp', rule('r1', 'tcp', { dstportstart: '25' }), rule('r2', undefined, {})),
  filter('web', rule('r3', 'icmp', { type: '8' }), reference('no-smtp')),
  filter('empty'),
];

function make() {
  const bindings = [bindingOf('vnet0', 'web'), bindingOf('vnet1', 'web')];
  return world(fakeGateway(FILTERS, { bindings }));
}
type World = ReturnType<typeof make>;

const PROFILE = pathOfInstance('root/interop', registeredProfile());
const SERVICE = pathOfInstance('', filterService(HOST));
const SYSTEM = pathOfInstance('', hostSystem(HOST));

async function list(found: AsyncIterable<Found>): Promise<readonly Found[]> {
  const result: Found[] = [];
  for await (const each of found) result.push(each);
  return result;
}

const labelOf = (path: ObjectPath) =>
  String(keyValue(path, 'Name') ?? keyValue(path, 'DeviceID') ?? keyValue(path, 'InstanceID'));

/** Class and own name of each associated object. */
async function around(w: World, path: ObjectPath, query: AssociationQuery = {}): Promise<readonly string[]> {
  const found = await list(w.objects.associators(path, query));
  return found.map(({ instance, path: each }) => `${instance.className} ${labelOf(each)}`).sort();
}

describe('associators', () => {
  it('of a list are its entries, references, ports and host', async () => {
    expect(await around(make(), listPath(HOST, 'web'))).toEqual([
      'NWG_FilterList no-smtp',
      `NWG_HostSystem ${HOST}`,
      'NWG_IPHeadersFilter web:r3',
      'NWG_NetworkPort vnet0',
      'NWG_NetworkPort vnet1',
    ]);
  });

  it.each<[AssociationQuery, readonly string[]]>([
    [{ associationClass: 'CIM_EntriesInFilterList' }, ['NWG_IPHeadersFilter web:r3']],
    [{ associationClass: 'CIM_Component' }, ['NWG_IPHeadersFilter web:r3']],
    [{ resultClass: 'CIM_FilterEntryBase' }, ['NWG_IPHeadersFilter web:r3']],
    [{ resultClass: 'NWG_ARPFilter' }, []],
    [{ resultClass: 'cim_networkport' }, ['NWG_NetworkPort vnet0', 'NWG_NetworkPort vnet1']],
    [{ role: 'groupcomponent' }, ['NWG_IPHeadersFilter web:r3']],
    [{ role: 'Dependent' }, ['NWG_FilterList no-smtp', `NWG_HostSystem ${HOST}`]],
    [{ resultRole: 'Antecedent', resultClass: 'CIM_FilterList' }, ['NWG_FilterList no-smtp']],
    [{ role: 'Antecedent', associationClass: 'NWG_NestedFilterList' }, []],
  ])('are narrowed by %j', async (query, expected) => {
    expect(await around(make(), listPath(HOST, 'web'), query)).toEqual(expected);
  });

  it('find who refers to a list', async () => {
    expect(
      await around(make(), listPath(HOST, 'no-smtp'), { associationClass: 'NWG_NestedFilterList' }),
    ).toEqual(['NWG_FilterList web']);
  });

  it('of an entry are its list and the host', async () => {
    const w = make();
    const [entry] = await all(w.objects.enumerate('', 'NWG_AnyFilter'));
    expect(await around(w, w.objects.pathOf('', entry!))).toEqual([
      'NWG_FilterList no-smtp',
      `NWG_HostSystem ${HOST}`,
    ]);
  });

  it('of a port are its filter and the host', async () => {
    expect(await around(make(), portPath(HOST, 'vnet0'))).toEqual([
      'NWG_FilterList web',
      `NWG_HostSystem ${HOST}`,
    ]);
  });

  it('take a superclass with all keys for the object, and fail for one that is not there', async () => {
    const w = make();
    const base = { ...listPath(HOST, 'web'), className: 'CIM_FilterList' };
    expect(await around(w, base, { resultClass: 'CIM_FilterEntryBase' })).toHaveLength(1);
    await expect(around(w, listPath(HOST, 'nothing'))).rejects.toMatchObject({ code: 'INSTANCE_NOT_FOUND' });
    await expect(around(w, SYSTEM, { resultClass: 'CIM_Nonsense' })).rejects.toMatchObject({
      code: 'CIM_QUERY',
    });
  });

  it('of a list touch no other filter', async () => {
    const w = make();
    await around(w, listPath(HOST, 'web'), { resultClass: 'CIM_FilterEntryBase' });
    expect(w.mapping.runs).toEqual(['web']);
  });

  it('are read while they are taken', async () => {
    const many = Array.from({ length: 50 }, (_, n) => filter(`f${n}`, rule('r', undefined, {})));
    const w = world(fakeGateway(many));
    for await (const each of w.objects.associators(SYSTEM, { resultClass: 'CIM_FilterEntryBase' })) {
      expect(each.instance.className).toBe('NWG_AnyFilter');
      break;
    }
    expect(w.mapping.runs.length).toBeLessThanOrEqual(10);
  });
});

describe('what is read', () => {
  const LISTS = 10_000;
  const many = () => {
    const rules = Array.from({ length: 10 }, (_, n) => rule(`r${n}`, undefined, {}));
    return world(fakeGateway(Array.from({ length: LISTS }, (_, n) => filter(`f${n}`, ...rules))));
  };
  const entryPath = (w: World, name: string) =>
    w.objects.pathOf('', instance('NWG_AnyFilter', { ...hostKeys(HOST, 'NWG_AnyFilter'), Name: name }));

  it('for one entry is its filter, and nothing when it is asked for again', async () => {
    const w = many();
    await w.objects.get(entryPath(w, 'f7:r3'));
    expect(w.mapping.runs).toEqual(['f7']);
    for (const id of ['r3', 'r4', 'r3']) await w.objects.get(entryPath(w, `f7:${id}`));
    expect(w.mapping.runs).toEqual(['f7']);
  });

  it('for the first of a hundred thousand entries is one filter, and eight ahead', async () => {
    const w = many();
    for await (const first of w.objects.enumerate('', 'CIM_FilterEntryBase')) {
      expect(first.className).toBe('NWG_AnyFilter');
      break;
    }
    expect(w.mapping.runs.length).toBeLessThanOrEqual(9);
  });

  it('for a hundred thousand entries is each filter once, and does not stay in memory', async () => {
    const w = many();
    const heap = () => {
      setFlagsFromString('--expose-gc');
      runInNewContext('gc')();
      return process.memoryUsage().rss;
    };
    let count = 0;
    let before = 0;
    for await (const _ of w.objects.enumerate('', 'NWG_AnyFilter')) {
      count += 1;
      // As many as are kept on purpose.
      if (count === 40_000) before = heap();
    }
    expect([count, w.mapping.runs.length]).toEqual([10 * LISTS, LISTS]);
    expect(heap() - before).toBeLessThan(100 * 1024 * 1024);
  }, 120_000);
});

describe('references', () => {
  it('are the associations themselves, with paths that lead to them', async () => {
    const w = make();
    const found = await list(w.objects.references(listPath(HOST, 'web'), {}));
    expect(found.map(({ instance }) => instance.className).sort()).toEqual([
      'NWG_AppliedFilterList',
      'NWG_AppliedFilterList',
      'NWG_EntriesInFilterList',
      'NWG_HostedFilterList',
      'NWG_NestedFilterList',
    ]);
    for (const { path, instance } of found) expect(await w.objects.get(path)).toEqual(instance);
    const applied = { associationClass: 'NWG_AppliedFilterList', role: 'Dependent' };
    expect(await list(w.objects.references(listPath(HOST, 'web'), applied))).toEqual([]);
  });
});

describe('the profile', () => {
  it('leads, by associations alone, from the interop namespace to every object there is', async () => {
    const w = make();
    const seen = new Map<string, Found>();
    const waiting: ObjectPath[] = [PROFILE];
    for (let path = waiting.pop(); path; path = waiting.pop()) {
      for (const found of await list(w.objects.associators(path, {}))) {
        const name = formatPath(found.path);
        if (seen.has(name)) continue;
        seen.set(name, found);
        waiting.push(found.path);
      }
    }
    const everything = await all(w.objects.enumerate('', 'CIM_ManagedElement'));
    expect(everything.length).toBeGreaterThan(7);
    const missing = everything
      .map((each) => formatPath(pathOfInstance('', each)))
      .filter((name) => !seen.has(name));
    expect(missing).toEqual([]);
  });

  it('is one step from the service, which is one step from the host', async () => {
    const w = make();
    expect(await around(w, PROFILE, { associationClass: 'CIM_ElementConformsToProfile' })).toEqual([
      'NWG_FilterService nwgate',
    ]);
    expect(await around(w, SERVICE)).toEqual([
      'CIM_RegisteredProfile nwgate:NetworkFilters',
      `NWG_HostSystem ${HOST}`,
    ]);
    expect(await around(w, SYSTEM, { associationClass: 'CIM_SystemDevice' })).toEqual([
      'NWG_NetworkPort vnet0',
      'NWG_NetworkPort vnet1',
    ]);
  });
});
