/** docs/differences.md as data: the rows of its tables, by the constructs they name. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const PAGE = join(import.meta.dirname, '../../docs/differences.md');

/** Constructs in the first cell of a row whose verdicts are measured: between back quotes. */
export function constructsOnPurpose(): readonly string[] {
  const lines = readFileSync(PAGE, 'utf8').split('\n');
  const from = lines.indexOf('<!-- measured -->');
  const to = lines.indexOf('<!-- end -->', from);
  if (from < 0 || to < 0) throw new Error('docs/differences.md has no measured part');
  const cells = lines.slice(from, to).map((line) => /^\| (`[^|]*) \|/.exec(line)?.[1] ?? '');
  return cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name));
}
