import { describe, expect, it } from 'vitest';
import { pathOfInstance } from '../../src/cim/path.js';
import { instance, listPath, portPath } from '../../src/cim/views.js';
import type { Filter } from '../../src/model/filter.js';
import {
  admin,
  all,
  changed,
  fakeGateway,
  filter,
  HOST,
  named,
  operator,
  reader,
  reference,
  rule,
  world,
} from './objects-world.js';

const first = rule('r1', 'tcp', { dstportstart: '25', dstportend: '25' });
const second = rule('r2', undefined, {});
const third = rule('r3', 'icmp', { type: '8' });
const SMTP = filter('no-smtp', first, second, third);
const make = (...filters: readonly Filter[]) =>
  world(fakeGateway(filters.length > 0 ? filters : [SMTP, filter('web')]));
type World = ReturnType<typeof make>;

const entriesOf = ({ gateway }: World, name = 'no-smtp') => gateway.filter(name).value.entries;

describe('lists', () => {
  it('are created empty, with the chain and its priority', async () => {
    const w = make();
    const wanted = instance('CIM_FilterList', { Name: 'new' });
    expect(await w.objects.create('', wanted, admin)).toEqual(listPath(HOST, 'new'));
    expect(w.gateway.filter('new').value).toEqual(filter('new'));
    const more = instance('NWG_FilterList', {
      Name: 'arp-1',
      Chain: 'arp-x',
      UUID: '0D3EE4C2-0000-4000-8000-000000000001',
    });
    await w.objects.create('', more, admin);
    expect(w.gateway.filter('arp-1').value).toMatchObject({
      chain: 'arp-x',
      priority: -500,
      uuid: '0d3ee4c2-0000-4000-8000-000000000001',
    });
    await expect(w.objects.create('', more, admin)).rejects.toMatchObject({ code: 'EXISTS' });
  });

  it.each([
    [{ Name: '../x' }, 'NAME'],
    [{ Chain: 'nochain' }, 'CIM_PROPERTY'],
    [{ UUID: 'x' }, 'CIM_PROPERTY'],
    [{ Direction: 2 }, 'CIM_PROPERTY'],
    [{ ElementName: 'x' }, 'CIM_PROPERTY'],
  ])('are not created with %j', async (values, code) => {
    const w = make();
    const wanted = changed(instance('NWG_FilterList', { Name: 'new' }), values);
    await expect(w.objects.create('', wanted, admin)).rejects.toMatchObject({ code });
    expect(w.gateway.calls).toEqual([]);
  });

  it('move to another chain, keeping their entries', async () => {
    const w = make();
    const list = await w.objects.get(listPath(HOST, 'no-smtp'));
    const after = await w.objects.modify(
      listPath(HOST, 'no-smtp'),
      changed(list, { Chain: 'ipv4', Priority: 3 }),
      admin,
    );
    expect(after.properties.get('Chain')).toBe('ipv4');
    expect(w.gateway.filter('no-smtp').value).toEqual({ ...SMTP, chain: 'ipv4', priority: 3 });
    const renamed = changed(after, { UUID: '0d3ee4c2-0000-4000-8000-000000000001' });
    await expect(w.objects.modify(listPath(HOST, 'no-smtp'), renamed, admin)).rejects.toMatchObject({
      code: 'READ_ONLY',
    });
  });
});

describe('membership', () => {
  const member = async (w: World, entry: string) => {
    const members = await all(w.objects.enumerate('', 'NWG_EntriesInFilterList'));
    return members.find((each) => named(each, 'PartComponent') === entry)!;
  };

  it('moves its entry to another place', async () => {
    const w = make();
    const last = await member(w, 'no-smtp:r3');
    const after = await w.objects.modify(w.objects.pathOf('', last), changed(last, { RuleIndex: 0 }), admin);
    expect(after.properties.get('RuleIndex')).toBe(0);
    expect(entriesOf(w)).toEqual([third, first, second]);
    await expect(
      w.objects.modify(w.objects.pathOf('', last), changed(after, { RuleIndex: 3 }), admin),
    ).rejects.toMatchObject({ code: 'CIM_PROPERTY' });
  });

  it('is not created, not deleted, and no entry changes its list', async () => {
    const w = make();
    const there = await member(w, 'no-smtp:r1');
    await expect(w.objects.create('', there, admin)).rejects.toMatchObject({ code: 'EXISTS' });
    const elsewhere = changed(there, { GroupComponent: listPath(HOST, 'web') });
    await expect(w.objects.create('', elsewhere, admin)).rejects.toMatchObject({ code: 'READ_ONLY' });
    await expect(w.objects.remove(w.objects.pathOf('', there), admin)).rejects.toMatchObject({
      code: 'READ_ONLY',
    });
    const sequenced = changed(there, { EntrySequence: 1 });
    await expect(w.objects.modify(w.objects.pathOf('', there), sequenced, admin)).rejects.toMatchObject({
      code: 'READ_ONLY',
    });
  });
});

describe('references', () => {
  const ends = { Antecedent: listPath(HOST, 'web'), Dependent: listPath(HOST, 'no-smtp') };
  const wanted = instance('NWG_NestedFilterList', {
    ...ends,
    RefIndex: 1,
    ParameterNames: ['IP', 'IP'],
    ParameterValues: ['10.0.0.1', '10.0.0.2'],
  });
  const nested = {
    kind: 'filterref',
    filter: 'web',
    parameters: [
      { name: 'IP', value: '10.0.0.1' },
      { name: 'IP', value: '10.0.0.2' },
    ],
  };

  it('are created where asked, with parameters, changed and removed', async () => {
    const w = make();
    const path = await w.objects.create('', wanted, admin);
    expect(entriesOf(w)).toEqual([first, nested, second, third]);
    await expect(w.objects.create('', wanted, admin)).rejects.toMatchObject({ code: 'EXISTS' });
    const read = await w.objects.get(path);
    expect(read.properties.get('ParameterValues')).toEqual(['10.0.0.1', '10.0.0.2']);
    const moved = changed(read, { RefIndex: 3, ParameterNames: undefined, ParameterValues: undefined });
    await w.objects.modify(path, moved, admin);
    expect(entriesOf(w)).toEqual([first, second, third, reference('web')]);
    await w.objects.remove(path, admin);
    expect(entriesOf(w)).toEqual([first, second, third]);
  });

  it.each([
    ['to no filter', { Antecedent: listPath(HOST, 'none') }, 'REF_MISSING'],
    ['to a port', { Antecedent: portPath(HOST, 'vnet0') }, 'CIM_PROPERTY'],
    ['with a parameter without value', { ParameterValues: ['x'] }, 'CIM_PROPERTY'],
    ['beyond the end', { RefIndex: 9 }, 'CIM_PROPERTY'],
  ])('are refused %s', async (_, values, code) => {
    const w = make();
    await expect(w.objects.create('', changed(wanted, values), admin)).rejects.toMatchObject({ code });
    expect(w.gateway.calls).toEqual([]);
  });

  it('that cannot be told apart are not written', async () => {
    const w = make(
      filter('no-smtp', reference('web', { A: '1' }), reference('web', { A: '2' })),
      filter('web'),
    );
    const path = pathOfInstance('', instance('NWG_NestedFilterList', ends));
    expect((await w.objects.get(path)).properties.get('ParameterValues')).toEqual(['1']);
    await expect(w.objects.remove(path, admin)).rejects.toMatchObject({ code: 'READ_ONLY' });
  });
});

describe('applied filters', () => {
  const wanted = instance('NWG_AppliedFilterList', {
    Antecedent: listPath(HOST, 'web'),
    Dependent: portPath(HOST, 'vnet0'),
    ParameterNames: ['IP'],
    ParameterValues: ['10.0.0.1'],
  });
  const bound = {
    port: 'vnet0',
    filter: 'web',
    mac: undefined,
    owner: undefined,
    parameters: [{ name: 'IP', value: '10.0.0.1' }],
  };

  it('are bindings: created, given other parameters and removed by an operator', async () => {
    const w = make();
    const path = await w.objects.create('', wanted, operator);
    const read = await w.objects.get(path);
    await w.objects.modify(path, changed(read, { ParameterValues: ['10.0.0.9'] }), operator);
    await w.objects.remove(path, operator);
    expect(w.gateway.calls).toEqual([
      ['bind', bound, {}, 'operator'],
      [
        'bind',
        { ...bound, parameters: [{ name: 'IP', value: '10.0.0.9' }] },
        { replace: true, expected: 1 },
        'operator',
      ],
      ['unbind', 'vnet0', 'operator', 1],
    ]);
  });

  it('of a bound port are not created again, and not by a reader', async () => {
    const w = make();
    await expect(w.objects.create('', wanted, reader)).rejects.toMatchObject({ code: 'ACCESS_DENIED' });
    await w.objects.create('', wanted, operator);
    await expect(w.objects.create('', wanted, operator)).rejects.toMatchObject({ code: 'EXISTS' });
  });

  it('change their filter by being created anew only', async () => {
    const w = make();
    const path = await w.objects.create('', wanted, operator);
    const other = changed(wanted, { Antecedent: listPath(HOST, 'no-smtp') });
    await expect(w.objects.modify(path, other, operator)).rejects.toMatchObject({ code: 'READ_ONLY' });
  });
});
