import { describe, expect, it } from 'vitest';
import type { CimValue, ObjectPath } from '../../src/cim/instance.js';
import { NwgateError } from '../../src/model/errors.js';
import { admin, fakeGateway, filter, operator, reader, world } from './objects-world.js';

const SERVICE: ObjectPath = { namespace: '', className: 'NWG_FilterService', keys: new Map() };
const make = (options = {}, gatewayOptions = {}) => {
  const w = world(fakeGateway([filter('web')], gatewayOptions), options);
  const call = async (method: string, input: Record<string, CimValue>, by = admin) =>
    Object.fromEntries(await w.objects.invoke(SERVICE, method, new Map(Object.entries(input)), by));
  return { ...w, call };
};
const faultsOf = async (running: Promise<unknown>) => {
  try {
    await running;
  } catch (error) {
    if (error instanceof NwgateError) return error.faults.map((f) => [f.code, f.where?.attribute]);
    throw error;
  }
  return [];
};

describe('methods of the service', () => {
  it('import', async () => {
    const { call, gateway } = make();
    const answer = await call('importpolicy', { Document: '<x/>', ONCONFLICT: 'Skip', Name: 'n' });
    expect(answer).toEqual({ Names: ['a', 'b'], Report: 'one\ntwo', ReturnValue: 0 });
    expect(gateway.calls).toEqual([
      [
        'import',
        { document: '<x/>', source: 'Document', form: 'auto', onConflict: 'skip', name: 'n' },
        'admin',
      ],
    ]);
  });

  it('export', async () => {
    const { call, gateway } = make();
    const answer = await call(
      'ExportPolicy',
      { Names: 'web', Format: 'cimxml', Classes: 'kvm', WithReferences: 'TRUE', Lossy: 'true' },
      reader,
    );
    expect(answer).toEqual({ Document: '<x/>', LeftOut: ['a comment'], ReturnValue: 0 });
    const asked = { names: ['web'], form: 'cimxml', classes: 'kvm', withReferences: true, lossy: true };
    expect(gateway.calls).toEqual([['export', asked]]);
  });

  it('apply, in place of another filter, and remove', async () => {
    const { call, gateway } = make();
    const input = {
      FilterList: 'web',
      Port: 'vnet0',
      MACAddress: '525400ABCDEF',
      ParameterNames: ['IP', 'IP'],
      ParameterValues: ['10.0.0.1', '10.0.0.2'],
    };
    expect(await call('ApplyFilterList', input, operator)).toEqual({ ReturnValue: 0 });
    expect(await call('RemoveFilterList', { Port: 'vnet0' }, operator)).toEqual({ ReturnValue: 0 });
    const parameters = ['10.0.0.1', '10.0.0.2'].map((value) => ({ name: 'IP', value }));
    expect(gateway.calls).toEqual([
      [
        'bind',
        { port: 'vnet0', filter: 'web', mac: '52:54:00:ab:cd:ef', owner: undefined, parameters },
        { replace: true },
        'operator',
      ],
      ['unbind', 'vnet0', 'operator', undefined],
    ]);
  });

  it('compile, and touch nothing', async () => {
    const { call, gateway } = make();
    const answer = await call(
      'CompileFilterList',
      { FilterList: 'web', Port: 'vnet0', MACAddress: '52-54-0-ab-cd-ef' },
      reader,
    );
    expect(answer).toEqual({ Rules: '# ebtables for vnet0', ReturnValue: 0 });
    expect(gateway.calls).toEqual([
      ['compile', { filter: 'web', port: 'vnet0', mac: '52:54:00:ab:cd:ef', parameters: [] }],
    ]);
  });

  it('verify the host, and repair it for an operator', async () => {
    const place = { filter: 'web', rule: 2 };
    const difference = {
      kind: 'rule-missing',
      tool: 'iptables',
      chain: 'nwg-from-a',
      ports: ['vnet0'],
    } as const;
    const differences = [{ ...difference, expected: '-j DROP', found: undefined, source: place }];
    const { call, gateway } = make({}, { differences });
    expect(await call('VerifyHost', {}, reader)).toEqual({
      Differences: ['iptables nwg-from-a, port vnet0: a rule is missing: "-j DROP" (filter web, rule 2)'],
      ReturnValue: 0,
    });
    expect(await faultsOf(call('VerifyHost', { Repair: true }, reader))).toEqual([
      ['ACCESS_DENIED', undefined],
    ]);
    await call('VerifyHost', { Repair: true }, operator);
    expect(gateway.calls.at(-1)).toEqual(['verify', true, 'operator']);
  });

  it('refuse every wrong parameter at once', async () => {
    const { call, gateway } = make();
    const input = { Port: ['a', 'b'], Bridge: 'br0', ParameterNames: ['x'] };
    expect(await faultsOf(call('ApplyFilterList', input))).toEqual([
      ['CIM_PARAMETER', 'Port'],
      ['CIM_PARAMETER', 'Bridge'],
      ['CIM_PARAMETER', 'FilterList'],
    ]);
    expect(gateway.calls).toEqual([]);
  });

  it.each([
    ['ImportPolicy', {}, 'Document'],
    ['ImportPolicy', { Document: 'x', Format: 'yaml' }, 'Format'],
    ['ImportPolicy', { Document: 'x', OnConflict: 'merge' }, 'OnConflict'],
    ['ExportPolicy', {}, 'Format'],
    ['ExportPolicy', { Format: 'auto' }, 'Format'],
    ['ExportPolicy', { Format: 'native', WithReferences: 'perhaps' }, 'WithReferences'],
    ['RemoveFilterList', {}, 'Port'],
    ['CompileFilterList', { FilterList: 'web', Port: 'p', MACAddress: 'x' }, 'MACAddress'],
    ['CompileFilterList', { FilterList: 'web', Port: 'p', ParameterNames: ['a'] }, 'ParameterValues'],
    ['VerifyHost', { Repair: '2' }, 'Repair'],
  ])('%s refuses %j', async (method, input, attribute) => {
    const { call, gateway } = make();
    expect(await faultsOf(call(method, input as Record<string, CimValue>))).toEqual([
      ['CIM_PARAMETER', attribute],
    ]);
    expect(gateway.calls).toEqual([]);
  });

  it('are only those of the class', async () => {
    const { call, objects } = make();
    expect(await faultsOf(call('StartService', {}))).toEqual([['METHOD_NOT_FOUND', undefined]]);
    const host = { ...SERVICE, className: 'NWG_HostSystem' };
    const running = objects.invoke(host, 'ImportPolicy', new Map(), admin);
    expect(await faultsOf(running)).toEqual([['METHOD_NOT_FOUND', undefined]]);
  });
});
