/** From a change of the gateway to indications, through the real stylesheets. */
import { afterAll, describe, expect, it } from 'vitest';
import { type Changed, joined } from '../../src/app/changes.js';
import { stylesheetMapping } from '../../src/app/objects-filters.js';
import { objectManager } from '../../src/app/objects-manager.js';
import type { HostDiffers } from '../../src/app/reconcile.js';
import { type Instance, isInstance } from '../../src/cim/instance.js';
import type { Filter } from '../../src/model/filter.js';
import { temporaryDirectory } from '../support/directory.js';
import { anyEngine, pure } from '../support/engines.js';
import { ADMIN, bound, doc, openTestGateway, ref, rule } from '../support/gateway.js';
import { fakeGateway, fakeMapping, filter, named } from './objects-world.js';

afterAll(() => pure.close());

const SYSTEM = 'test.example';

async function watched() {
  const opened = await openTestGateway(temporaryDirectory(), { transform: anyEngine });
  const failures: unknown[] = [];
  const hostListeners: ((event: HostDiffers) => void)[] = [];
  const gateway = {
    ...opened.gateway,
    onHostDiffers: (listener: (event: HostDiffers) => void) => void hostListeners.push(listener),
  };
  const objects = objectManager(gateway, stylesheetMapping(anyEngine, SYSTEM), {
    systemName: SYSTEM,
    renderPort: () => '',
    unseen: (error) => failures.push(error),
  });
  const heard: Instance[] = [];
  const stop = objects.watch((indication) => heard.push(indication));
  /** What has been heard since, when nothing comes any more. */
  const told = async () => {
    let before = -1;
    for (let turn = 0; turn < 30 && (heard.length !== before || heard.length === 0); turn += 1) {
      before = heard.length;
      await new Promise((resolve) => setTimeout(resolve, 150));
    }
    expect(failures).toEqual([]);
    return heard.splice(0).map(shown);
  };
  return { ...opened, gateway, objects, heard, stop, told, hostListeners };
}

function source(indication: Instance, property = 'SourceInstance'): Instance {
  const value = indication.properties.get(property);
  if (!isInstance(value)) throw new Error(`${indication.className} has no ${property}`);
  return value;
}

/** `+ NWG_FilterList web`. */
function shown(indication: Instance): string {
  const sign = { CIM_InstCreation: '+', CIM_InstModification: '*', CIM_InstDeletion: '-' }[
    indication.className
  ];
  const of = source(indication);
  const ends = ['Name', 'DeviceID', 'GroupComponent', 'Antecedent', 'PartComponent', 'Dependent'];
  const keys = ends.filter((name) => of.properties.has(name)).map((name) => named(of, name));
  const names = of.className === 'NWG_NetworkPort' ? [keys[0]!] : keys;
  return `${sign} ${of.className} ${names.join(' ')}`.replaceAll(/:[0-9a-f]{6,}/g, ':ID');
}

describe('a change', () => {
  it('of a new filter tells of the list, its entries, and then what associates them', async () => {
    const { gateway, told } = await watched();
    await gateway.define(doc('web', rule(25)), {}, ADMIN);
    expect(await told()).toEqual([
      '+ NWG_FilterList web',
      '+ NWG_IPHeadersFilter web:ID',
      '+ NWG_EntriesInFilterList web web:ID',
      `+ NWG_HostedFilterList ${SYSTEM} web`,
      `+ NWG_HostedFilterEntry ${SYSTEM} web:ID`,
    ]);
    await gateway.undefine('web', ADMIN);
    expect(await told()).toEqual([
      `- NWG_HostedFilterEntry ${SYSTEM} web:ID`,
      `- NWG_HostedFilterList ${SYSTEM} web`,
      '- NWG_EntriesInFilterList web web:ID',
      '- NWG_IPHeadersFilter web:ID',
      '- NWG_FilterList web',
    ]);
  });

  it('of one rule tells of that rule, as it is and as it was', async () => {
    const { gateway, heard, told } = await watched();
    await gateway.define(doc('web', rule(25) + rule(80)), {}, ADMIN);
    await told();
    const stored = gateway.filter('web');
    const [first, ...others] = stored.value.entries;
    const changed = { ...stored.value, entries: [{ ...first!, priority: 7 }, ...others] };
    await gateway.putFilters([{ filter: changed as typeof stored.value, expected: stored.revision }], ADMIN);
    await new Promise((resolve) => setTimeout(resolve, 300));
    const [event] = heard;
    expect(source(event!).properties.get('Priority')).toBe(7);
    expect(source(event!, 'PreviousInstance').properties.get('Priority')).toBe(500);
    expect(event!.properties.get('SourceInstanceHost')).toBe(SYSTEM);
    expect(event!.properties.get('SourceInstanceModelPath')).toMatch(
      /^root\/nwgate:NWG_IPHeadersFilter\..*Name="web:/,
    );
    expect(await told()).toEqual(['* NWG_IPHeadersFilter web:ID']);
  });

  it('of a list, a reference or an order tells of these alone', async () => {
    const { gateway, told } = await watched();
    await gateway.define(doc('other', rule(1)), {}, ADMIN);
    await gateway.define(doc('web', rule(25)), {}, ADMIN);
    await told();
    const web = () => gateway.filter('web').value;
    await gateway.putFilters([{ filter: { ...web(), priority: 3 }, expected: undefined }], ADMIN);
    expect(await told()).toEqual(['* NWG_FilterList web']);
    const reference = { kind: 'filterref', filter: 'other', parameters: [] } as const;
    await gateway.putFilters(
      [{ filter: { ...web(), entries: [reference, ...web().entries] }, expected: undefined }],
      ADMIN,
    );
    expect(await told()).toEqual([
      '* NWG_EntriesInFilterList web web:ID',
      '+ NWG_NestedFilterList other web',
    ]);
  });

  it('of ports tells of the port and of what is applied to it', async () => {
    const { gateway, told } = await watched();
    await gateway.define(doc('web', rule(25)), {}, ADMIN);
    await gateway.define(doc('dns', rule(53)), {}, ADMIN);
    await told();
    await gateway.bind(bound('vnet0', 'web'), {}, ADMIN);
    expect(await told()).toEqual([
      '+ NWG_NetworkPort vnet0',
      expect.stringContaining('vnet0'),
      '+ NWG_AppliedFilterList web vnet0',
    ]);
    await gateway.bind({ ...bound('vnet0', 'web'), mac: '52:54:00:12:34:56' }, { replace: true }, ADMIN);
    expect(await told()).toEqual(['* NWG_NetworkPort vnet0']);
    await gateway.bind({ ...bound('vnet0', 'dns'), mac: '52:54:00:12:34:56' }, { replace: true }, ADMIN);
    expect(await told()).toEqual(['- NWG_AppliedFilterList web vnet0', '+ NWG_AppliedFilterList dns vnet0']);
    await gateway.unbind('vnet0', ADMIN);
    expect(await told()).toEqual([
      '- NWG_AppliedFilterList dns vnet0',
      expect.stringContaining('vnet0'),
      '- NWG_NetworkPort vnet0',
    ]);
  });

  it('that fails, that changes nothing, or that nobody watches, tells nothing', async () => {
    const { gateway, heard, host, stop, told } = await watched();
    await gateway.define(doc('web', rule(25)), {}, ADMIN);
    await gateway.bind(bound('vnet0', 'web'), {}, ADMIN);
    await told();
    host.refuses = () => true;
    await expect(gateway.define(doc('web', rule(26)), {}, ADMIN)).rejects.toThrow();
    host.refuses = () => false;
    await gateway.define(doc('web', rule(25)), {}, ADMIN);
    stop();
    await gateway.define(doc('late', ref('web')), {}, ADMIN);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(heard).toEqual([]);
  });

  it('tells each step of many, in the order in which they were made', async () => {
    const { gateway, told } = await watched();
    for (let port = 1; port <= 5; port += 1) {
      await gateway.define(doc('web', rule(port)), {}, ADMIN);
      await gateway.undefine('web', ADMIN);
    }
    const lists = (await told()).filter((line) => line.includes('NWG_FilterList'));
    expect(lists).toEqual(Array.from({ length: 10 }, (_, at) => `${at % 2 ? '-' : '+'} NWG_FilterList web`));
  });
});

describe('a host that was changed by somebody else', () => {
  it.each([
    [undefined, 'NWG1', 3],
    ['the tool is gone', 'NWG2', 5],
  ])('is an alert (failure %s)', async (failure, id, severity) => {
    const { heard, hostListeners } = await watched();
    const difference = {
      kind: 'rule-missing',
      tool: 'iptables',
      chain: 'nwg-x',
      ports: ['vnet0'],
      expected: '-j DROP',
      found: undefined,
      source: undefined,
    } as const;
    for (const listener of hostListeners) listener({ differences: [difference], failure });
    expect(heard).toHaveLength(1);
    expect(heard[0]!.className).toBe('NWG_HostAlert');
    expect(Object.fromEntries(heard[0]!.properties)).toMatchObject({
      MessageID: id,
      PerceivedSeverity: severity,
      SystemName: SYSTEM,
      Differences: [expect.stringContaining('iptables nwg-x, port vnet0')],
    });
  });
});

describe('two changes as one', () => {
  const change = (before: string | undefined, after: string | undefined) => ({
    filters: new Map([['web', { before, after }]]),
    bindings: new Map(),
  });

  it.each([
    ['a', 'b', 'b', 'c', [['web', { before: 'a', after: 'c' }]]],
    [undefined, 'a', 'a', undefined, []],
    ['a', undefined, undefined, 'b', [['web', { before: 'a', after: 'b' }]]],
  ])('%s → %s and %s → %s', (a, b, c, d, wanted) => {
    const both = joined(change(a, b) as never, change(c, d) as never);
    expect([...both.filters]).toEqual(wanted);
  });
});

describe('changes that come faster than the stylesheets', () => {
  it('are kept by themselves up to a number, and joined beyond it, so that the last state is told', async () => {
    let onChange: ((change: Changed) => void) | undefined;
    const gateway = fakeGateway([]);
    const mapping = fakeMapping();
    let open = () => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    const slow = { ...mapping, toInstances: (each: Filter) => gate.then(() => mapping.toInstances(each)) };
    const objects = objectManager(
      {
        ...gateway,
        onChange(listener) {
          onChange = listener;
          return () => undefined;
        },
      },
      slow,
      { systemName: SYSTEM, renderPort: () => '' },
    );
    const heard: Instance[] = [];
    objects.watch((indication) => heard.push(indication));
    const state = (priority: number): Filter => ({ ...filter('web'), priority });
    let before = state(0);
    for (let priority = 1; priority <= 1000; priority += 1) {
      const after = state(priority);
      onChange!({ filters: new Map([['web', { before, after }]]), bindings: new Map() });
      before = after;
    }
    open();
    await expect.poll(() => heard.length, { timeout: 10_000 }).toBe(257);
    const told = heard.map((event) => source(event).properties.get('Priority'));
    expect(told).toEqual([...Array.from({ length: 256 }, (_, index) => index + 1), 1000]);
    expect(source(heard[256]!, 'PreviousInstance').properties.get('Priority')).toBe(256);
  });
});
