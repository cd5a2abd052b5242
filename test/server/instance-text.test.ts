/** The text of instances, made by tables, says what the tree of the same instance says. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { embeddedNamespace, encodeInstance } from '../../src/cim/encode.js';
import type { CimValue, Instance } from '../../src/cim/instance.js';
import type { PropertyRow } from '../../src/cim/rows.js';
import { CLASSES, propertiesOf } from '../../src/cim/schema.js';
import { instance, listPath } from '../../src/cim/views.js';
import { familiarText, instanceText, scopesOf, withMark } from '../../src/server/instance-text.js';
import { inVersion } from '../../src/wsman/epr.js';
import { type AddressingNs, NS } from '../../src/wsman/namespaces.js';
import { isElement } from '../../src/xml/element.js';
import { serialise, withoutIllegal } from '../../src/xml/serialise.js';

const EXAMPLES = {
  mac: '52:54:00:12:34:56',
  macmask: 'ff:ff:ff:00:00:00',
  address: '10.1.2.0',
  mask: '24',
  flowlabel: '0x00abcd',
} as const;

/** A value a property of that row may have, as text when it is one. */
function exampleOf(p: PropertyRow, text: string): CimValue {
  if (p.octets) return EXAMPLES[p.octets];
  if (p.type === 'reference') return listPath('host', text);
  if (p.type === 'instance') return instance('NWG_FilterList', { Name: text, CreationClassName: '' });
  if (p.type === 'boolean') return text.length % 2 === 0;
  const one = p.type === 'datetime' ? '20300101000000.000000+000' : p.type === 'string' ? text : text.length;
  return p.array ? [one, one] : one;
}

const instances: fc.Arbitrary<Instance> = fc
  .tuple(
    fc.constantFrom(...CLASSES),
    fc.string({ unit: 'binary', maxLength: 6 }).map(withoutIllegal),
    fc.infiniteStream(fc.boolean()),
  )
  .map(([row, text, picks]) => ({
    className: row.name,
    properties: new Map(
      propertiesOf(row)
        .filter(() => picks.next().value)
        .map((p) => [p.name, exampleOf(p, text)] as const),
    ),
  }));

/** The same by way of the tree. */
function byTree(made: Instance, addressing: AddressingNs, nil: boolean, keys: boolean): string {
  const element = inVersion(encodeInstance(made, { nil }), addressing);
  const named = new Set(CLASSES.flatMap((row) => propertiesOf(row).flatMap((p) => (p.key ? [p.name] : []))));
  const own = CLASSES.find(({ name }) => name === made.className)!;
  const isKey = (local: string) =>
    named.has(local) && propertiesOf(own).some((p) => p.key && p.name === local);
  const children = element.children.map((node) =>
    keys && isElement(node) && isKey(node.local) ? withMark(node) : node,
  );
  return serialise({ ...element, children }, scopesOf(element.ns, addressing, embeddedNamespace(made)).alone);
}

describe('the text of an instance', () => {
  it.each([
    [NS.wsa, true, false],
    [NS.wsa10, false, true],
  ])('in %s, nulls shown: %s, keys marked: %s, is that of its tree', (addressing, nil, keys) => {
    fc.assert(
      fc.property(instances, (made) => {
        expect(instanceText(made, { addressing, nil, keys })).toBe(byTree(made, addressing, nil, keys));
      }),
    );
  });

  it('kept from before is that of the instance and of the way it is shown', () => {
    const ways = [NS.wsa, NS.wsa10].flatMap((addressing) =>
      [true, false].flatMap((nil) => [true, false].map((keys) => ({ addressing, nil, keys }))),
    );
    fc.assert(
      fc.property(instances, fc.shuffledSubarray([...ways, ...ways]), (made, asked) => {
        for (const how of asked) expect(familiarText(made, how)).toBe(instanceText(made, how));
      }),
    );
  });
});
