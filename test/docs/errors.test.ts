/** docs/errors.md is the error catalogue, row by row; UPDATE_GOLDENS=1 writes it anew. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { CATALOGUE } from '../../src/model/errors.js';

const FILE = join(import.meta.dirname, '../../docs/errors.md');

it('docs/errors.md lists every code with its exit code, meaning and remedy', () => {
  const rows = Object.entries(CATALOGUE).map(
    ([code, { exit, summary, remedy }]) => `| \`${code}\` | ${exit} | ${summary} | ${remedy} |`,
  );
  const page = `# Errors

Every error has one of these codes. \`exit\` is the exit code of the command line; over WS-Management the code decides the SOAP fault
and stands in its detail. Generated from \`src/model/errors.ts\`.

| code | exit | means | what to do |
|---|---|---|---|
${rows.join('\n')}
`;
  if (process.env.UPDATE_GOLDENS === '1') writeFileSync(FILE, page);
  expect(readFileSync(FILE, 'utf8')).toBe(page);
});
