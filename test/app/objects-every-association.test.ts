/** Each association there is, walked from each of its ends with every narrowing. */
import { describe, expect, it } from 'vitest';
import type { AssociationQuery, Found } from '../../src/app/objects.js';
import { type Instance, isObjectPath, type ObjectPath } from '../../src/cim/instance.js';
import { formatPath, pathOfInstance } from '../../src/cim/path.js';
import { CLASSES, lineage } from '../../src/cim/schema.js';
import type { SubscriptionView } from '../../src/cim/subscription-views.js';
import { all, bindingOf, fakeGateway, filter, reference, rule, world } from './objects-world.js';

const VIEW: SubscriptionView = {
  id: 'uuid:1',
  owner: 'amy',
  filter: {
    name: undefined,
    query: 'SELECT * FROM CIM_InstCreation',
    language: 'WQL',
    source: 'root/nwgate',
  },
  mode: 'pull',
  destination: undefined,
  endTo: undefined,
  encoding: 'UTF-8',
  heartbeat: undefined,
  maxTime: undefined,
  started: '2026-01-02T03:04:05.678Z',
  duration: 60_000,
  remaining: 30_000,
};

function make() {
  const filters = [filter('web', rule('r1', 'tcp', {}), reference('base')), filter('base')];
  const { objects } = world(fakeGateway(filters, { bindings: [bindingOf('vnet0', 'web')] }));
  objects.watch(() => undefined, { subscriptions: () => [VIEW], end: () => undefined });
  return objects;
}

const KINDS = CLASSES.filter(({ association, namespaces }) => association && namespaces).flatMap((row) =>
  row.namespaces!.map((space) => [row.name, space, row] as const),
);

async function names(found: AsyncIterable<Found>): Promise<readonly string[]> {
  const list: string[] = [];
  for await (const { path } of found) list.push(formatPath(path));
  return list;
}

const endsOf = (link: Instance) =>
  [...link.properties].filter((end): end is [string, ObjectPath] => isObjectPath(end[1]));

it('there are all kinds', () => {
  expect(KINDS.map(([name]) => name)).toEqual(
    expect.arrayContaining([
      'NWG_NestedFilterList',
      'CIM_ElementConformsToProfile',
      'CIM_IndicationSubscription',
    ]),
  );
  expect(KINDS.length).toBeGreaterThan(9);
});

describe.each(KINDS)('%s in %s', (name, space, row) => {
  it('is found from both ends, by its class and those above, by role and result role', async () => {
    const objects = make();
    const links = (await all(objects.enumerate(space, name))).filter(({ className }) => className === name);
    expect(links.length).toBeGreaterThan(0);
    for (const link of links) {
      const self = formatPath(pathOfInstance(space, link));
      for (const [near, from] of endsOf(link)) {
        // A profile is not known where its element is, but its association is: from here only what is in this namespace.
        if (from.namespace !== space) continue;
        const [[far, to]] = endsOf(link).filter(([role]) => role !== near) as [[string, ObjectPath]];
        for (const { name: associationClass } of lineage(row)) {
          const found = await names(objects.references(from, { associationClass, role: near.toLowerCase() }));
          expect(found).toContain(self);
        }
        const hits = (query: AssociationQuery) => names(objects.associators(from, query));
        const narrow = { associationClass: name, role: near, resultRole: far, resultClass: to.className };
        expect(await hits(narrow)).toContain(formatPath(to));
        expect(await hits({ ...narrow, resultRole: near })).toEqual([]);
        expect(await hits({ ...narrow, resultClass: 'CIM_RegisteredSpecification' })).toEqual(
          to.className === 'CIM_RegisteredProfile' ? [formatPath(to)] : [],
        );
      }
    }
  });
});
