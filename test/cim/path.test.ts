import { describe, expect, it } from 'vitest';
import type { ObjectPath } from '../../src/cim/instance.js';
import {
  endpointReference,
  formatPath,
  pathOfInstance,
  pathOfSelectors,
  readReference,
  referenceContent,
  sameObject,
} from '../../src/cim/path.js';
import { hosted, instance, listPath, networkPort, portPath } from '../../src/cim/views.js';
import { el } from '../../src/xml/element.js';
import { parseXml } from '../../src/xml/parse.js';
import { serialise } from '../../src/xml/serialise.js';

const list = listPath('host.example', 'no-smtp');
const withKeys = (
  path: ObjectPath,
  keys: Record<string, string>,
  className = path.className,
): ObjectPath => ({
  namespace: path.namespace,
  className,
  keys: new Map([...path.keys, ...Object.entries(keys)]),
});

describe('object paths', () => {
  it('are equal whatever the case of names and the order of keys, and through a superclass', () => {
    const turned: ObjectPath = {
      namespace: '\\ROOT\\nwgate',
      className: 'cim_filterlist',
      keys: new Map([...list.keys].reverse().map(([name, value]) => [name.toUpperCase(), value])),
    };
    expect(sameObject(list, turned)).toBe(true);
    expect(sameObject(list, { ...turned, namespace: '' })).toBe(true);
  });

  it('differ in key values, number of keys, namespace and unrelated classes', () => {
    expect(sameObject(list, withKeys(list, { Name: 'no-SMTP' }))).toBe(false);
    expect(sameObject(list, withKeys(list, { Other: 'x' }))).toBe(false);
    expect(sameObject(list, { ...list, namespace: 'root/interop' })).toBe(false);
    expect(sameObject(list, { ...list, className: 'NWG_NetworkPort' })).toBe(false);
  });

  it('compare class names in keys without case', () => {
    expect(sameObject(list, withKeys(list, { CreationClassName: 'nwg_filterlist' }))).toBe(true);
  });

  it('compare nested paths as paths', () => {
    const port = networkPort('h', { name: 'vnet0', mac: undefined, guestMac: undefined, link: undefined });
    const a = pathOfInstance('root/nwgate', hosted('NWG_HostedFilterList', 'h', port));
    const dependent = portPath('h', 'vnet0');
    const b = {
      ...a,
      keys: new Map([...a.keys, ['Dependent', { ...dependent, className: 'CIM_NetworkPort' }]]),
    };
    expect(sameObject(a, b)).toBe(true);
    const c = { ...a, keys: new Map([...a.keys, ['Dependent', portPath('h', 'vnet1')]]) };
    expect(sameObject(a, c)).toBe(false);
  });

  it('come back from an endpoint reference, nested ones too, through text', () => {
    const applied: ObjectPath = {
      namespace: 'root/nwgate',
      className: 'NWG_AppliedFilterList',
      keys: new Map([
        ['Antecedent', list],
        ['Dependent', portPath('host.example', 'vnet0')],
      ]),
    };
    const written = serialise(endpointReference(applied));
    expect(readReference(parseXml(written))).toEqual(applied);
    const property = el('urn:x', 'Antecedent', {}, ...referenceContent(list));
    expect(readReference(property)).toEqual(list);
  });

  it('are read from 2005/08 addressing, with another address and the default namespace', () => {
    const read = readReference(
      parseXml(`<p:Antecedent xmlns:p="urn:x" xmlns:a="http://www.w3.org/2005/08/addressing"
        xmlns:w="http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd"><a:Address>http://h:5985/wsman</a:Address>
        <a:ReferenceParameters>
          <w:ResourceURI> http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/NWG_FilterList </w:ResourceURI>
          <w:SelectorSet><w:Selector Name="Name">x</w:Selector></w:SelectorSet></a:ReferenceParameters></p:Antecedent>`),
    );
    expect(read).toEqual({
      namespace: 'root/nwgate',
      className: 'NWG_FilterList',
      keys: new Map([['Name', 'x']]),
    });
  });

  it.each([
    [
      'a selector twice',
      '<w:Selector Name="Name">x</w:Selector><w:Selector Name="name">y</w:Selector>',
      'CIM_FilterList',
      'CIM_SELECTORS',
    ],
    ['an unknown class', '', 'CIM_Nothing', 'CLASS_NOT_FOUND'],
  ])('refuse %s', (_, selectors, className, code) => {
    const document = `<a:EndpointReference xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing"
      xmlns:w="http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd"><a:ReferenceParameters>
      <w:ResourceURI>http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/${className}</w:ResourceURI>
      <w:SelectorSet>${selectors}</w:SelectorSet></a:ReferenceParameters></a:EndpointReference>`;
    expect(() => readReference(parseXml(document))).toThrow(expect.objectContaining({ code }));
  });

  it("keep a namespace that is somebody else's, and refuse it where an object of ours is asked for", () => {
    const set = parseXml(`<w:SelectorSet xmlns:w="http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd">
      <w:Selector Name="__cimnamespace">root/virt</w:Selector></w:SelectorSet>`);
    expect(() => pathOfSelectors('CIM_FilterList', set)).toThrow(
      expect.objectContaining({ code: 'CLASS_NOT_FOUND' }),
    );
    const foreign = { ...list, namespace: 'root/virt' };
    expect(readReference(endpointReference(foreign))).toEqual(foreign);
    expect(sameObject(list, foreign)).toBe(false);
  });

  it('need every key of the class', () => {
    const nameless = instance('NWG_FilterList', { Name: 'x' });
    expect(() => pathOfInstance('root/nwgate', nameless)).toThrow(/SystemCreationClassName/);
  });

  it('have a text form', () => {
    expect(formatPath(portPath('h', 'v"0'))).toBe(
      'root/nwgate:NWG_NetworkPort.CreationClassName="NWG_NetworkPort",DeviceID="v\\"0",SystemCreationClassName="NWG_HostSystem",SystemName="h"',
    );
  });
});
