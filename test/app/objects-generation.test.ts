/** What was read, changed by somebody else, is not overwritten. */
import { describe, expect, it } from 'vitest';
import { objectManager } from '../../src/app/objects-manager.js';
import type { CimValue, Instance } from '../../src/cim/instance.js';
import { instance } from '../../src/cim/views.js';
import { temporaryDirectory } from '../support/directory.js';
import { ADMIN, bound, doc, openTestGateway, rule as ruleText } from '../support/gateway.js';
import {
  admin,
  all,
  bindingOf,
  changed,
  fakeGateway,
  fakeMapping,
  filter,
  HOST,
  reference,
  rule,
  world,
} from './objects-world.js';

const make = () =>
  world(
    fakeGateway(
      [
        filter(
          'no-smtp',
          rule('r1', 'tcp', { dstportstart: '25' }),
          rule('r2', undefined, {}),
          reference('web'),
        ),
        filter('web'),
      ],
      { bindings: [bindingOf('vnet0', 'web')] },
    ),
  );

type Case = [className: string, first: Record<string, CimValue>, second: Record<string, CimValue>];

const CASES: readonly Case[] = [
  ['NWG_FilterList', { Priority: 5 }, { Priority: 6 }],
  ['NWG_IPHeadersFilter', { Action: 1 }, { Priority: 7 }],
  ['NWG_EntriesInFilterList', { RuleIndex: 1 }, { RuleIndex: 2 }],
  ['NWG_NestedFilterList', { RefIndex: 0 }, { RefIndex: 1 }],
  [
    'NWG_AppliedFilterList',
    { ParameterNames: ['IP'], ParameterValues: ['10.0.0.1'] },
    { ParameterNames: ['IP'], ParameterValues: ['10.0.0.2'] },
  ],
];

describe.each(CASES)('%s', (className, first, second) => {
  const open = async () => {
    const w = make();
    const [read] = await all(w.objects.enumerate('', className));
    const put = (each: Instance) => w.objects.modify(w.objects.pathOf('', each), each, admin);
    return { w, put, read: read! };
  };

  it('is refused when it was changed since it was read', async () => {
    const { put, read } = await open();
    const after = await put(changed(read, first));
    expect(after.properties.get('Generation')).not.toBe(read.properties.get('Generation'));
    await expect(put(changed(read, second))).rejects.toMatchObject({ code: 'STALE' });
    await put(changed(after, second));
  });

  it('is written by whoever names no generation', async () => {
    const { put, read } = await open();
    await put(changed(read, first));
    await put(changed(read, { ...second, Generation: undefined }));
  });
});

describe('a binding', () => {
  const parameters = (value: string) => ({ ParameterNames: ['IP'], ParameterValues: [value] });

  it('that two write at once without a generation is that of the first, and the other is told', async () => {
    const { gateway } = await openTestGateway(temporaryDirectory());
    await gateway.define(doc('web', ruleText(25)), {}, ADMIN);
    await gateway.bind(bound('vnet0', 'web'), {}, ADMIN);
    const objects = objectManager(gateway, fakeMapping(), { systemName: HOST, renderPort: () => '' });
    const [read] = await all(objects.enumerate('', 'NWG_AppliedFilterList'));
    const path = objects.pathOf('', read!);
    const put = (value: string) =>
      objects.modify(path, changed(read!, { ...parameters(value), Generation: undefined }), admin);
    const [first, second] = await Promise.allSettled([put('10.0.0.1'), put('10.0.0.2')]);
    expect(first.status).toBe('fulfilled');
    expect(second).toMatchObject({ status: 'rejected', reason: { code: 'STALE' } });
    expect(gateway.bindings()).toMatchObject([{ parameters: [{ name: 'IP', value: '10.0.0.1' }] }]);
  });

  it('is not removed in place of another that took the port meanwhile', async () => {
    const { gateway } = await openTestGateway(temporaryDirectory());
    for (const name of ['web', 'dns']) await gateway.define(doc(name, ruleText(25)), {}, ADMIN);
    await gateway.bind(bound('vnet0', 'web'), {}, ADMIN);
    const objects = objectManager(gateway, fakeMapping(), { systemName: HOST, renderPort: () => '' });
    const [read] = await all(objects.enumerate('', 'NWG_AppliedFilterList'));
    const rebound = gateway.bind(bound('vnet0', 'dns'), { replace: true }, ADMIN);
    await expect(objects.remove(objects.pathOf('', read!), admin)).rejects.toMatchObject({ code: 'STALE' });
    await rebound;
    expect(gateway.bindings()).toMatchObject([{ filter: 'dns' }]);
  });
});

describe('an entry', () => {
  it('is not made stale by what happens to others of its filter', async () => {
    const { objects } = make();
    const [one] = await all(objects.enumerate('', 'NWG_IPHeadersFilter'));
    const [other] = await all(objects.enumerate('', 'NWG_AnyFilter'));
    await objects.modify(objects.pathOf('', other!), changed(other!, { Action: 1 }), admin);
    await objects.modify(objects.pathOf('', one!), changed(one!, { Action: 1 }), admin);
  });

  it('may be created as a copy, with the generation of the original in it', async () => {
    const { objects } = make();
    const [one] = await all(objects.enumerate('', 'NWG_IPHeadersFilter'));
    const path = await objects.create('', changed(one!, { Name: 'web:' }), admin);
    expect((await objects.get(path)).properties.get('HdrDestPortStart')).toBe(25);
  });

  it('shows and checks the generation through its base class too', async () => {
    const { objects } = make();
    const [one] = await all(objects.enumerate('', 'NWG_AnyFilter'));
    const base = instance('CIM_FilterEntryBase', { Generation: 1n });
    await expect(objects.modify(objects.pathOf('', one!), base, admin)).rejects.toMatchObject({
      code: 'STALE',
    });
  });
});
