/**
 * One table: each row a piece of work, our figure, the reference's from the same run, their ratio and how it grows. Absolute
 * times are noise on shared machines: judge ratios and growth. `npm run bench -- [ROW…] [--json FILE]`.
 */
import { writeFileSync } from 'node:fs';
import { compileRows } from './compile.mjs';
import { hostRows } from './host.mjs';
import { transformRows } from './transform.mjs';

const ROWS = [...compileRows, ...hostRows, ...transformRows];

const args = process.argv.slice(2);
const jsonAt = args.indexOf('--json');
const jsonFile = jsonAt >= 0 ? args.splice(jsonAt, 2)[1] : undefined;
const wanted = ROWS.filter(({ name }) => args.length === 0 || args.some((arg) => name.includes(arg)));

const ms = (seconds) => (seconds === undefined ? '–' : `${(seconds * 1000).toFixed(1)} ms`);
const line = (cells) =>
  cells.map((cell, index) => String(cell).padEnd([44, 8, 12, 12, 8, 24][index])).join(' ');

const results = [];
console.log(line(['work', 'size', 'ours', 'reference', 'ratio', 'reach']));
for (const { name, reach, sizes, lacks, run } of wanted) {
  const reason = lacks?.();
  if (reason) {
    console.log(line([name, '–', `skipped: ${reason}`]));
    continue;
  }
  for (const size of sizes) {
    const { ours, reference, note } = await run(size);
    const ratio = reference === undefined ? undefined : ours / reference;
    results.push({ name, size, ours, reference, ratio, note });
    console.log(line([name, size, ms(ours), ms(reference), ratio?.toFixed(2) ?? '–', note ?? reach ?? '']));
  }
}
if (jsonFile) writeFileSync(jsonFile, `${JSON.stringify(results, null, 2)}\n`);
process.exit();
