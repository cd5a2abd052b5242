import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cimSchemaFiles } from '../../src/cim/schema-files.js';

const SCHEMAS = join(import.meta.dirname, '../../schemas');
const files = cimSchemaFiles();

if (process.env.UPDATE_GOLDENS) {
  for (const [path, text] of files) {
    mkdirSync(dirname(join(SCHEMAS, path)), { recursive: true });
    writeFileSync(join(SCHEMAS, path), text);
  }
}

describe('the files in schemas/', () => {
  it.each([...files.keys()])('%s is what the class tables say', (path) => {
    expect(readFileSync(join(SCHEMAS, path), 'utf8')).toBe(files.get(path));
  });

  it('hold no class that is gone', () => {
    const there = readdirSync(join(SCHEMAS, 'wscim')).map((name) => `wscim/${name}`);
    expect(there.filter((path) => !files.has(path))).toEqual([]);
  });

  it('describe a class in MOF', () => {
    const mof = files.get('nwgate.mof')!;
    expect(mof).toContain('class NWG_IPHeadersFilter : CIM_IPHeadersFilter {');
    expect(mof).toContain(`  [Description("the frame's source MAC address")]`.replace('[', '[OctetString, '));
    expect(mof).toMatch(/sint16 Priority = 500;/);
    expect(mof).toMatch(/\[Key, Override\("Dependent"\)\]\n {2}CIM_NetworkPort REF Dependent;/);
    expect(mof).toMatch(/BitMap \{ "0", "1", "2", "3", "4", "5" \}, BitValues \{ "FIN", "SYN"/);
    expect(mof).toMatch(/uint32 RemoveFilterList\(\n {4}\[In, Required, /);
    expect(mof.split('{').length).toBe(mof.split('}').length);
  });
});
