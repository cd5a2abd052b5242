/** Whole filters → the whole text. UPDATE_GOLDENS=1 writes the files anew; read what changed. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { renderTool } from '../../src/compiler/render.js';
import { TOOLS } from '../../src/compiler/ruleset.js';
import { CASES } from './cases.js';

describe('golden rulesets', () => {
  it.each(CASES.flatMap((each) => TOOLS.map((tool) => [each.name, tool, each] as const)))(
    '%s, %s',
    (_, tool, { directory, ruleset }) => {
      const file = join(directory, tool);
      const text = renderTool(ruleset, tool);
      if (process.env.UPDATE_GOLDENS === '1') writeFileSync(file, text);
      expect(text).toBe(readFileSync(file, 'utf8'));
    },
  );
});
