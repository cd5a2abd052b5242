import { describe, expect, it } from 'vitest';
import type { Instance, ObjectPath } from '../../src/cim/instance.js';
import { pathOfInstance } from '../../src/cim/path.js';
import { hostKeys, instance, listPath } from '../../src/cim/views.js';
import type { Filter } from '../../src/model/filter.js';
import { admin, changed, fakeGateway, filter, HOST, named, operator, rule, world } from './objects-world.js';

const first = rule('r1', 'tcp', { dstportstart: '25', dstportend: '25' });
const second = rule('r2', undefined, {});
const third = rule('r3', 'icmp', { type: '8' });
const SMTP = filter('no-smtp', first, second, third);
const make = (...filters: readonly Filter[]) =>
  world(fakeGateway(filters.length > 0 ? filters : [SMTP, filter('web')]));
type World = ReturnType<typeof make>;

const entryPath = (className: string, name: string): ObjectPath =>
  pathOfInstance('', instance(className, { ...hostKeys(HOST, className), Name: name }));
const tcpPath = entryPath('NWG_IPHeadersFilter', 'no-smtp:r1');
const icmpPath = entryPath('NWG_IPHeadersFilter', 'no-smtp:r3');
const anyPath = entryPath('NWG_AnyFilter', 'no-smtp:r2');
const asBase = (each: Instance, ...names: string[]): Instance => ({
  className: 'CIM_IPHeadersFilter',
  properties: new Map(
    [...each.properties].filter(([name]) => names.includes(name) || name.startsWith('Hdr')),
  ),
});
const entriesOf = ({ gateway }: World, name = 'no-smtp') => gateway.filter(name).value.entries;

describe('writing an entry', () => {
  it('changes that rule and nothing else, under the revision that was read', async () => {
    const w = make();
    const before = await w.objects.get(tcpPath);
    const after = await w.objects.modify(tcpPath, changed(before, { HdrDestPortEnd: 26, Action: 3 }), admin);
    expect(Object.fromEntries(after.properties)).toMatchObject({
      Name: 'no-smtp:r1',
      HdrDestPortEnd: 26,
      Action: 3,
    });
    expect(entriesOf(w)[0]).toMatchObject({ id: 'r1', action: 'reject' });
    expect(entriesOf(w).slice(1)).toEqual([second, third]);
    expect(w.gateway.calls).toEqual([['putFilters', [['no-smtp', 1]], 'admin']]);
  });

  it('replaces the whole entry: what is absent is null, priority and statematch their defaults', async () => {
    const w = make();
    const wanted = instance('NWG_IPHeadersFilter', {
      Action: 1,
      Direction: 1,
      HdrIPVersion: 4,
      HdrProtocolID: 6,
    });
    await w.objects.modify(tcpPath, wanted, admin);
    expect(entriesOf(w)[0]).toEqual(rule('r1', 'tcp', {}, { action: 'accept', direction: 'in' }));
  });

  it('needs what every rule has', async () => {
    const w = make();
    const wanted = instance('NWG_IPHeadersFilter', { HdrIPVersion: 4 });
    await expect(w.objects.modify(tcpPath, wanted, admin)).rejects.toMatchObject({
      faults: [
        { code: 'CIM_PROPERTY', where: { attribute: 'Action' } },
        { code: 'CIM_PROPERTY', where: { attribute: 'Direction' } },
      ],
    });
  });

  it('refuses keys and what is only shown', async () => {
    const w = make();
    const wanted = changed(await w.objects.get(tcpPath), { Name: 'no-smtp:r9', OperationalStatus: [2] });
    await expect(w.objects.modify(tcpPath, wanted, admin)).rejects.toMatchObject({
      faults: [
        { code: 'READ_ONLY', where: { attribute: 'Name' } },
        { code: 'READ_ONLY', where: { attribute: 'OperationalStatus' } },
      ],
    });
    expect(w.gateway.calls).toEqual([]);
  });

  it('refuses what the rule would lose', async () => {
    const w = make();
    const wanted = changed(await w.objects.get(tcpPath), { TCPOption: 3 });
    await expect(w.objects.modify(tcpPath, wanted, admin)).rejects.toMatchObject({
      faults: [{ code: 'CIM_PROPERTY', where: { attribute: 'TCPOption' } }],
    });
    const negated = changed(await w.objects.get(tcpPath), { IsNegated: true });
    await expect(w.objects.modify(tcpPath, negated, admin)).rejects.toThrow(/negated as a whole/);
    const any = changed(await w.objects.get(anyPath), { ProtocolElement: 'tcp' });
    await expect(w.objects.modify(anyPath, any, admin)).rejects.toMatchObject({ code: 'CIM_PROPERTY' });
    expect(w.gateway.calls).toEqual([]);
  });

  it('through a base class keeps what that class does not have', async () => {
    const w = make();
    const base = asBase(await w.objects.get(tcpPath), 'Name');
    await w.objects.modify(
      { ...tcpPath, className: 'CIM_IPHeadersFilter' },
      changed(base, { HdrSrcAddress: '10.0.0.1' }),
      admin,
    );
    expect(entriesOf(w)[0]).toEqual(
      rule('r1', 'tcp', { srcipaddr: '10.0.0.1', dstportstart: '25', dstportend: '25' }),
    );
  });

  it('through a base class is refused when the rule has constraints out of its sight', async () => {
    const w = make();
    const base = asBase(await w.objects.get(icmpPath), 'Name');
    await expect(w.objects.modify(icmpPath, base, admin)).rejects.toMatchObject({
      code: 'WIDENING',
      message: expect.stringContaining('ICMPType'),
    });
    expect(w.gateway.calls).toEqual([]);
  });

  it('is refused for a body of another class, for other roles, for what is not there', async () => {
    const w = make();
    const entry = await w.objects.get(tcpPath);
    const other = { ...entry, className: 'NWG_ARPFilter' };
    await expect(w.objects.modify(tcpPath, other, admin)).rejects.toMatchObject({ code: 'CIM_PROPERTY' });
    await expect(w.objects.modify(tcpPath, entry, operator)).rejects.toMatchObject({ code: 'ACCESS_DENIED' });
    const gone = entryPath('NWG_IPHeadersFilter', 'no-smtp:r9');
    await expect(w.objects.modify(gone, entry, admin)).rejects.toMatchObject({ code: 'INSTANCE_NOT_FOUND' });
  });

  it('of which the filter changed meanwhile is STALE', async () => {
    const w = make();
    const entry = await w.objects.get(tcpPath);
    const { fromInstances } = w.mapping;
    w.mapping.fromInstances = async (elements) => {
      await w.gateway.putFilters([{ filter: { ...SMTP, priority: 1 }, expected: undefined }], admin);
      return fromInstances(elements);
    };
    await expect(w.objects.modify(tcpPath, changed(entry, { Action: 1 }), admin)).rejects.toMatchObject({
      code: 'STALE',
    });
  });
});

describe('creating an entry', () => {
  const wanted = instance('NWG_IPHeadersFilter', {
    Name: 'no-smtp:',
    Action: 2,
    Direction: 1,
    HdrIPVersion: 4,
    HdrProtocolID: 6,
    HdrDestPortStart: 22,
    VariableProperties: ['HdrSrcAddress'],
    VariableExpressions: ['$IP'],
    NegatedProperties: ['HdrSrcAddress'],
  });

  it('adds a rule at the end of the list its Name begins with and answers its path', async () => {
    const w = make();
    const path = await w.objects.create('', wanted, admin);
    expect(entriesOf(w).slice(0, 3)).toEqual([first, second, third]);
    const made = await w.objects.get(path);
    expect(named(made)).toMatch(/^no-smtp:[0-9a-f]{8}$/);
    expect(Object.fromEntries(made.properties)).toMatchObject({
      Action: 2,
      HdrDestPortStart: 22,
      Priority: 500,
      StateMatch: true,
      VariableExpressions: ['$IP'],
      NegatedProperties: ['HdrSrcAddress'],
      SystemName: HOST,
    });
    const again = await w.objects.create('', wanted, admin);
    expect(again).not.toEqual(path);
  });

  it('takes the base class for its only subclass', async () => {
    const w = make();
    const base: Instance = { ...wanted, className: 'CIM_IPHeadersFilter' };
    expect((await w.objects.create('root/nwgate', base, admin)).className).toBe('NWG_IPHeadersFilter');
    const bare = instance('CIM_IPHeadersFilter', { Name: 'no-smtp:' });
    await expect(w.objects.create('', bare, admin)).rejects.toThrow(/needs Action/);
    const abstract = instance('CIM_FilterEntryBase', { Name: 'no-smtp:' });
    await expect(w.objects.create('', abstract, admin)).rejects.toMatchObject({ code: 'READ_ONLY' });
  });

  it.each([
    ['no list', { Name: 'x' }, 'CIM_PROPERTY'],
    ['a list that is not there', { Name: 'none:' }, 'FILTER_NOT_FOUND'],
    ['a property that cannot be set', { Caption: 'mine' }, 'CIM_PROPERTY'],
    ['a property that gets lost', { IPSetName: 'x' }, 'CIM_PROPERTY'],
  ])('is refused with %s', async (_, values, code) => {
    const w = make();
    await expect(w.objects.create('', changed(wanted, values), admin)).rejects.toMatchObject({ code });
    expect(w.gateway.calls).toEqual([]);
  });
});

describe('deleting', () => {
  it('an entry removes that rule', async () => {
    const w = make();
    await w.objects.remove(anyPath, admin);
    expect(entriesOf(w)).toEqual([first, third]);
    await expect(w.objects.remove(anyPath, admin)).rejects.toMatchObject({ code: 'INSTANCE_NOT_FOUND' });
    await expect(w.objects.remove(tcpPath, operator)).rejects.toMatchObject({ code: 'ACCESS_DENIED' });
  });

  it('a list undefines the filter as it was read', async () => {
    const w = make();
    await w.objects.remove(listPath(HOST, 'web'), admin);
    expect(w.gateway.calls).toEqual([['undefine', 'web', 1, 'admin']]);
  });

  it.each(['NWG_FilterService', 'NWG_HostSystem'])('is refused for %s', async (className) => {
    const w = make();
    const path = { namespace: '', className, keys: new Map() };
    await expect(w.objects.remove(path, admin)).rejects.toMatchObject({ code: 'READ_ONLY' });
    const itself = await w.objects.get(path);
    await expect(w.objects.modify(path, itself, admin)).rejects.toMatchObject({ code: 'READ_ONLY' });
    await expect(w.objects.create('', itself, admin)).rejects.toMatchObject({ code: 'READ_ONLY' });
  });
});
