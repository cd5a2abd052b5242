/** Documents that go through an engine together: no more at once than may, and each becomes what it becomes alone. */
import { setImmediate } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import type { Sheet, Transform } from '../../src/mapping/transform.js';
import { type Element, el, elements } from '../../src/xml/element.js';
import { filterElement } from '../../src/xml/nwfilter-write.js';
import { NWG_NS } from '../../src/xml/vocabulary.js';
import { together } from '../../src/xslt/together.js';
import { libxslt, noXsltproc, pure } from '../support/engines.js';
import { EVERY_ATTRIBUTE } from '../support/every-attribute.js';

afterAll(() => pure.close());

const filter = (name: string, rules = 3) =>
  el('', 'filter', { name }, ...Array.from({ length: rules }, () => el('', 'rule')));

/** An engine that answers what it is given, fails on the filter `bad`, and tells of each run how many documents it had. */
function fake() {
  const runs: number[] = [];
  let underWay = 0;
  let most = 0;
  const transform: Transform = async (_, document): Promise<Element> => {
    underWay += 1;
    most = Math.max(most, underWay);
    const documents = document.ns === NWG_NS ? elements(document) : [document];
    runs.push(documents.length);
    for (let turn = 0; turn < 3; turn += 1) await setImmediate();
    underWay -= 1;
    if (documents.some(({ attributes }) => attributes[0]?.value === 'bad')) throw new Error('no');
    return document;
  };
  return { transform, runs, most: () => most };
}

const TO_CIM = 'nwfilter-to-wscim';

describe('documents that wait', () => {
  it('go together, and no more runs are under way than may', async () => {
    const { transform, runs, most } = fake();
    const run = together(transform, 2);
    const names = Array.from({ length: 20 }, (_, index) => `f${index}`);
    const made = await Promise.all(names.map((name) => run(TO_CIM, filter(name), { systemName: 'h' })));
    expect(made).toEqual(names.map((name) => filter(name)));
    expect(runs).toEqual([1, 1, 18]);
    expect(most()).toBeLessThanOrEqual(2);
  });

  it('are no more than one part of a long one', async () => {
    const { transform, runs } = fake();
    const run = together(transform, 1);
    await Promise.all(['a', 'b', 'c', 'd', 'e'].map((name) => run(TO_CIM, filter(name, 400))));
    expect(runs).toEqual([1, 2, 2]);
  });

  it('go alone where the sheet or a parameter is another, or the sheet takes one only', async () => {
    const { transform, runs } = fake();
    const run = together(transform, 1);
    const given: (readonly [Sheet, string])[] = [
      [TO_CIM, 'h'],
      [TO_CIM, 'h'],
      [TO_CIM, 'g'],
      ['wscim-to-nwfilter', 'h'],
      ['draft-to-nwfilter', 'h'],
      ['draft-to-nwfilter', 'h'],
    ];
    await Promise.all(given.map(([sheet, systemName]) => run(sheet, filter('f'), { systemName })));
    expect(runs).toEqual([1, 1, 1, 1, 1, 1]);
  });

  it('do not suffer for one that fails', async () => {
    const run = together(fake().transform, 1);
    const outcomes = await Promise.allSettled(
      ['a', 'b', 'bad', 'c'].map((name) => run(TO_CIM, filter(name))),
    );
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
    await expect(run(TO_CIM, filter('d'))).resolves.toEqual(filter('d'));
  });

  it('are found out when the engine loses one', async () => {
    const losing: Transform = async (_, document) =>
      document.ns === NWG_NS ? { ...document, children: document.children.slice(1) } : document;
    const run = together(losing, 1);
    const [alone, ...lost] = ['a', 'b', 'c'].map((name) => run(TO_CIM, filter(name)));
    await expect(alone).resolves.toEqual(filter('a'));
    for (const each of lost) await expect(each).rejects.toMatchObject({ code: 'INTERNAL' });
  });
});

describe.each([
  ['built-in', pure.transform, undefined],
  ['xsltproc', libxslt, noXsltproc],
] as const)('with %s', (_name, engine, lacks) => {
  it.skipIf(lacks)('each becomes what it becomes alone', { timeout: 60_000 }, async () => {
    const runs: number[] = [];
    const counted: Transform = (sheet, document, parameters) => {
      runs.push(document.ns === NWG_NS ? elements(document).length : 1);
      return engine(sheet, document, parameters);
    };
    const run = together(counted, 1);
    const check = async (sheet: Sheet, documents: readonly Element[], parameters = {}) => {
      const alone: Element[] = [];
      for (const document of documents) alone.push(await engine(sheet, document, parameters));
      runs.length = 0;
      const made = await Promise.all(documents.map((document) => run(sheet, document, parameters)));
      expect(made).toEqual(alone);
      expect(Math.max(...runs)).toBeGreaterThan(1);
      return made;
    };
    const native = EVERY_ATTRIBUTE.map((each) => filterElement(each, { identities: true }));
    const instances = await check(TO_CIM, native, { systemName: 'h' });
    await check('wscim-to-nwfilter', instances);
    await check('foreign-to-wscim', await check('wscim-to-foreign', instances, { classes: 'kvm' }));
  });
});
