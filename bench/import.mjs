/** `nwgate import` of a document, the whole command, with each engine; beside xsltproc alone on the same policy as WS-CIM. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compare } from './measure.mjs';
import { built, DIST, lacks, must, ROOT, tcpFilter } from './world.mjs';

const { writePolicy } = await built('app/forms.js');
const { builtin } = await built('xslt/builtin.js');
const { inParts } = await built('xslt/parts.js');

/** Seconds for ten thousand entries, by engine; and MiB of our process. */
const MOST = { xsltproc: 5, 'built-in': 20 };
const MEMORY = 500;

/** Tells on descriptor 3 how much memory the process held at its most, in MiB. */
const TELL_MEMORY = `data:text/javascript,${encodeURIComponent(
  `import { writeSync } from 'node:fs';
   process.on('exit', () => writeSync(3, String(process.resourceUsage().maxRSS >> 10)));`,
)}`;

/** A PATH on which there is what the command needs, and no xsltproc. */
function pathWithout(directory) {
  mkdirSync(directory);
  for (const tool of ['flock', 'cat'])
    symlinkSync(must('sh', ['-c', `command -v ${tool}`]).trim(), join(directory, tool));
  return directory;
}

async function document(form, size, lists) {
  const engine = builtin();
  const filters = Array.from({ length: lists }, (_, index) =>
    tcpFilter(size / lists, index, `bench${index}`),
  );
  const context = { transform: inParts(engine.transform), systemName: 'host' };
  const written = await writePolicy(form, filters, context);
  await engine.close();
  return written.document;
}

function row(engine, lists, sizes, form = 'wscim') {
  const name = lists === 1 ? 'one list' : `${lists} lists`;
  return {
    name: `import a policy of N entries in ${name}, ${form}, ${engine}`,
    reach: `10,000 in < ${MOST[engine]} s and < ${MEMORY} MiB`,
    met: ({ size, ours, memory }) => (size < 10_000 ? undefined : ours < MOST[engine] && memory < MEMORY),
    sizes,
    lacks: () => lacks('xsltproc'),
    async run(size) {
      const directory = mkdtempSync(join(tmpdir(), 'nwbench-'));
      const [file, neutral, state] = ['policy.xml', 'neutral.xml', 'state'].map((part) =>
        join(directory, part),
      );
      const PATH = engine === 'xsltproc' ? process.env.PATH : pathWithout(join(directory, 'bin'));
      writeFileSync(file, await document(form, size, lists));
      writeFileSync(neutral, await document('wscim', size, 1));
      const command = [join(DIST, 'cli/main.js'), '--state', state, '--host', 'dry-run', 'import', file];
      let memory = 0;
      const figures = await compare({
        repeat: 1,
        prepare: () => rmSync(state, { recursive: true, force: true }),
        ours: () => {
          const { status, output } = spawnSync(process.execPath, ['--import', TELL_MEMORY, ...command], {
            env: { ...process.env, PATH },
            encoding: 'utf8',
            stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
          });
          if (status !== 0) throw new Error(output[2]);
          memory = Number(output[3]);
        },
        reference: () =>
          must('xsltproc', ['-o', '/dev/null', join(ROOT, 'xslt/wscim-to-nwfilter.xsl'), neutral]),
      });
      rmSync(directory, { recursive: true });
      return { ...figures, memory, note: `${memory} MiB at most` };
    },
  };
}

export const importRows = [
  row('xsltproc', 1, [1_000, 10_000]),
  row('xsltproc', 100, [1_000, 10_000]),
  row('xsltproc', 100, [10_000], 'mof'),
  row('built-in', 1, [1_000, 10_000]),
  row('built-in', 100, [1_000, 10_000]),
];
