import { describe, expect, it } from 'vitest';
import type { ObjectPath } from '../../src/cim/instance.js';
import { propertiesOf, servedClasses } from '../../src/cim/schema.js';
import { listPath, portPath } from '../../src/cim/views.js';
import { all, changed, fakeGateway, filter, HOST, named, reference, rule, world } from './objects-world.js';

const SMTP = filter(
  'no-smtp',
  rule('r1', 'tcp', { dstportstart: '25', dstportend: '25' }),
  rule('r2', undefined, {}),
);
const WEB = filter('web', reference('no-smtp', { IP: '10.0.0.1' }), rule('r3', 'icmp', { type: '8' }));
const binding = { port: 'vnet0', filter: 'web', mac: '52:54:00:00:00:01', owner: undefined, parameters: [] };
const interfaces = [
  { name: 'vnet0', mac: 'fe:54:00:00:00:01', mtu: 1500, up: true, bridge: 'br0' },
  { name: 'vnet1', mac: 'fe:54:00:00:00:02', mtu: 9000, up: false, bridge: 'br0' },
  { name: 'eth7', mac: '52:54:00:00:00:09', mtu: 1500, up: true, bridge: undefined },
];
const make = () => world(fakeGateway([SMTP, WEB], { bindings: [binding], interfaces }));
const keys = (path: ObjectPath, changes: Record<string, string | undefined>): ObjectPath => {
  const map = new Map(path.keys);
  for (const [name, value] of Object.entries(changes))
    value === undefined ? map.delete(name) : map.set(name, value);
  return { ...path, keys: map };
};

describe('enumerate', () => {
  it('answers the instances of a class', async () => {
    const { objects } = make();
    const lists = await all(objects.enumerate('root/nwgate', 'NWG_FilterList'));
    expect(lists.map((list) => [list.className, named(list)])).toEqual([
      ['NWG_FilterList', 'no-smtp'],
      ['NWG_FilterList', 'web'],
    ]);
  });

  it('answers the subclass instances of a superclass, each in its class', async () => {
    const { objects } = make();
    const entries = await all(objects.enumerate('', 'cim_filterentrybase'));
    expect(entries.map((entry) => [entry.className, named(entry)]).sort()).toEqual([
      ['NWG_AnyFilter', 'no-smtp:r2'],
      ['NWG_IPHeadersFilter', 'no-smtp:r1'],
      ['NWG_IPHeadersFilter', 'web:r3'],
    ]);
    const members = await all(objects.enumerate('', 'CIM_EntriesInFilterList'));
    expect(members.map((m) => [named(m, 'PartComponent'), m.properties.get('RuleIndex')])).toEqual([
      ['no-smtp:r1', 0],
      ['no-smtp:r2', 1],
      ['web:r3', 1],
    ]);
  });

  it('answers ports that are bound or on a bridge, and no others', async () => {
    const { objects } = make();
    const ports = await all(objects.enumerate('', 'CIM_NetworkPort'));
    expect(ports.map((port) => named(port, 'DeviceID'))).toEqual(['vnet0', 'vnet1']);
    expect(ports[0]?.properties.get('NetworkAddresses')).toEqual(['525400000001']);
  });

  it('answers bindings, hosting, service and profile', async () => {
    const { objects } = make();
    const [applied] = await all(objects.enumerate('', 'NWG_AppliedFilterList'));
    expect([named(applied!, 'Antecedent'), named(applied!, 'Dependent')]).toEqual(['web', 'vnet0']);
    expect(await all(objects.enumerate('', 'CIM_HostedFilterList'))).toHaveLength(2);
    expect(await all(objects.enumerate('', 'CIM_HostedFilterEntryBase'))).toHaveLength(3);
    const [profile] = await all(objects.enumerate('root/interop', 'CIM_RegisteredProfile'));
    expect(profile?.properties.get('RegisteredName')).toBe('Network Filters');
    const [conforms] = await all(objects.enumerate('root/interop', 'CIM_ElementConformsToProfile'));
    expect(named(conforms!, 'ManagedElement')).toBe('nwgate');
  });

  it.each([
    ['a class that is not', '', 'CIM_Nothing'],
    ['a namespace that is not', 'root/cimv2', 'NWG_FilterList'],
    ['a class of the other namespace', 'root/interop', 'NWG_FilterList'],
    ['a class that is only read from documents', '', 'KVM_FilterList'],
  ])('refuses %s', async (_, namespace, name) => {
    const { objects } = make();
    await expect(all(objects.enumerate(namespace, name))).rejects.toMatchObject({ code: 'CLASS_NOT_FOUND' });
  });
});

describe('get', () => {
  it('finds every instance of every class by its own path, and through every superclass with keys', async () => {
    const { objects } = make();
    for (const space of ['root/nwgate', 'root/interop']) {
      for (const row of servedClasses(space)) {
        for (const each of await all(objects.enumerate(space, row.name))) {
          const path = objects.pathOf(space, each);
          expect(await objects.get({ ...path, className: row.name })).toEqual(each);
        }
      }
    }
  });

  it('emits only properties that the class declares', async () => {
    const { objects } = make();
    for (const row of servedClasses('root/nwgate').filter((each) => each.namespaces)) {
      const declared = propertiesOf(row).map(({ name }) => name);
      for (const each of await all(objects.enumerate('', row.name)))
        expect(declared).toEqual(expect.arrayContaining([...each.properties.keys()]));
    }
  });

  it('needs the keys that this host does not decide, knows no others, and compares values exactly', async () => {
    const { objects } = make();
    const path = listPath(HOST, 'web');
    const code = (p: ObjectPath) =>
      objects.get(p).then(
        () => 'found',
        (error) => error.code,
      );
    expect(await code(keys(path, { SystemName: undefined, CreationClassName: undefined }))).toBe('found');
    expect(await code(keys(path, { Name: undefined }))).toBe('CIM_SELECTORS');
    expect(await code(keys(path, { Chain: 'root' }))).toBe('CIM_SELECTORS');
    expect(await code(keys(path, { Name: 'Web' }))).toBe('INSTANCE_NOT_FOUND');
    expect(await code(keys(path, { SystemName: 'other' }))).toBe('INSTANCE_NOT_FOUND');
    expect(await code({ ...path, className: 'CIM_FilterList' })).toBe('found');
    expect(await code({ ...path, className: 'NWG_NetworkPort' })).toBe('CIM_SELECTORS');
    expect(await code(portPath(HOST, 'eth7'))).toBe('INSTANCE_NOT_FOUND');
  });

  it('finds the service and the host without keys, and no list', async () => {
    const { objects } = make();
    const bare = (className: string) => objects.get({ namespace: '', className, keys: new Map() });
    expect((await bare('NWG_FilterService')).className).toBe('NWG_FilterService');
    expect((await bare('CIM_ComputerSystem')).className).toBe('NWG_HostSystem');
    await expect(bare('NWG_FilterList')).rejects.toMatchObject({ code: 'CIM_SELECTORS' });
    await expect(bare('CIM_ManagedElement')).rejects.toMatchObject({ code: 'CIM_SELECTORS' });
  });

  it('says who came with nwgate', async () => {
    const { objects } = world(fakeGateway([SMTP, WEB]), { isBuiltIn: (name) => name === 'web' });
    expect((await objects.get(listPath(HOST, 'web'))).properties.get('BuiltIn')).toBe(true);
    expect((await objects.get(listPath(HOST, 'no-smtp'))).properties.get('BuiltIn')).toBe(false);
  });
});

describe('the stylesheets', () => {
  it('run for the one filter of an entry, once, until the filter changes', async () => {
    const { objects, mapping, gateway } = make();
    const [entry] = await all(objects.enumerate('', 'NWG_AnyFilter'));
    mapping.runs.length = 0;
    const path = objects.pathOf('', entry!);
    await objects.get(path);
    await all(objects.enumerate('', 'CIM_FilterEntryBase'));
    expect(mapping.runs).toEqual([]);

    const fresh = world(gateway);
    await Promise.all([fresh.objects.get(path), fresh.objects.get(path)]);
    expect(fresh.mapping.runs).toEqual(['no-smtp']);

    await gateway.putFilters([{ filter: { ...SMTP, priority: 7 }, expected: 1 }], {
      name: 'x',
      role: 'admin',
      from: '',
    });
    const list = await fresh.objects.get(listPath(HOST, 'no-smtp'));
    expect(list.properties.get('Priority')).toBe(7);
    expect(fresh.mapping.runs).toEqual(['no-smtp', 'no-smtp']);
  });

  it('that failed run again', async () => {
    const { mapping, objects } = make();
    const whole = mapping.toInstances;
    mapping.toInstances = () => Promise.reject(new Error('engine'));
    await expect(objects.get(listPath(HOST, 'web'))).rejects.toThrow('engine');
    mapping.toInstances = whole;
    expect(changed(await objects.get(listPath(HOST, 'web')), {}).className).toBe('NWG_FilterList');
  });
});
