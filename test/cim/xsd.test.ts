import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { encodeInstance, WSCIM_OUTPUT } from '../../src/cim/encode.js';
import type { Instance } from '../../src/cim/instance.js';
import { pathOfInstance } from '../../src/cim/path.js';
import { cimSchemaFiles } from '../../src/cim/schema-files.js';
import {
  appliedFilterList,
  conformance,
  filterService,
  hosted,
  hostKeys,
  hostSystem,
  instance,
  listPath,
  networkPort,
  registeredProfile,
} from '../../src/cim/views.js';
import { type Element, el } from '../../src/xml/element.js';
import { validateXsd } from '../../src/xml/validate.js';

const HOST = 'host.example';
const SCHEMAS = join(import.meta.dirname, '../../schemas');
const files = cimSchemaFiles();

function faults(element: Element, className: string): readonly string[] {
  const path = `wscim/${className}.xsd`;
  return validateXsd(element, files.get(path)!, join(SCHEMAS, path), WSCIM_OUTPUT).map((f) => f.message);
}

const list = instance('NWG_FilterList', {
  ...hostKeys(HOST, 'NWG_FilterList'),
  Name: 'x',
  Chain: 'root',
  Priority: -1,
});
const entry = instance('NWG_IPHeadersFilter', {
  ...hostKeys(HOST, 'NWG_IPHeadersFilter'),
  Name: 'x:1',
  Action: 2,
  Direction: 3,
  HdrIPVersion: 6,
  HdrSrcAddress: 'fd00::',
  HdrSrcMask: '8',
  HdrDSCP: [1, 2],
  ConnectionStates: [1, 2],
  NegatedProperties: ['HdrSrcAddress', 'HdrSrcMask'],
});
const member = instance('NWG_EntriesInFilterList', {
  GroupComponent: listPath(HOST, 'x'),
  PartComponent: pathOfInstance('root/nwgate', entry),
  EntrySequence: 0,
  RuleIndex: 7,
});
const port = { name: 'vnet0', mac: 'fe:54:00:00:00:01', guestMac: undefined, link: { mtu: 1500, up: true } };
const binding = {
  port: 'vnet0',
  filter: 'x',
  mac: undefined,
  owner: undefined,
  parameters: [{ name: 'IP', value: '10.0.0.1' }],
};

describe('XML Schema', () => {
  it.each<Instance>([
    list,
    entry,
    member,
    hostSystem(HOST),
    networkPort(HOST, port),
    networkPort(HOST, { ...port, mac: undefined, link: undefined }),
    appliedFilterList(HOST, binding),
    hosted('NWG_HostedFilterList', HOST, list),
    hosted('NWG_HostedFilterEntry', HOST, entry),
    filterService(HOST),
    registeredProfile(),
    conformance(HOST),
  ])('$className is valid with and without its null properties', (each) => {
    expect(faults(encodeInstance(each), each.className)).toEqual([]);
    expect(faults(encodeInstance(each, { nil: false }), each.className)).toEqual([]);
  });

  it('finds what does not belong in a class', () => {
    const element = encodeInstance(list, { nil: false });
    const stranger = { ...element, children: [...element.children, el(element.ns, 'Colour', {}, 'red')] };
    expect(faults(stranger, list.className)[0]).toMatch(/Colour/);
    const wrong = el(
      element.ns,
      element.local,
      {},
      ...element.children.map((node) =>
        typeof node !== 'string' && node.local === 'Priority' ? el(node.ns, node.local, {}, 'high') : node,
      ),
    );
    expect(faults(wrong, list.className)[0]).toMatch(/Priority/);
    const keyless = el(element.ns, element.local);
    expect(faults(keyless, list.className)[0]).toMatch(/CreationClassName/);
  });
});

describe('ports as instances', () => {
  const shown = (view: Parameters<typeof networkPort>[1]) =>
    Object.fromEntries(networkPort(HOST, view).properties);

  it('have 12 hexadecimal digits as address, the guest behind them when known', () => {
    expect(shown(port)).toMatchObject({
      DeviceID: 'vnet0',
      PermanentAddress: 'FE5400000001',
      NetworkAddresses: ['FE5400000001'],
      LinkTechnology: 2,
      EnabledState: 2,
      ActiveMaximumTransmissionUnit: 1500n,
    });
    expect(shown({ ...port, guestMac: '52:54:00:00:00:01' })).toMatchObject({
      PermanentAddress: 'FE5400000001',
      NetworkAddresses: ['525400000001'],
    });
  });

  it('are disabled when down and offline when not there', () => {
    expect(shown({ ...port, link: { mtu: 1500, up: false } })).toMatchObject({
      EnabledState: 3,
      OperationalStatus: [10],
    });
    expect(shown({ ...port, link: undefined })).toMatchObject({ EnabledState: 6, OperationalStatus: [12] });
  });
});
