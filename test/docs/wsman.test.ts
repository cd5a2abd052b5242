/** docs/wsman.md names everything of the protocol, and where it is tested. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ENUMERATION_MODES, POLYMORPHISM_MODES } from '../../src/wsman/enumeration.js';
import { FAULTS } from '../../src/wsman/faults.js';
import { ACTION, DELIVERY_MODE, DIALECT, EVENT_ACTION } from '../../src/wsman/namespaces.js';

const ROOT = join(import.meta.dirname, '../..');
const SECTION = '## What is tested where';
const text = readFileSync(join(ROOT, 'docs/wsman.md'), 'utf8');
const rows = text
  .slice(text.indexOf(SECTION))
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('|---'))
  .map((line) => line.slice(1, -1).split(' | '));
const bodies = rows.filter((cells) => cells.at(-1)?.trim() !== 'tested in');

const filesIn = (cell = '') => [...cell.matchAll(/`([\w/-]+\.test\.ts)`/g)].map(([, file]) => file!);
const rowOf = (name: string) => bodies.find((cells) => cells.slice(0, -1).join(' ').includes(`\`${name}\``));

const NAMES = [
  ...Object.keys(FAULTS),
  ...[ACTION, EVENT_ACTION, DELIVERY_MODE, DIALECT].flatMap((table) => Object.values(table)),
  ...ENUMERATION_MODES,
  ...POLYMORPHISM_MODES,
];

const goldens = readdirSync(join(ROOT, 'test/data/wsman')).map((name) =>
  readFileSync(join(ROOT, 'test/data/wsman', name, 'response.xml'), 'utf8'),
);
const sources = ['server', 'wsman', 'app', 'cim'].flatMap((room) =>
  readdirSync(join(ROOT, 'src', room))
    .filter((file) => file.endsWith('.ts') && file !== 'faults.ts')
    .map((file) => readFileSync(join(ROOT, 'src', room, file), 'utf8')),
);
const raises = (source: string, fault: string, detail?: string) =>
  new RegExp(`soapFault\\(\\s*'${fault}'${detail === undefined ? '' : `,\\s*'${detail}'`}`).test(source);

describe('what is tested where', () => {
  it.each(NAMES)('%s has a row', (name) => {
    expect(rowOf(name)).toBeDefined();
  });

  it('names tests that are there, or why there are none', () => {
    expect(bodies.length).toBeGreaterThan(60);
    const wrong = bodies.filter((cells) => {
      const where = cells.at(-1) ?? '';
      const files = filesIn(where);
      const never = /^ ?never answered: \S/.test(where);
      return never === files.length > 0 || files.some((file) => !existsSync(join(ROOT, 'test', file)));
    });
    expect(wrong).toEqual([]);
  });

  const details = Object.entries(FAULTS).flatMap(([fault, { details }]) =>
    details.map((detail) => [fault, detail] as const),
  );
  it.each(details)(
    '%s with the detail %s is seen by a test that a row names, or raised nowhere',
    (fault, detail) => {
      const row = bodies.find(
        ([first = '']) => first.startsWith(` \`${fault}\`: `) && first.includes(`\`${detail}\``),
      );
      if (row === undefined) return expect(sources.filter((text) => raises(text, fault, detail))).toEqual([]);
      const files = filesIn(row.at(-1));
      const seen = (file: string) =>
        readFileSync(join(ROOT, 'test', file), 'utf8').includes(detail) ||
        (file === 'server/goldens.test.ts' && goldens.some((text) => text.includes(`/${detail}<`)));
      expect(files.filter((file) => !seen(file))).toEqual([]);
    },
  );

  it.each(Object.keys(FAULTS))('%s is seen by a test that the row names', (fault) => {
    const files = filesIn(rowOf(fault)?.at(-1));
    const golden = goldens.some((text) => text.includes(`<s:Value>${fault}<`));
    for (const file of files) {
      const seen = readFileSync(join(ROOT, 'test', file), 'utf8').includes(fault);
      expect(seen || (file === 'server/goldens.test.ts' && golden), `${fault} in ${file}`).toBe(true);
    }
  });

  it('a fault that is never answered is raised nowhere', () => {
    const raised = Object.keys(FAULTS).filter((fault) => sources.some((text) => raises(text, fault)));
    const never = Object.keys(FAULTS).filter((fault) => filesIn(rowOf(fault)?.at(-1)).length === 0);
    expect(never.filter((fault) => raised.includes(fault))).toEqual([]);
  });
});
