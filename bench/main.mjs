/**
 * One table: each row a piece of work, our figure, the reference's from the same run, their ratio, how ours grows from size to
 * size, and whether the reach is met. `npm run bench -- [WORDS OF A NAME…] [--libvirt] [--soak] [--json FILE]`, see docs/performance.md.
 */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { compileRows } from './compile.mjs';
import { frameRows } from './frames.mjs';
import { gatewayRows } from './gateway.mjs';
import { hostRows } from './host.mjs';
import { importRows } from './import.mjs';
import { soakRows } from './soak.mjs';
import { heading, lineOf, runRow, skipped } from './table.mjs';
import { transformRows } from './transform.mjs';
import { lacksKernel, must, namespace } from './world.mjs';
import { wsmanRows } from './wsman.mjs';

const ROWS = [
  ...compileRows,
  ...hostRows,
  ...frameRows,
  ...gatewayRows,
  ...transformRows,
  ...importRows,
  ...wsmanRows,
  ...soakRows,
];

if (lacksKernel() === undefined && process.env.NWBENCH_INSIDE === undefined) process.exit(inside());
await bench(process.argv.slice(2));
process.exit();

/** All of it in a network namespace of its own: what the tools are fed there is what they would be fed on a host. */
function inside() {
  const space = namespace();
  try {
    must('ip', ['-n', space.name, 'link', 'set', 'lo', 'up']);
    const again = ['netns', 'exec', space.name, process.execPath, ...process.argv.slice(1)];
    const { status } = spawnSync('ip', again, {
      stdio: 'inherit',
      env: { ...process.env, NWBENCH_INSIDE: space.name },
    });
    return status ?? 1;
  } finally {
    space.remove();
  }
}

async function bench(args) {
  const jsonAt = args.indexOf('--json');
  const [, file] = jsonAt < 0 ? [] : args.splice(jsonAt, 2);
  const options = new Set(args.filter((arg) => arg.startsWith('--')));
  const words = args.filter((arg) => !options.has(arg));
  const results = [];
  console.log(heading());
  for (const row of ROWS.filter(
    ({ name }) => words.length === 0 || words.some((word) => name.includes(word)),
  )) {
    const reason = row.option && !options.has(row.option) ? `only with ${row.option}` : row.lacks?.();
    if (reason) console.log(skipped(row, reason));
    else
      results.push(
        ...(await runRow(row, (result) => console.log(lineOf(result))).catch((error) => {
          console.log(skipped(row, error.message));
          process.exitCode = 1;
          return [];
        })),
      );
    if (file) writeFileSync(file, `${JSON.stringify(results, null, 2)}\n`);
  }
}
