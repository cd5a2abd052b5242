import { describe, expect, it } from 'vitest';
import {
  CLASSES,
  classOfUri,
  classRow,
  classUri,
  DMTF_BASE,
  extentClasses,
  findClass,
  isA,
  keysOf,
  lineage,
  NWG_BASE,
  namespaceName,
  propertiesOf,
  servedClass,
} from '../../src/cim/schema.js';

const OURS = [
  'NWG_FilterList',
  'NWG_Hdr8021Filter',
  'NWG_IPHeadersFilter',
  'NWG_ARPFilter',
  'NWG_STPFilter',
  'NWG_AnyFilter',
  'NWG_EntriesInFilterList',
  'NWG_NestedFilterList',
  'NWG_AppliedFilterList',
  'NWG_HostedFilterList',
  'NWG_HostedFilterEntry',
  'NWG_HostSystem',
  'NWG_NetworkPort',
  'NWG_FilterService',
];

describe('the class tables', () => {
  it('are one tree with unique names', () => {
    expect(new Set(CLASSES.map((row) => row.name.toLowerCase())).size).toBe(CLASSES.length);
    for (const row of CLASSES) expect(lineage(row).length).toBeGreaterThan(0);
  });

  it('add no keys below a class that has some, and give every class with instances keys', () => {
    for (const row of CLASSES) {
      const above = row.superclass === undefined ? [] : keysOf(classRow(row.superclass));
      if (above.length > 0) expect(keysOf(row).map((p) => p.name)).toEqual(above.map((p) => p.name));
      if (row.namespaces) expect(keysOf(row).length).toBeGreaterThan(0);
    }
  });

  it('reference only classes that are there, and narrow references downwards', () => {
    for (const row of CLASSES)
      for (const p of row.properties) {
        if (p.type !== 'reference') continue;
        expect(findClass(p.target!), `${row.name}.${p.name}`).toBeDefined();
        const above = row.superclass && propertiesOf(classRow(row.superclass)).find((q) => q.name === p.name);
        if (above) expect(isA(p.target!, above.target!), `${row.name}.${p.name}`).toBe(true);
      }
  });

  it('hold every class of the contract in root/nwgate, the profile in root/interop', () => {
    for (const name of OURS) expect(classRow(name).namespaces).toEqual(['root/nwgate']);
    expect(servedClass('root/interop', 'CIM_RegisteredProfile').name).toBe('CIM_RegisteredProfile');
    expect(() => servedClass('root/nwgate', 'CIM_RegisteredProfile')).toThrow(/no class/);
    expect(() => servedClass('root/nwgate', 'KVM_FilterList')).toThrow(/no class/);
  });

  it('answer the classes with instances below a superclass', () => {
    const names = (name: string) => extentClasses('root/nwgate', classRow(name)).map((row) => row.name);
    expect(names('cim_filterentrybase')).toEqual(
      ['NWG_Hdr8021Filter', 'NWG_IPHeadersFilter', 'NWG_ARPFilter', 'NWG_STPFilter', 'NWG_AnyFilter'].sort(
        (a, b) => CLASSES.indexOf(classRow(a)) - CLASSES.indexOf(classRow(b)),
      ),
    );
    expect(names('CIM_EntriesInFilterList')).toEqual(['NWG_EntriesInFilterList']);
    expect(names('CIM_Dependency')).toEqual(
      expect.arrayContaining(['NWG_NestedFilterList', 'NWG_AppliedFilterList', 'NWG_HostedFilterList']),
    );
  });

  it('inherit properties and let an override stand for the overridden', () => {
    const properties = propertiesOf(classRow('NWG_IPHeadersFilter'));
    expect(properties.filter((p) => p.name === 'Name')).toHaveLength(1);
    expect(properties.find((p) => p.name === 'Name')?.key).toBe(true);
    expect(properties.map((p) => p.name)).toEqual(
      expect.arrayContaining(['Description', 'IsNegated', 'HdrSrcAddress', 'Action', 'ICMPType']),
    );
  });
});

describe('names of classes and namespaces', () => {
  it('have our base for NWG_ and the DMTF base for CIM_', () => {
    expect(classUri('NWG_FilterList')).toBe(`${NWG_BASE}NWG_FilterList`);
    expect(classUri('CIM_FilterList')).toBe(`${DMTF_BASE}CIM_FilterList`);
  });

  it('take the DMTF base for ours, any case of the class, and a namespace before it', () => {
    expect(classOfUri(`${DMTF_BASE}nwg_filterlist`)?.name).toBe('NWG_FilterList');
    expect(classOfUri(`${DMTF_BASE}root/nwgate/CIM_FilterList`)?.name).toBe('CIM_FilterList');
    expect(classOfUri(`${NWG_BASE}CIM_FilterList`)).toBeUndefined();
    expect(classOfUri('urn:x/CIM_FilterList')).toBeUndefined();
    expect(classOfUri('urn:x/KVM_FilterList')?.name).toBe('KVM_FilterList');
  });

  it('are root/nwgate when nothing is said, in any spelling', () => {
    expect(namespaceName('')).toBe('root/nwgate');
    expect(namespaceName('\\\\ROOT\\Interop/')).toBe('root/interop');
    expect(() => namespaceName('root/cimv2')).toThrow(expect.objectContaining({ code: 'CLASS_NOT_FOUND' }));
  });
});
